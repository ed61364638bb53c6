import { newlyWaiting, shown, unconfirmed, waiting, withAlert, withDismissed } from "../state/alerts.js"
import { check, random } from "./check.js"

const minute = n => new Date(Date.UTC(2026, 10, 22, 10, n)).toISOString()
const frame = (conversation, event, n, more) => ({ type: "shop", event, conversation, shopper: conversation, why: "w", agent: "Ben", ticket: null, at: minute(n), ...more })
const after = (...frames) => frames.reduce(withAlert, [])
const names = alerts => alerts.map(a => a.conversation + " " + a.event)

const jane = frame("jane", "escalated", 1), miguel = frame("miguel", "escalated", 2), taken = frame("jane", "taken", 3)
check("newest first", names(waiting(after(jane, miguel))), ["miguel escalated", "jane escalated"])
check("received twice", after(jane, jane).length, 1)
check("taken: shown in its place", names(shown(after(jane, miguel, taken))), ["miguel escalated", "jane taken"])
check("taken: no longer waiting", waiting(after(jane, taken)), [])
check("taken without an alert: not shown", shown(after(taken)), [])
check("taken arrives before the escalation", shown(after(taken, jane)), [])
check("taken at the time of the escalation", [waiting(after(jane, { ...taken, at: jane.at })), waiting(after({ ...taken, at: jane.at }, jane)), waiting(after(jane, { ...taken, at: jane.at }, jane))], [[], [], []])
check("handed back and escalated again", names(waiting(after(jane, taken, frame("jane", "handed_back", 4), frame("jane", "escalated", 5)))), ["jane escalated"])
check("an event of a later server", after(frame("jane", "exploded", 1), frame("jane", "constructor", 1)), [])
check("an invalid time", after(frame("jane", "escalated", 1, { at: "soon" })), [])
check("fractions of a second", waiting(after(frame("jane", "escalated", 1, { at: "2026-11-22T10:00:00.5Z" }), frame("jane", "taken", 1, { at: "2026-11-22T10:00:00Z" }))).length, 1)
{
  const ticket = { id: "7", url: "https://x.example/7", open: true }
  const late = { ...jane, ticket }
  check("the ticket comes later", waiting(after(jane, late))[0].ticket, ticket)
  check("the ticket is not lost again", waiting(after(late, jane))[0].ticket, ticket)
  check("the ticket is not a new alert", newlyWaiting(after(jane), after(jane, late)), [])
  check("the ticket does not undo the dismissal", shown(withAlert(withDismissed(after(jane), "jane"), late)), [])
}
check("dismissed: one", names(shown(withDismissed(after(jane, miguel), "jane"))), ["miguel escalated"])
check("dismissed: all", shown(withDismissed(after(jane, miguel), "")), [])
check("dismissed, then escalated again", names(newlyWaiting(withDismissed(after(jane), "jane"), withAlert(withDismissed(after(jane), "jane"), frame("jane", "escalated", 9)))), ["jane escalated"])
check("dismissed, then taken: not shown", shown(withAlert(withDismissed(after(jane), ""), taken)), [])
check("new connection: unconfirmed", shown(unconfirmed(after(jane, miguel, frame("miguel", "taken", 3)))).map(a => [a.conversation, a.confirmed]), [["jane", false]])
check("received again: confirmed, and not new", [withAlert(unconfirmed(after(jane)), jane)[0].confirmed, newlyWaiting(unconfirmed(after(jane)), withAlert(unconfirmed(after(jane)), jane))], [true, []])
check("at most 50", Array.from({ length: 200 }, (_, n) => frame("c" + n, "escalated", n)).reduce(withAlert, []).length, 50)

// Frames may come in any order and more than once: the result is the same.
for (let seed = 1; seed <= 300; seed++) {
  const dice = random(seed), frames = [], newest = new Map()
  for (let n = 1; n <= 12; n++) {
    const f = frame(dice.pick(["a", "b", "c"]), dice.pick(["escalated", "escalated", "taken", "handed_back"]), n)
    frames.push(f)
    newest.set(f.conversation, f)
  }
  const received = [...frames, ...frames.filter(() => dice.chance(0.3))].map(f => [dice.below(1000), f]).sort((a, b) => a[0] - b[0]).map(([, f]) => f)
  const want = [...newest.values()].filter(f => f.event === "escalated").map(f => f.conversation).sort()
  check(`seed ${seed}: waiting`, waiting(received.reduce(withAlert, [])).map(a => a.conversation).sort(), want)
}
