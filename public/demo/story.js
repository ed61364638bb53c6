// The story that the demo tells: which steps are done, and what comes next. Pure rules:
// state is the simulation's, seen has what no state can say: { opened, launched }.

export const steps = [
  ["text", "Text"], ["ticket", "Ticket"], ["card", "Card"], ["popup", "Text via SMS"], ["code", "Code"], ["chat", "Chat"],
]

const tag = "RechargeSMS"
const codeNote = /^Sign-in code for .+?: (\d{6})\b/
const smsNote = / texted by SMS: /

const codeIn = ({ text }) => codeNote.exec(text)?.[1]

// ticketsFromTexts returns the tickets that were opened for texts.
export const ticketsFromTexts = state => state.tickets.filter(t => !t.trashed && t.tags.some(({ name }) => name === tag))

// progressOf returns { done, over, hint }: how many steps are done, whether the story is
// over, and a sentence about what to do next.
export function progressOf(state, seen) {
  const tickets = ticketsFromTexts(state)
  const notes = tickets.flatMap(t => t.messages.filter(m => m.from === "note").map(m => ({ ...m, ticket: t })))
  const newestFirst = (a, b) => time(b) - time(a)
  const firstSMS = notes.filter(n => smsNote.test(n.text)).sort(newestFirst).at(-1)
  const code = notes.filter(codeIn).sort(newestFirst)[0]
  const texts = state.phones.flatMap(p => p.texts.map(t => ({ ...t, phone: p })))
  const answered = firstSMS && texts.some(t => t.way === "in" && time(t) > time(firstSMS))

  // A step that is reached means that those before it are done.
  const reached = [texts.some(t => t.way === "in"), tickets.length > 0, seen.opened, seen.launched, code, firstSMS]
  const done = reached.findLastIndex(Boolean) + 1
  return { done, over: Boolean(answered), hint: hintFor(done, { state, texts, tickets, code, firstSMS, answered }) }
}

function hintFor(done, { state, texts, tickets, code, firstSMS, answered }) {
  if (answered && faultHints[state.faults]) return faultHints[state.faults]
  switch (done) {
    case 0: return "You are the shopper. Choose a message on the phone, or type one, and send it to the store."
    case 1: return hintForText(state, texts)
    case 2: return `Now you are the agent. ${firstName(tickets[0].customer.name)}’s text has become a ticket in the helpdesk: open it.`
    case 3: return "Beside the ticket is a card. Press Text via SMS on it: it opens a new tab, as in the real helpdesk."
    case 4: return "Choose your name in the new tab. Then come back: the code is posted here, as a note on the ticket."
    case 5: return `${codeIn(code)} is the code in the note. Enter it in the new tab and write to ${firstName(code.ticket.customer.name)}: it arrives on the phone.`
  }
  if (!answered) return `${firstName(firstSMS.ticket.customer.name)} has the text. Answer on the phone and watch the other tab: live in both directions, with ticks.`
  const store = state.phones.some(p => p.store) ? "ship an order on the phone’s Store tab, " : ""
  return `That is the whole story. Next: ${store}answer the ticket by e-mail, text STOP, close the ticket, or make a vendor fail.`
}

const faultHints = {
  gorgias_down: "The helpdesk is down. Text on, from the phone or the other tab: everything is stored, and is added to the ticket once the helpdesk is back.",
  twilio_down: "The carrier answers with errors only. Write in the other tab: it is not known whether the text was sent, so the page says that and does not send it twice.",
  shopify_down: "Shopify answers with errors only, but its webhooks still arrive: ship an order on the phone’s Store tab, and the other tab shows it.",
  recharge_down: "Recharge answers with errors only, but its webhooks still arrive: process a charge on the phone’s Store tab, and the other tab shows it.",
  slow: "Every vendor is slow. The pages stay fast: none of them waits for a vendor.",
  callbacks_reversed: "The carrier reports in the wrong order. Write in the other tab: its ticks never go back.",
}

function hintForText(state, texts) {
  if (state.faults === "gorgias_down") return "The helpdesk is down, so the ticket waits. Nothing is lost: bring the helpdesk back, and the ticket appears."
  const last = texts.toSorted((a, b) => time(a) - time(b)).at(-1)
  if (last.by === "carrier") return "The carrier answered that word automatically. Ask for something else: “where is my package??”"
  if (last.way === "out" && !last.phone.email) return "The store doesn’t know this number: it gets a polite answer, and no ticket. Take another shopper’s phone."
  if (last.way === "out") return "The automation answered this, so no person is needed. Ask for more than it can do: “I want to end my subscription”."
  return "The store has the text. If it needs a person it becomes a ticket in the helpdesk."
}

const time = ({ at }) => Date.parse(at)
const firstName = name => name?.split(" ")[0] || "The shopper"
