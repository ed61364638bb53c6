// The outbox: texts written here that the server has not yet answered for.
// Plain functions from one list to the next. A text is
//
//   { id, text, of, seen, anyway, state, reason?, newer?, seq?, at, author }
//
// of: the place of the text that it says once more, or 0. state: "sending" (may
// or may not have reached the server), "kept" (it did; its entry is on the way),
// "refused" (nothing was kept; reason says why).

// originOf is the origin that the entry of an outbox text will carry.
export const originOf = id => "agent:" + id

export function written(outbox, { id, text, of = 0, seen, at, author }) {
  if (outbox.some(m => m.id === id)) return outbox
  return [...outbox, { id, text, of, seen, at, author, anyway: false, state: "sending" }]
}

// repeated says the text at place of once more, unless that is being done. An
// earlier wish for it that was refused gives way.
export function repeated(outbox, text) {
  if (outbox.some(m => m.of === text.of && m.state !== "refused")) return outbox
  return written(outbox.filter(m => m.of !== text.of), text)
}

export function kept(outbox, id, seq) {
  return change(outbox, id, m => ({ ...m, state: "kept", seq, reason: undefined, newer: undefined }))
}

// refused marks a text that the server did not keep. One that it did keep stays
// kept: an answer to an earlier copy of the same frame may come late.
export function refused(outbox, id, { code, text, newer = [] }) {
  return change(outbox, id, m => m.state === "kept" ? m : { ...m, state: "refused", reason: { code, text }, newer })
}

// again sends a refused text once more, under the same id: whatever became of
// the first copy, there is at most one SMS.
export function again(outbox, id, { anyway, seen, author }) {
  return change(outbox, id, m => m.state !== "refused" ? m
    : { ...m, state: "sending", anyway: m.anyway || anyway, seen, author, reason: undefined, newer: undefined })
}

export const dropped = (outbox, id) => outbox.filter(m => m.id !== id || m.state !== "refused")

// settled leaves out what the transcript already shows. last is the newest seq
// known: a kept text at or before it has its entry there, or further up.
export function settled(outbox, entries, last) {
  if (!outbox.length) return outbox
  const origins = new Set()
  for (const entry of entries) if (entry.origin) origins.add(entry.origin)
  const open = outbox.filter(m => !origins.has(originOf(m.id)) && !(m.state === "kept" && m.seq <= last))
  return open.length === outbox.length ? outbox : open
}

// disowned holds back texts that somebody else wrote: signing in as another
// person must not send them in that person's name.
export function disowned(outbox, agent) {
  const foreign = m => m.state === "sending" && m.author && m.author !== agent
  if (!outbox.some(foreign)) return outbox
  const reason = { code: "other_agent", text: "Somebody else wrote this before you signed in." }
  return outbox.map(m => foreign(m) ? { ...m, state: "refused", reason, newer: [] } : m)
}

export const unanswered = outbox => outbox.filter(m => m.state === "sending")

export function frameOf({ id, text, of, seen, anyway }) {
  return of ? { type: "again", id, seq: of, seen, anyway } : { type: "send", id, text, seen, anyway }
}

function change(outbox, id, to) {
  return outbox.some(m => m.id === id) ? outbox.map(m => m.id === id ? to(m) : m) : outbox
}
