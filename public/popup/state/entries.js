// The loaded entries of the conversation. Pure functions from one state to the next;
// rules.js has the state's invariant.

// visible returns the entries to show, in order.
export function visible(state) {
  const list = []
  for (let seq = state.floor; seq <= state.last; seq++) {
    const entry = state.entries.get(seq)
    if (entry) list.push(entry)
  }
  return list
}

// withSnapshot replaces everything with a frame that has reset set.
export function withSnapshot(state, frame) {
  const entries = withNewer(new Map(), frame.entries)
  const seqs = [...entries.keys()]
  return {
    ...state, entries, synced: true, rev: frame.rev, epoch: frame.epoch, conversation: frame.conversation,
    floor: seqs.length ? Math.min(...seqs) : 1, last: seqs.length ? Math.max(...seqs) : 0,
    earlier: !!frame.earlier, fetching: false,
  }
}

// withChanges adds a frame's entries, or returns null if one before them is missing.
export function withChanges(state, frame) {
  const entries = withNewer(state.entries, frame.entries)
  const last = Math.max(state.last, ...frame.entries.map(e => e.seq))
  for (let seq = state.last + 1; seq <= last; seq++) if (!entries.has(seq)) return null
  const newer = frame.rev >= state.rev
  return { ...state, entries, last, rev: Math.max(state.rev, frame.rev), conversation: newer ? frame.conversation : state.conversation }
}

// withNewer keeps the newest revision of each entry.
export function withNewer(entries, more) {
  const all = new Map(entries)
  for (const entry of more) {
    const old = all.get(entry.seq)
    if (!old || entry.rev > old.rev) all.set(entry.seq, entry)
  }
  return all
}

// contiguous reports whether the numbers are all different and have no gap.
export const contiguous = seqs => new Set(seqs).size === Math.max(...seqs) - Math.min(...seqs) + 1
