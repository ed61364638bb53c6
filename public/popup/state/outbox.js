// The outbox: texts written here that are not in the transcript yet. Pure functions
// from one list to the next. A text is
//
//   { id, text, of, seen, anyway, state, reason?, newer?, seq?, at, author }
//
// of: the seq of the text that it repeats, or 0. seen: the newest seq in front of the
// agent when it was written. state: "sending" (unanswered, it may have reached the
// server), "kept" (saved by the server; its entry is on the way) or "refused" (not
// saved; reason says why, newer has the entries that the agent had not seen).

// originOf returns the origin that the entry of an outbox text will have.
export const originOf = id => "agent:" + id

export function withText(outbox, { id, text, of = 0, seen, at, author }) {
  if (outbox.some(m => m.id === id)) return outbox
  return [...outbox, { id, text, of, seen, at, author, anyway: false, state: "sending" }]
}

// withRepeat adds a text that repeats the one at seq text.of, unless a repetition is
// under way. An earlier refused repetition is replaced.
export function withRepeat(outbox, text) {
  if (outbox.some(m => m.of === text.of && m.state !== "refused")) return outbox
  return withText(outbox.filter(m => m.of !== text.of), text)
}

export function withSaved(outbox, id, seq) {
  return replaced(outbox, id, m => ({ ...m, state: "kept", seq, reason: undefined, newer: undefined }))
}

// withRefusal marks a text that the server did not save. A saved text stays saved: the
// refusal may answer an earlier copy of the frame, and arrive late.
export function withRefusal(outbox, id, { code, text, newer = [] }) {
  return replaced(outbox, id, m => m.state === "kept" ? m : { ...m, state: "refused", reason: { code, text }, newer })
}

// withRetry sends a refused text once more. The id stays the same, so there is at
// most one SMS whatever happened to the first copy.
export function withRetry(outbox, id, { anyway, seen, author }) {
  return replaced(outbox, id, m => m.state !== "refused" ? m
    : { ...m, state: "sending", anyway: m.anyway || anyway, seen, author, reason: undefined, newer: undefined })
}

export const withoutRefused = (outbox, id) => outbox.filter(m => m.id !== id || m.state !== "refused")

// withoutShown drops texts that the transcript shows. last is the newest known seq: the
// entry of a saved text at or before it is loaded, or can be loaded.
export function withoutShown(outbox, entries, last) {
  if (!outbox.length) return outbox
  const origins = new Set()
  for (const entry of entries) if (entry.origin) origins.add(entry.origin)
  const open = outbox.filter(m => !origins.has(originOf(m.id)) && !(m.state === "kept" && m.seq <= last))
  return open.length === outbox.length ? outbox : open
}

// refuseForeign refuses unanswered texts of another agent: they must not be sent in
// this agent's name.
export function refuseForeign(outbox, agent) {
  const foreign = m => m.state === "sending" && m.author && m.author !== agent
  if (!outbox.some(foreign)) return outbox
  const reason = { code: "other_agent", text: "A colleague wrote this before you signed in." }
  return outbox.map(m => foreign(m) ? { ...m, state: "refused", reason, newer: [] } : m)
}

export const unanswered = outbox => outbox.filter(m => m.state === "sending")

export function frameOf({ id, text, of, seen, anyway }) {
  return of ? { type: "again", id, seq: of, seen, anyway } : { type: "send", id, text, seen, anyway }
}

function replaced(outbox, id, change) {
  return outbox.some(m => m.id === id) ? outbox.map(m => m.id === id ? change(m) : m) : outbox
}
