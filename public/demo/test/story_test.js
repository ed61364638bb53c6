import { check } from "../../popup/test/check.js"
import { progressOf } from "../story.js"

const at = second => `2026-11-22T09:00:${String(second).padStart(2, "0")}Z`
const phone = (...texts) => ({ name: "Jane Doe", email: "jane@example.com", number: "+14155550123", texts })
const mine = (text, second) => ({ way: "in", by: "shopper", text, at: at(second) })
const theirs = (text, second, by = "store") => ({ way: "out", by, text, at: at(second) })
const ticket = (...notes) => ({
  id: 1, trashed: false, tags: [{ name: "RechargeSMS" }], customer: { name: "Jane Doe" },
  messages: notes.map((text, i) => ({ from: "note", text, at: at(10 + i) })),
})
const state = (phones, tickets = [], faults = "none") => ({ phones, tickets, faults })
const nothing = { opened: false, launched: false }
const code = "Sign-in code for Anna Berg: 123456 (valid 10 minutes, one use). If nobody requested it, ignore this note."
const sms = "Anna Berg texted by SMS: hello"

// name: [state, seen, steps done, part of the hint]
const cases = {
  "nothing yet": [state([phone()]), nothing, 0, "You are the shopper"],
  "on its way": [state([phone(mine("hm?", 1))]), nothing, 1, "store has the text"],
  "automation answered": [state([phone(mine("MENU", 1), theirs("Reply with a number", 2))]), nothing, 1, "no person is needed"],
  "the carrier answered": [state([phone(mine("STOP", 1), theirs("Bye", 2, "carrier"))]), nothing, 1, "carrier answered"],
  "an unknown number": [state([{ ...phone(mine("hm?", 1), theirs("Sorry", 2)), email: "" }]), nothing, 1, "doesn’t know this number"],
  "helpdesk down": [state([phone(mine("hm?", 1))], [], "gorgias_down"), nothing, 1, "the ticket waits"],
  "a ticket of ours": [state([phone(mine("hm?", 1))], [ticket()]), nothing, 2, "Jane’s text has become a ticket"],
  "a ticket without the tag": [state([phone(mine("hm?", 1))], [{ ...ticket(), tags: [] }]), nothing, 1, "store has the text"],
  "a ticket in the trash": [state([phone(mine("hm?", 1))], [{ ...ticket(), trashed: true }]), nothing, 1, "store has the text"],
  "opened": [state([phone(mine("hm?", 1))], [ticket()]), { opened: true, launched: false }, 3, "Press Text via SMS"],
  "launched": [state([phone(mine("hm?", 1))], [ticket()]), { opened: true, launched: true }, 4, "Choose your name"],
  "the newest code": [state([phone(mine("hm?", 1))], [ticket("Sign-in code for Anna Berg: 000000 (valid", code)]), nothing, 5, "123456 is the code"],
  "a code after a name": [state([phone(mine("hm?", 1))], [ticket("Sign-in code for Anna Berg: 123456 (valid 10 minutes, one use).")]), nothing, 5, "123456 is the code"],
  "texted": [state([phone(mine("hm?", 1))], [ticket(code, sms)]), nothing, 6, "Jane has the text"],
  "texted without a code": [state([phone(mine("hm?", 1))], [ticket(sms)]), nothing, 6, "Jane has the text"],
  "answered": [state([phone(mine("hm?", 1), mine("thanks", 30))], [ticket(code, sms)]), { over: true }, 6, "whole story"],
  "texted again": [state([phone(mine("hm?", 1), mine("thanks", 11))], [ticket(sms, code, code, sms)]), { over: true }, 6, "whole story"],
  "a fault afterwards": [state([phone(mine("hm?", 1), mine("thanks", 30))], [ticket(code, sms)], "twilio_down"), { over: true }, 6, "does not send it twice"],
}

for (const [name, [given, seen, done, part]] of Object.entries(cases)) {
  const story = progressOf(given, seen)
  check(name + ": done", story.done, done)
  check(`${name}: ${JSON.stringify(story.hint)} has ${part}`, story.hint.includes(part), true)
  check(name + ": over", story.over, seen.over ?? false)
}
