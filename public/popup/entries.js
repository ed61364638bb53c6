// Entries: what is known of what was said. Plain functions from one state of the
// rules to the next; see there for what a state promises.

// visible lists what there is to show, in order.
export function visible(state) {
  const list = []
  for (let seq = state.floor; seq <= state.last; seq++) {
    const entry = state.entries.get(seq)
    if (entry) list.push(entry)
  }
  return list
}

// replaced forgets what was known in favour of a whole new view.
export function replaced(state, frame) {
  const entries = added(new Map(), frame.entries)
  const seqs = [...entries.keys()]
  return {
    ...state, entries, known: true, rev: frame.rev, epoch: frame.epoch, conversation: frame.conversation,
    floor: seqs.length ? Math.min(...seqs) : 1, last: seqs.length ? Math.max(...seqs) : 0,
    earlier: !!frame.earlier, fetching: false,
  }
}

// merged adds what happened since, or returns null if that leaves a hole.
export function merged(state, frame) {
  const entries = added(state.entries, frame.entries)
  const last = Math.max(state.last, ...frame.entries.map(e => e.seq))
  for (let seq = state.last + 1; seq <= last; seq++) if (!entries.has(seq)) return null
  const newer = frame.rev >= state.rev
  return { ...state, entries, last, rev: Math.max(state.rev, frame.rev), conversation: newer ? frame.conversation : state.conversation }
}

// added keeps the newest revision of each entry.
export function added(known, more) {
  const entries = new Map(known)
  for (const entry of more) {
    const old = entries.get(entry.seq)
    if (!old || entry.rev > old.rev) entries.set(entry.seq, entry)
  }
  return entries
}

// whole: places that follow each other, each once.
export const whole = seqs => new Set(seqs).size === Math.max(...seqs) - Math.min(...seqs) + 1
