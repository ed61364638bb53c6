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

// What became of texts, and what is decided about it.
const out = (seq, rev, state, code, more) => said(seq, rev, { way: "out", by: { role: "agent", id: "1" }, text: "t" + seq, state, ...code && { problem: { code, text: "Why." } }, ...more })
const asks = opened({ entries: [said(1), out(2, 2, "unknown", "missing"), said(3)] })
const repeat = { type: "repeat", id: "r1", seq: 2, seen: 3, at: 0 }
const again = { type: "again", id: "r1", seq: 2, seen: 3, anyway: false }
const choose = (does, id = "d1") => ({ type: "decide", id, does, seq: 2 })
const resumed = more => opened({ reset: false, entries: [], ...more })
const only = (sent, ...types) => sent.filter(f => types.includes(f.type))
{
  const waiting = out(2, 4, "unknown", "looking"), due = out(2, 5, "unknown", "missing")
  check("a decision is news once", play(up, opened(), changed(3, 4, waiting), changed(4, 5, due), changed(4, 5, due), changed(5, 6, { ...due, rev: 6 })).heard, [2])
  check("and again after it was looked for again", play(up, opened(), changed(3, 5, due), changed(5, 6, { ...waiting, rev: 6 }), changed(6, 7, { ...due, rev: 7 })).heard, [2, 2])
  check("and on the first look", play(up, asks).heard, [2])
  check("but not after a break", play(up, asks, up, asks).heard, [2])
  check("nor in place of older news", play(up, opened(), changed(3, 6, { ...waiting, rev: 6 }), changed(3, 5, due)).heard, [])
}
{
  const { sent, state } = play(up, asks, choose("check"), choose("leave", "d2"), choose("check", "d3"))
  check("one decision at a time", [only(sent, "check", "leave"), state.decisions.length], [[{ type: "check", id: "d1", seq: 2 }], 1])
  check("said again after a break", only(play(up, asks, choose("leave"), up, resumed()).sent, "leave").map(f => f.id), ["d1", "d1"])
  check("not by a resync", only(play(up, asks, choose("leave"), { type: "resync" }, resumed()).sent, "leave").length, 1)
  check("offline: kept back, then said", only(play(up, asks, up, choose("leave"), resumed()).sent, "leave").length, 1)
  check("answered", play(up, asks, choose("leave"), { type: "saved", id: "d1", seq: 0 }).state.decisions, [])
  const no = { type: "refused", id: "d1", code: "unavailable", text: "Not now." }
  check("refused", play(up, asks, choose("leave"), no).state.decisions[0].refused, "Not now.")
  check("refused, not said again", only(play(up, asks, choose("leave"), no, up, resumed()).sent, "leave").length, 1)
  check("refused, and decided anew", play(up, asks, choose("leave"), no, choose("check", "d2")).state.decisions.map(d => [d.id, d.refused]), [["d2", undefined]])
  check("overtaken by what the provider says", play(up, asks, choose("check"), changed(3, 4, out(2, 4, "delivered"))).state.decisions, [])
  check("overtaken by a colleague", only(play(up, asks, choose("leave"), up, resumed({ rev: 4, entries: [out(2, 4, "unknown", "left")] })).sent, "leave").length, 1)
  check("checked again, though left", only(play(up, asks, changed(3, 4, out(2, 4, "unknown", "left")), choose("check"), up, resumed()).sent, "check").length, 2)
  check("not in another's name", only(play(up, asks, choose("leave"), up, resumed({ agent: { id: "2", name: "Ben" } })).sent, "leave").length, 1)
  check("nothing to decide", play(up, opened({ entries: [said(1), out(2, 2, "unknown", "looking"), said(3)] }), choose("check")).state.decisions, [])
}
{
  const { sent, state } = play(up, asks, repeat, { ...repeat, id: "r2" })
  check("sent again: once", [only(sent, "again"), state.outbox.map(m => [m.text, m.of])], [[again], [["t2", 2]]])
  check("sent again: the same after a break", only(play(up, asks, repeat, up, resumed()).sent, "again"), [again, again])
  check("sent again: not twice while its entry is on the way", only(play(up, asks, repeat, { type: "saved", id: "r1", seq: 4 }, { ...repeat, id: "r2" }).sent, "again").length, 1)
  const second = out(4, 5, "saved", "", { again: 2, origin: "agent:r1" })
  const both = changed(3, 5, out(2, 4, "unknown", "again"), second)
  check("sent again: both are there", [play(up, asks, repeat, both).shown, play(up, asks, repeat, both).state.outbox], [[1, 2, 3, 4], []])
  const newer = { type: "refused", id: "r1", code: "newer", text: "Ben answered.", newer: [said(4)] }
  check("sent again, anyway", play(up, asks, repeat, newer, { type: "again", id: "r1", anyway: true, seen: 4 }).sent.at(-1), { ...again, seen: 4, anyway: true })
  check("sent again: a refused wish gives way", play(up, asks, repeat, newer, { ...repeat, id: "r2", seen: 4 }).state.outbox.map(m => m.id), ["r2"])
  check("sent again: what is not here can't be", play(up, asks, { ...repeat, seq: 9 }).state.outbox, [])
}
{
  const medium = (state, rev) => said(2, rev, { media: [{ id: "m1", type: "image/jpeg", state }] })
  const { state } = play(up, opened(), changed(3, 5, medium("kept", 5)), changed(3, 4, medium("waiting", 4)), resumed({ rev: 5, entries: [medium("waiting", 4)] }))
  check("a picture that is kept stays", state.entries.get(2).media[0].state, "kept")
}

