// What the visitor has seen of the story, and what comes next. Only rules: the
// state is the world's, seen says what no state can: { opened, launched }.

export const steps = [
  ["text", "Text"], ["ticket", "Ticket"], ["card", "Card"], ["popup", "Text via SMS"], ["code", "Code"], ["chat", "Chat"],
]

const tag = "RechargeSMS"
const codeNote = /^Sign-in code for .+: (\d{6}) \(valid/
const smsNote = / texted by SMS: /

// ofTexts are the tickets that began as texts.
export const ofTexts = state => state.tickets.filter(t => !t.trashed && t.tags.some(({ name }) => name === tag))

// tell returns { done, says }: how many steps are done, and one sentence about
// the next.
export function tell(state, seen) {
  const tickets = ofTexts(state)
  const notes = tickets.flatMap(t => t.messages.filter(m => m.from === "note").map(m => ({ ...m, ticket: t })))
  const newest = (a, b) => time(b) - time(a)
  const sms = notes.filter(n => smsNote.test(n.text)).sort(newest).at(-1) // the first
  const code = notes.filter(n => codeNote.test(n.text)).sort(newest)[0]
  const texts = state.phones.flatMap(p => p.texts.map(t => ({ ...t, phone: p })))
  const answered = sms && texts.some(t => t.way === "in" && time(t) > time(sms))

  // Whoever stands on a step has climbed those below.
  const reached = [texts.some(t => t.way === "in"), tickets.length > 0, seen.opened, seen.launched, code, sms]
  const done = reached.findLastIndex(Boolean) + 1
  return { done, over: Boolean(answered), says: next(done, { state, texts, tickets, code, sms, answered }) }
}

function next(done, { state, texts, tickets, code, sms, answered }) {
  if (answered && bad[state.faults]) return bad[state.faults]
  switch (done) {
    case 0: return "You are the shopper. Choose a message on the phone, or type one, and send it to the store."
    case 1: return waiting(state, texts)
    case 2: return `Now you are the agent. ${first(tickets[0].customer.name)}’s text has become a ticket in the helpdesk: open it.`
    case 3: return "Beside the ticket is a card. Press Text via SMS on it: it opens a new tab, as in the real helpdesk."
    case 4: return "Choose your name in the new tab. Then come back: the code is posted here, as a note on the ticket."
    case 5: return `${codeNote.exec(code.text)[1]} is the code in the note. Enter it in the new tab and write to ${first(code.ticket.customer.name)}: it arrives on the phone.`
  }
  if (!answered) return `${first(sms.ticket.customer.name)} has the text. Answer on the phone and watch the other tab: live in both directions, with ticks.`
  return "That is the whole story. Next: answer the ticket by e-mail, text STOP, close the ticket, or make bad weather."
}

const bad = {
  gorgias_down: "The helpdesk is down. Text on, from the phone or the other tab: all of it is kept, and is in the ticket once the weather is fine.",
  twilio_down: "The carrier answers with errors only. Write in the other tab: nobody can know whether it got out, so it says that, and is not sent twice.",
  slow: "Every vendor is slow. The pages stay quick: nobody waits for a vendor.",
  callbacks_reversed: "The carrier reports in the wrong order. Write in the other tab: its ticks never go back.",
}

function waiting(state, texts) {
  if (state.faults === "gorgias_down") return "The helpdesk is down, so the ticket waits. Nothing is lost: make the weather fine again, and it appears."
  const last = texts.toSorted((a, b) => time(a) - time(b)).at(-1)
  if (last.by === "carrier") return "The carrier answered that word by itself. Ask for something else: “where is my package??”"
  if (last.way === "out" && !last.phone.email) return "The store doesn’t know this number: it is answered politely, and makes no ticket. Take another shopper’s phone."
  if (last.way === "out") return "The automation answered by itself, so nobody had to. Ask for more than it can do: “I want to end my subscription”."
  return "The text is with the store. What needs a person becomes a ticket in the helpdesk."
}

const time = ({ at }) => Date.parse(at)
const first = name => name?.split(" ")[0] || "The shopper"
