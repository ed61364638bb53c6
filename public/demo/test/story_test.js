import { check } from "../../popup/test/check.js"
import { tell } from "../story.js"

const at = second => `2026-11-22T09:00:${String(second).padStart(2, "0")}Z`
const phone = (...texts) => ({ name: "Jane Doe", email: "jane@example.com", number: "+14155550123", texts })
const mine = (text, second) => ({ way: "in", by: "shopper", text, at: at(second) })
const theirs = (text, second, by = "store") => ({ way: "out", by, text, at: at(second) })
const ticket = (...notes) => ({
  id: 1, trashed: false, tags: [{ name: "RechargeSMS" }], customer: { name: "Jane Doe" },
  messages: notes.map((text, i) => ({ from: "note", text, at: at(10 + i) })),
})
const world = (phones, tickets = [], faults = "none") => ({ phones, tickets, faults })
const nothing = { opened: false, launched: false }
const code = "Sign-in code for Anna Berg: 123456 (valid 10 minutes, one use). If nobody requested it, ignore this note."
const sms = "Anna Berg texted by SMS: hello"

// name: [state, seen, done, a part of what is said]
const cases = {
  "nothing yet": [world([phone()]), nothing, 0, "You are the shopper"],
  "on its way": [world([phone(mine("hm?", 1))]), nothing, 1, "with the store"],
  "automation answered": [world([phone(mine("MENU", 1), theirs("Reply with a number", 2))]), nothing, 1, "answered by itself, so nobody"],
  "the carrier answered": [world([phone(mine("STOP", 1), theirs("Bye", 2, "carrier"))]), nothing, 1, "carrier answered"],
  "a stranger": [world([{ ...phone(mine("hm?", 1), theirs("Sorry", 2)), email: "" }]), nothing, 1, "doesn’t know this number"],
  "helpdesk down": [world([phone(mine("hm?", 1))], [], "gorgias_down"), nothing, 1, "the ticket waits"],
  "a ticket of ours": [world([phone(mine("hm?", 1))], [ticket()]), nothing, 2, "Jane’s text has become a ticket"],
  "a ticket of somebody else": [world([phone(mine("hm?", 1))], [{ ...ticket(), tags: [] }]), nothing, 1, "with the store"],
  "a ticket in the trash": [world([phone(mine("hm?", 1))], [{ ...ticket(), trashed: true }]), nothing, 1, "with the store"],
  "opened": [world([phone(mine("hm?", 1))], [ticket()]), { opened: true, launched: false }, 3, "Press Text via SMS"],
  "launched": [world([phone(mine("hm?", 1))], [ticket()]), { opened: true, launched: true }, 4, "Choose your name"],
  "the newest code": [world([phone(mine("hm?", 1))], [ticket("Sign-in code for Anna Berg: 000000 (valid", code)]), nothing, 5, "123456 is the code"],
  "texted": [world([phone(mine("hm?", 1))], [ticket(code, sms)]), nothing, 6, "Jane has the text"],
  "texted without a code": [world([phone(mine("hm?", 1))], [ticket(sms)]), nothing, 6, "Jane has the text"],
  "answered": [world([phone(mine("hm?", 1), mine("thanks", 30))], [ticket(code, sms)]), { over: true }, 6, "whole story"],
  "texted again": [world([phone(mine("hm?", 1), mine("thanks", 11))], [ticket(sms, code, code, sms)]), { over: true }, 6, "whole story"],
  "bad weather afterwards": [world([phone(mine("hm?", 1), mine("thanks", 30))], [ticket(code, sms)], "twilio_down"), { over: true }, 6, "not sent twice"],
}

for (const [name, [state, seen, done, part]] of Object.entries(cases)) {
  const story = tell(state, seen)
  check(name + ": done", story.done, done)
  check(`${name}: ${JSON.stringify(story.says)} has ${part}`, story.says.includes(part), true)
  check(name + ": over", story.over, seen.over ?? false)
}
