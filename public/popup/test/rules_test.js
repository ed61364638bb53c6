import { blank, step, visible } from "../state/rules.js"
import { check } from "./check.js"

const said = (seq, rev = seq, more = {}) => ({ seq, rev, kind: "text", way: "in", by: { role: "shopper" }, text: "t" + seq, ...more })
const conversation = { mode: "human" }
const opened = more => ({ type: "opened", reset: true, rev: 3, epoch: "e", agent: { id: "1", name: "Ana" }, conversation, entries: [said(1), said(2), said(3)], ...more })
const changed = (from, rev, ...entries) => ({ type: "changed", from, rev, conversation, entries })

// play applies events and returns the last state with everything that was sent and
// announced.
function play(...events) {
  let state = { ...blank, id: "c" }, sent = [], announced = []
  for (const event of events) {
    const [next, frames, news] = step(state, event)
    state = next
    sent.push(...frames)
    announced.push(...news.map(e => e.seq))
  }
  return { state, sent, announced, shown: visible(state).map(e => e.seq) }
}
const up = { type: "connected" }
const write = { type: "write", id: "u1", text: "hi", seen: 3, at: 0 }
const open = since => ({ type: "open", conversation: "c", since, epoch: since ? "e" : "" })

{
  const { sent, shown, announced } = play(up, opened())
  check("first open", [sent, shown, announced], [[open(0)], [1, 2, 3], []])
}
{
  const { shown, announced, state } = play(up, opened(), changed(3, 4, said(4)), changed(3, 4, said(4)), changed(3, 4, said(4)))
  check("doubled frames are one", [shown, announced, state.rev], [[1, 2, 3, 4], [4], 4])
}
{
  const { sent, shown } = play(up, opened(), changed(4, 5, said(5)), changed(5, 6, said(6)))
  check("a gap is requested once and not shown", [sent.slice(1), shown], [[open(3)], [1, 2, 3]])
}
{
  const { state } = play(up, opened(), changed(3, 5, said(2, 5, { text: "new" })), changed(3, 4, said(2, 4, { text: "old" })))
  check("an entry is replaced by a newer revision only", state.entries.get(2).text, "new")
}
{
  const { sent, shown } = play(up, opened(), changed(3, 5, said(5)))
  check("a missing entry is noticed", [sent.at(-1), shown], [open(0), [1, 2, 3]])
}
{
  const { sent } = play(up, opened(), { type: "beat", rev: 3 }, { type: "beat", rev: 5 }, { type: "beat", rev: 5 })
  check("a newer revision in a beat is requested every time", sent.slice(1), [open(3), open(3)])
}
{
  const { state, shown } = play(up, opened(), up, opened({ epoch: "f", rev: 1, entries: [said(1)] }))
  check("another epoch: nothing is kept", [state.rev, shown], [1, [1]])
}
{
  const tail = opened({ rev: 9, earlier: true, entries: [said(7), said(8)] })
  const older = { type: "earlier", entries: [said(5), said(6)], earlier: true }
  check("earlier", play(up, tail, { type: "fetchEarlier" }, older).shown, [5, 6, 7, 8])
  check("earlier, not requested", play(up, tail, older).shown, [7, 8])
  check("earlier, from before a reset", play(up, tail, { type: "fetchEarlier" }, { ...older, entries: [said(2), said(3)] }).shown, [7, 8])
  const { state } = play(up, tail, changed(9, 10, said(5, 10, { text: "new" })), { type: "fetchEarlier" }, older)
  check("earlier does not undo a newer change", state.entries.get(5).text, "new")
  check("earlier is requested once", play(up, tail, { type: "fetchEarlier" }, { type: "fetchEarlier" }).sent.at(-1), { type: "earlier", before: 7 })
}

