// Rings: what becomes of the shop's other conversations, of which one may need a
// person. Plain functions from one list to the next, newest first. A ring is
//
//   { conversation, event, when, since, shopper, why, agent, ticket, sure, away }
//
// event: "escalated" (needs a person), "taken", "handed_back", whatever was last
// said; when: of that, in ms; since: of the call for a person. sure: it was said
// on this connection, so that its end would have been heard as well. away: there
// is no notice of it.
//
// Nodes may pass on the same words twice, or in another order than they were said
// in; neither makes a difference.

const most = 50

const known = new Set(["escalated", "taken", "handed_back"])
const open = ring => ring.event === "escalated"

// rung takes in a frame. What ends a call for a person stays as a remark until it
// was read, but only if there was a notice of it.
export function rung(rings, { conversation, event, at, shopper, why, agent, ticket }) {
  const when = Date.parse(at)
  if (!conversation || !known.has(event) || Number.isNaN(when)) return rings
  const old = rings.find(r => r.conversation === conversation)
  const rest = rings.filter(r => r !== old)
  let ring = { conversation, event, when, since: when, shopper, why, agent, ticket: ticket ?? null, sure: true, away: false }
  if (!open(ring)) Object.assign(ring, { since: old?.since ?? when, away: !old || old.away })
  if (old && when < old.when) return rings
  if (old && when === old.when) {
    if (!open(old)) return rings
    if (open(ring)) ring = { ...ring, ticket: ring.ticket ?? old.ticket, away: old.away }
  }
  return [...rest, ring].sort((a, b) => b.since - a.since).slice(0, most)
}

// dismissed has no notice of a conversation any more; of none at all if not named.
export const dismissed = (rings, conversation) =>
  rings.map(r => !conversation || r.conversation === conversation ? { ...r, away: true } : r)

// doubted is for a new connection: what was said in between was not heard.
export const doubted = rings => rings.map(r => ({ ...r, sure: false, away: r.away || !open(r) }))

// noticed are those of which there is a notice; waiting those that need a person.
export const noticed = rings => rings.filter(r => !r.away)
export const waiting = rings => rings.filter(r => open(r) && !r.away)

// fresh are the calls for a person that were not there before.
export function fresh(before, after) {
  const old = new Set(before.filter(open).map(r => r.conversation + r.when))
  return waiting(after).filter(r => !old.has(r.conversation + r.when))
}
