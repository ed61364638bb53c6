import { blank, step, visible } from "../rules.js"
import { check } from "./check.js"

const said = (seq, rev = seq, more = {}) => ({ seq, rev, kind: "text", way: "in", by: { role: "shopper" }, text: "t" + seq, ...more })
const conversation = { mode: "human" }
const opened = more => ({ type: "opened", reset: true, rev: 3, epoch: "e", agent: { id: "1", name: "Ana" }, conversation, entries: [said(1), said(2), said(3)], ...more })
const changed = (from, rev, ...entries) => ({ type: "changed", from, rev, conversation, entries })

// play runs steps and returns the last state with everything sent since.
function play(...happened) {
  let state = { ...blank, id: "c" }, sent = [], heard = []
  for (const h of happened) {
    const [next, frames, news] = step(state, h)
    state = next
    sent.push(...frames)
    heard.push(...news.map(e => e.seq))
  }
  return { state, sent, heard, shown: visible(state).map(e => e.seq) }
}
const up = { type: "connected" }
const write = { type: "write", id: "u1", text: "hi", seen: 3, at: 0 }
const open = since => ({ type: "open", conversation: "c", since, epoch: since ? "e" : "" })

{
  const { sent, shown, heard } = play(up, opened())
  check("first open", [sent, shown, heard], [[open(0)], [1, 2, 3], []])
}
{
  const { shown, heard, state } = play(up, opened(), changed(3, 4, said(4)), changed(3, 4, said(4)), changed(3, 4, said(4)))
  check("doubled frames are one", [shown, heard, state.rev], [[1, 2, 3, 4], [4], 4])
}
{
  const { sent, shown } = play(up, opened(), changed(4, 5, said(5)), changed(5, 6, said(6)))
  check("a gap is asked for, once, and not shown", [sent.slice(1), shown], [[open(3)], [1, 2, 3]])
}
{
  const { state } = play(up, opened(), changed(3, 5, said(2, 5, { text: "new" })), changed(3, 4, said(2, 4, { text: "old" })))
  check("an entry is replaced by its place, never by older news", state.entries.get(2).text, "new")
}
{
  const { sent, shown } = play(up, opened(), changed(3, 5, said(5)))
  check("a hole that a frame hides is noticed", [sent.at(-1), shown], [open(0), [1, 2, 3]])
}
{
  const { sent } = play(up, opened(), { type: "beat", rev: 3 }, { type: "beat", rev: 5 }, { type: "beat", rev: 5 })
  check("a beat ahead of us asks, every time", sent.slice(1), [open(3), open(3)])
}
{
  const { state, shown } = play(up, opened(), up, opened({ epoch: "f", rev: 1, entries: [said(1)] }))
  check("another epoch: everything is forgotten", [state.rev, shown], [1, [1]])
}
{
  const tail = opened({ rev: 9, earlier: true, entries: [said(7), said(8)] })
  const older = { type: "earlier", entries: [said(5), said(6)], earlier: true }
  check("earlier", play(up, tail, { type: "fetchEarlier" }, older).shown, [5, 6, 7, 8])
  check("earlier, not asked for", play(up, tail, older).shown, [7, 8])
  check("earlier, from before a reset", play(up, tail, { type: "fetchEarlier" }, { ...older, entries: [said(2), said(3)] }).shown, [7, 8])
  const { state } = play(up, tail, changed(9, 10, said(5, 10, { text: "new" })), { type: "fetchEarlier" }, older)
  check("earlier does not undo what was heard meanwhile", state.entries.get(5).text, "new")
  check("asked once", play(up, tail, { type: "fetchEarlier" }, { type: "fetchEarlier" }).sent.at(-1), { type: "earlier", before: 7 })
}

const mine = said(4, 4, { way: "out", by: { role: "agent", id: "1" }, origin: "agent:u1" })
const send = { type: "send", id: "u1", text: "hi", seen: 3, anyway: false }
{
  const { sent, state } = play(up, opened(), write, up, opened({ reset: false, entries: [] }))
  check("an unanswered text is sent again under its id", sent.filter(f => f.type === "send"), [send, send])
  check("and is pending", state.outbox.map(m => m.state), ["sending"])
}
{
  const { sent } = play(up, opened(), write, { type: "resync" }, opened({ reset: false, entries: [] }))
  check("a resync on the same connection repeats nothing", sent.filter(f => f.type === "send"), [send])
}
check("offline: kept back", play(write).sent, [])
check("offline, then sent", play(write, up, opened({ agent: null })).sent.at(-1), send)
check("saved, then shown", play(up, opened(), write, { type: "saved", id: "u1", seq: 4 }).state.outbox[0].state, "kept")
check("shown, then saved", play(up, opened(), write, changed(3, 4, mine), { type: "saved", id: "u1", seq: 4 }).state.outbox, [])
check("saved, seen by catching up", play(up, opened(), write, up, opened({ reset: false, rev: 4, entries: [mine] })).sent.length, 3)
{
  const refusal = { type: "refused", id: "u1", code: "newer", text: "Ben answered.", newer: [said(4)] }
  const { state, sent } = play(up, opened(), write, refusal)
  check("newer: refused, and looked up", [state.outbox[0].state, state.outbox[0].newer.length, sent.at(-1)], ["refused", 1, open(3)])
  const anyway = play(up, opened(), write, refusal, { type: "again", id: "u1", anyway: true, seen: 4 })
  check("send anyway: same id", anyway.sent.at(-1), { ...send, seen: 4, anyway: true })
  check("dropped", play(up, opened(), write, refusal, { type: "drop", id: "u1" }).state.outbox, [])
  check("not dropped while unanswered", play(up, opened(), write, { type: "drop", id: "u1" }).state.outbox.length, 1)
  check("a late refusal of what was saved is void", play(up, opened(), write, { type: "saved", id: "u1", seq: 4 }, refusal).state.outbox[0].state, "kept")
}
{
  const { state, sent } = play(up, opened(), write, up, opened({ agent: { id: "2", name: "Ben" }, reset: false, entries: [] }))
  check("nobody's text goes out in another's name", [state.outbox[0].reason.code, sent.filter(f => f.type === "send").length], ["other_agent", 1])
}
{
  const back = { type: "handBack", id: "h1" }
  const { sent, state } = play(up, opened(), back, back, up, opened({ reset: false, entries: [] }))
  check("hand back: once, and again after a break", sent.filter(f => f.type === "hand_back").length, 2)
  check("hand back: waiting", state.handingBack.id, "h1")
  check("hand back: not in another's name", play(up, opened(), back, up, opened({ agent: { id: "2", name: "Ben" }, reset: false, entries: [] })).sent.filter(f => f.type === "hand_back").length, 1)
  check("hand back: done", play(up, opened(), back, { ...changed(3, 4, said(4)), conversation: { mode: "automated" } }).state.handingBack, null)
  check("hand back: refused", play(up, opened(), back, { type: "refused", id: "h1", code: "unavailable", text: "Not now." }).state.handingBack, { id: "h1", refused: "Not now." })
}