const mine = said(4, 4, { way: "out", by: { role: "agent", id: "1" }, origin: "agent:u1" })
const send = { type: "send", id: "u1", text: "hi", seen: 3, anyway: false }
{
  const { sent, state } = play(up, opened(), write, up, opened({ reset: false, entries: [] }))
  check("an unanswered text is sent again under its id", sent.filter(f => f.type === "send"), [send, send])
  check("an unanswered text is pending", state.outbox.map(m => m.state), ["sending"])
}
{
  const { sent } = play(up, opened(), write, { type: "resync" }, opened({ reset: false, entries: [] }))
  check("a resync on the same connection repeats nothing", sent.filter(f => f.type === "send"), [send])
}
check("offline: not sent", play(write).sent, [])
check("offline, then sent", play(write, up, opened({ agent: null })).sent.at(-1), send)
check("saved, then shown", play(up, opened(), write, { type: "saved", id: "u1", seq: 4 }).state.outbox[0].state, "kept")
check("shown, then saved", play(up, opened(), write, changed(3, 4, mine), { type: "saved", id: "u1", seq: 4 }).state.outbox, [])
check("saved, shown after a reconnect", play(up, opened(), write, up, opened({ reset: false, rev: 4, entries: [mine] })).sent.length, 3)
{
  const refusal = { type: "refused", id: "u1", code: "newer", text: "Ben answered.", newer: [said(4)] }
  const { state, sent } = play(up, opened(), write, refusal)
  check("newer: refused, and requested", [state.outbox[0].state, state.outbox[0].newer.length, sent.at(-1)], ["refused", 1, open(3)])
  const anyway = play(up, opened(), write, refusal, { type: "retry", id: "u1", anyway: true, seen: 4 })
  check("send anyway: same id", anyway.sent.at(-1), { ...send, seen: 4, anyway: true })
  check("discarded", play(up, opened(), write, refusal, { type: "discard", id: "u1" }).state.outbox, [])
  check("not discarded while unanswered", play(up, opened(), write, { type: "discard", id: "u1" }).state.outbox.length, 1)
  check("a late refusal of a saved text is ignored", play(up, opened(), write, { type: "saved", id: "u1", seq: 4 }, refusal).state.outbox[0].state, "kept")
}
{
  const { state, sent } = play(up, opened(), write, up, opened({ agent: { id: "2", name: "Ben" }, reset: false, entries: [] }))
  check("a text is not sent in another agent's name", [state.outbox[0].reason.code, sent.filter(f => f.type === "send").length], ["other_agent", 1])
}
{
  const back = { type: "handBack", id: "h1" }
  const { sent, state } = play(up, opened(), back, back, up, opened({ reset: false, entries: [] }))
  check("hand back: once, and again after a reconnect", sent.filter(f => f.type === "hand_back").length, 2)
  check("hand back: waiting", state.handingBack.id, "h1")
  check("hand back: not in another agent's name", play(up, opened(), back, up, opened({ agent: { id: "2", name: "Ben" }, reset: false, entries: [] })).sent.filter(f => f.type === "hand_back").length, 1)
  check("hand back: done", play(up, opened(), back, { ...changed(3, 4, said(4)), conversation: { mode: "automated" } }).state.handingBack, null)
  check("hand back: refused", play(up, opened(), back, { type: "refused", id: "h1", code: "unavailable", text: "Not now." }).state.handingBack, { id: "h1", refused: "Not now." })
}