// Who is here, and what becomes of other conversations.
const ben = { id: "2", name: "Ben", typing: false }
const here = (...people) => ({ type: "presence", people })
const ring = (conversation, event = "escalated", at = "2026-11-22T10:00:00Z") => ({ type: "shop", event, conversation, shopper: "Jane", at })
const ringing = (...happened) => play(...happened).state.rings.filter(r => !r.away).map(r => [r.conversation, r.event, r.sure])
{
  check("who is here: not known", play(up, opened()).state.people, null)
  check("who is here: told", play(up, opened(), here(ben)).state.people, [ben])
  check("who is here: told first", play(up, here(ben), opened()).state.people, [ben])
  check("who is here: a new view changes nothing", play(up, opened(), here(ben), opened({ rev: 9 })).state.people, [ben])
  check("who is here: nobody knows after a break", play(up, opened(), here(ben), up, opened()).state.people, null)
  check("who is here: until told anew", play(up, opened(), here(ben), up, opened(), here(ben)).state.people, [ben])
}
{
  const types = { type: "types", on: true }
  check("typing is passed on", only(play(up, opened(), here(ben), types).sent, "typing"), [{ type: "typing", on: true }])
  check("typing: not before the conversation is open", only(play(up, here(ben), types).sent, "typing"), [])
  check("typing: not to a server that says nothing of people", only(play(up, opened(), types).sent, "typing"), [])
  check("typing: nor to the next one", only(play(up, opened(), here(ben), up, opened(), types).sent, "typing"), [])
}
{
  check("another shopper", ringing(up, opened(), ring("d")), [["d", "escalated", true]])
  check("this one's needs no notice", ringing(up, opened(), ring("c")), [])
  check("a new view keeps them", ringing(up, opened(), ring("d"), opened({ rev: 9 })), [["d", "escalated", true]])
  check("after a break nobody knows", ringing(up, opened(), ring("d"), up, opened()), [["d", "escalated", false]])
  check("until told anew", ringing(up, opened(), ring("d"), up, opened(), ring("d")), [["d", "escalated", true]])
  check("dismissed", ringing(up, opened(), ring("d"), { type: "dismiss", conversation: "d" }), [])
  check("told to somebody else", ringing(up, opened(), ring("d"), up, opened({ agent: { id: "2", name: "Ben" } })), [])
}
{
  const before = play(up, opened(), here(ben)).state
  for (const type of ["weather", "constructor", "toString", "__proto__", undefined]) {
    check(`a frame of a later server (${type})`, step(before, { type, people: [] }), [before, [], []])
  }
}
