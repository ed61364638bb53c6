import { dismissed, doubted, fresh, noticed, rung, waiting } from "../rings.js"
import { chance, check } from "./check.js"

const minute = n => new Date(Date.UTC(2026, 10, 22, 10, n)).toISOString()
const ring = (conversation, event, n, more) => ({ type: "shop", event, conversation, shopper: conversation, why: "w", agent: "Ben", ticket: null, at: minute(n), ...more })
const all = (...frames) => frames.reduce(rung, [])
const names = rings => rings.map(r => r.conversation + " " + r.event)

const jane = ring("jane", "escalated", 1), miguel = ring("miguel", "escalated", 2), taken = ring("jane", "taken", 3)
check("newest first", names(waiting(all(jane, miguel))), ["miguel escalated", "jane escalated"])
check("said twice", all(jane, jane).length, 1)
check("taken: a remark in its place", names(noticed(all(jane, miguel, taken))), ["miguel escalated", "jane taken"])
check("taken: nobody is waited for", waiting(all(jane, taken)), [])
check("taken without a notice: no remark", noticed(all(taken)), [])
check("taken before it was heard of", noticed(all(taken, jane)), [])
check("taken in the moment of the call", [waiting(all(jane, { ...taken, at: jane.at })), waiting(all({ ...taken, at: jane.at }, jane)), waiting(all(jane, { ...taken, at: jane.at }, jane))], [[], [], []])
check("handed back, and needed anew", names(waiting(all(jane, taken, ring("jane", "handed_back", 4), ring("jane", "escalated", 5)))), ["jane escalated"])
check("an event of a later server", all(ring("jane", "exploded", 1), ring("jane", "constructor", 1)), [])
check("a time that is none", all(ring("jane", "escalated", 1, { at: "soon" })), [])
check("fractions of a second", waiting(all(ring("jane", "escalated", 1, { at: "2026-11-22T10:00:00.5Z" }), ring("jane", "taken", 1, { at: "2026-11-22T10:00:00Z" }))).length, 1)
{
  const ticket = { id: "7", url: "https://x.example/7", open: true }
  const late = { ...jane, ticket }
  check("the ticket comes later", waiting(all(jane, late))[0].ticket, ticket)
  check("the ticket is not lost again", waiting(all(late, jane))[0].ticket, ticket)
  check("the ticket rings no bell", fresh(all(jane), all(jane, late)), [])
  check("the ticket brings nothing back", noticed(rung(dismissed(all(jane), "jane"), late)), [])
}
check("dismissed: one", names(noticed(dismissed(all(jane, miguel), "jane"))), ["miguel escalated"])
check("dismissed: all", noticed(dismissed(all(jane, miguel), "")), [])
check("dismissed, then needed anew", names(fresh(dismissed(all(jane), "jane"), rung(dismissed(all(jane), "jane"), ring("jane", "escalated", 9)))), ["jane escalated"])
check("dismissed, then taken: no remark", noticed(rung(dismissed(all(jane), ""), taken)), [])
check("a new connection: in doubt", noticed(doubted(all(jane, miguel, ring("miguel", "taken", 3)))).map(r => [r.conversation, r.sure]), [["jane", false]])
check("told anew: certain, and no bell", [rung(doubted(all(jane)), jane)[0].sure, fresh(doubted(all(jane)), rung(doubted(all(jane)), jane))], [true, []])
check("bounded", Array.from({ length: 200 }, (_, n) => ring("c" + n, "escalated", n)).reduce(rung, []).length, 50)

// Whatever order frames come in, and however often: who waits is who waits in truth.
for (let seed = 1; seed <= 300; seed++) {
  const dice = chance(seed), frames = [], truth = new Map()
  for (let n = 1; n <= 12; n++) {
    const frame = ring(dice.pick(["a", "b", "c"]), dice.pick(["escalated", "escalated", "taken", "handed_back"]), n)
    frames.push(frame)
    truth.set(frame.conversation, frame)
  }
  const wire = [...frames, ...frames.filter(() => dice.odds(0.3))].map(f => [dice.below(1000), f]).sort((a, b) => a[0] - b[0]).map(([, f]) => f)
  const want = [...truth.values()].filter(f => f.event === "escalated").map(f => f.conversation).sort()
  check(`seed ${seed}: who waits`, waiting(wire.reduce(rung, [])).map(r => r.conversation).sort(), want)
}