// The status of texts, and decisions about them.
const out = (seq, rev, state, code, more) => said(seq, rev, { way: "out", by: { role: "agent", id: "1" }, text: "t" + seq, state, ...code && { problem: { code, text: "Why." } }, ...more })
const undecided = opened({ entries: [said(1), out(2, 2, "unknown", "missing"), said(3)] })
const repeat = { type: "repeat", id: "r1", seq: 2, seen: 3, at: 0 }
const again = { type: "again", id: "r1", seq: 2, seen: 3, anyway: false }
const choose = (action, id = "d1") => ({ type: "decide", id, action, seq: 2 })
const resumed = more => opened({ reset: false, entries: [], ...more })
const only = (sent, ...types) => sent.filter(f => types.includes(f.type))
{
  const waiting = out(2, 4, "unknown", "looking"), due = out(2, 5, "unknown", "missing")
  check("a text that needs a decision is announced once", play(up, opened(), changed(3, 4, waiting), changed(4, 5, due), changed(4, 5, due), changed(5, 6, { ...due, rev: 6 })).announced, [2])
  check("and again after another check", play(up, opened(), changed(3, 5, due), changed(5, 6, { ...waiting, rev: 6 }), changed(6, 7, { ...due, rev: 7 })).announced, [2, 2])
  check("and in the first snapshot", play(up, undecided).announced, [2])
  check("but not after a reconnect", play(up, undecided, up, undecided).announced, [2])
  check("nor by an older revision", play(up, opened(), changed(3, 6, { ...waiting, rev: 6 }), changed(3, 5, due)).announced, [])
}
{
  const { sent, state } = play(up, undecided, choose("check"), choose("leave", "d2"), choose("check", "d3"))
  check("one decision at a time", [only(sent, "check", "leave"), state.decisions.length], [[{ type: "check", id: "d1", seq: 2 }], 1])
  check("a decision is sent again after a reconnect", only(play(up, undecided, choose("leave"), up, resumed()).sent, "leave").map(f => f.id), ["d1", "d1"])
  check("a decision is not sent again by a resync", only(play(up, undecided, choose("leave"), { type: "resync" }, resumed()).sent, "leave").length, 1)
  check("offline: sent later", only(play(up, undecided, up, choose("leave"), resumed()).sent, "leave").length, 1)
  check("a decision is answered", play(up, undecided, choose("leave"), { type: "saved", id: "d1", seq: 0 }).state.decisions, [])
  const no = { type: "refused", id: "d1", code: "unavailable", text: "Not now." }
  check("a decision is refused", play(up, undecided, choose("leave"), no).state.decisions[0].refused, "Not now.")
  check("refused, not sent again", only(play(up, undecided, choose("leave"), no, up, resumed()).sent, "leave").length, 1)
  check("refused, then decided again", play(up, undecided, choose("leave"), no, choose("check", "d2")).state.decisions.map(d => [d.id, d.refused]), [["d2", undefined]])
  check("settled by a report", play(up, undecided, choose("check"), changed(3, 4, out(2, 4, "delivered"))).state.decisions, [])
  check("settled by a colleague", only(play(up, undecided, choose("leave"), up, resumed({ rev: 4, entries: [out(2, 4, "unknown", "left")] })).sent, "leave").length, 1)
  check("checked after it was kept as it is", only(play(up, undecided, changed(3, 4, out(2, 4, "unknown", "left")), choose("check"), up, resumed()).sent, "check").length, 2)
  check("a decision is not sent in another agent's name", only(play(up, undecided, choose("leave"), up, resumed({ agent: { id: "2", name: "Ben" } })).sent, "leave").length, 1)
  check("nothing to decide", play(up, opened({ entries: [said(1), out(2, 2, "unknown", "looking"), said(3)] }), choose("check")).state.decisions, [])
}
{
  const { sent, state } = play(up, undecided, repeat, { ...repeat, id: "r2" })
  check("sent again: once", [only(sent, "again"), state.outbox.map(m => [m.text, m.of])], [[again], [["t2", 2]]])
  check("sent again: the same frame after a reconnect", only(play(up, undecided, repeat, up, resumed()).sent, "again"), [again, again])
  check("sent again: not twice before its entry arrives", only(play(up, undecided, repeat, { type: "saved", id: "r1", seq: 4 }, { ...repeat, id: "r2" }).sent, "again").length, 1)
  const second = out(4, 5, "saved", "", { again: 2, origin: "agent:r1" })
  const both = changed(3, 5, out(2, 4, "unknown", "again"), second)
  check("sent again: both are shown", [play(up, undecided, repeat, both).shown, play(up, undecided, repeat, both).state.outbox], [[1, 2, 3, 4], []])
  const newer = { type: "refused", id: "r1", code: "newer", text: "Ben answered.", newer: [said(4)] }
  check("sent again, anyway", play(up, undecided, repeat, newer, { type: "retry", id: "r1", anyway: true, seen: 4 }).sent.at(-1), { ...again, seen: 4, anyway: true })
  check("sent again: a refused repetition is replaced", play(up, undecided, repeat, newer, { ...repeat, id: "r2", seen: 4 }).state.outbox.map(m => m.id), ["r2"])
  check("sent again: not an entry that is not loaded", play(up, undecided, { ...repeat, seq: 9 }).state.outbox, [])
}
{
  const media = (state, rev) => said(2, rev, { media: [{ id: "m1", type: "image/jpeg", state }] })
  const { state } = play(up, opened(), changed(3, 5, media("kept", 5)), changed(3, 4, media("waiting", 4)), resumed({ rev: 5, entries: [media("waiting", 4)] }))
  check("a stored picture does not go back to waiting", state.entries.get(2).media[0].state, "kept")
}

// Presence and alerts.
const ben = { id: "2", name: "Ben", typing: false }
const here = (...people) => ({ type: "presence", people })
const alert = (conversation, event = "escalated", at = "2026-11-22T10:00:00Z") => ({ type: "shop", event, conversation, shopper: "Jane", at })
const alerts = (...events) => play(...events).state.alerts.filter(a => !a.dismissed).map(a => [a.conversation, a.event, a.confirmed])
{
  check("presence: not reported", play(up, opened()).state.people, null)
  check("presence: reported", play(up, opened(), here(ben)).state.people, [ben])
  check("presence: reported before the conversation", play(up, here(ben), opened()).state.people, [ben])
  check("presence: a snapshot changes nothing", play(up, opened(), here(ben), opened({ rev: 9 })).state.people, [ben])
  check("presence: unknown after a reconnect", play(up, opened(), here(ben), up, opened()).state.people, null)
  check("presence: until reported again", play(up, opened(), here(ben), up, opened(), here(ben)).state.people, [ben])
}
{
  const typing = { type: "reportTyping", on: true }
  check("typing: reported", only(play(up, opened(), here(ben), typing).sent, "typing"), [{ type: "typing", on: true }])
  check("typing: not before the conversation is open", only(play(up, here(ben), typing).sent, "typing"), [])
  check("typing: not to a server that reports no presence", only(play(up, opened(), typing).sent, "typing"), [])
  check("typing: nor after a reconnect to one", only(play(up, opened(), here(ben), up, opened(), typing).sent, "typing"), [])
}
{
  check("alert: another shopper", alerts(up, opened(), alert("d")), [["d", "escalated", true]])
  check("alert: none for this conversation", alerts(up, opened(), alert("c")), [])
  check("alert: kept by a snapshot", alerts(up, opened(), alert("d"), opened({ rev: 9 })), [["d", "escalated", true]])
  check("alert: unconfirmed after a reconnect", alerts(up, opened(), alert("d"), up, opened()), [["d", "escalated", false]])
  check("alert: confirmed when received again", alerts(up, opened(), alert("d"), up, opened(), alert("d")), [["d", "escalated", true]])
  check("alert: dismissed", alerts(up, opened(), alert("d"), { type: "dismiss", conversation: "d" }), [])
  check("alert: dropped for another agent", alerts(up, opened(), alert("d"), up, opened({ agent: { id: "2", name: "Ben" } })), [])
}
{
  const before = play(up, opened(), here(ben)).state
  for (const type of ["unheard_of", "constructor", "toString", "__proto__", undefined]) {
    check(`a frame of a later server (${type})`, step(before, { type, people: [] }), [before, [], []])
  }
}
