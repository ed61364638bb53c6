// The wiring: the simulation has the state, the elements show it.
import "./faults.js"
import "./helpdesk.js"
import "./mailbox.js"
import { OfflineBanner } from "./offline.js"
import { partsOf, setText } from "./parts.js"
import "./phone.js"
import "./progress.js"
import "./reply-box.js"
import { Seen } from "./seen.js"
import "./sidebar.js"
import { Simulation } from "./simulation.js"
import "./store.js"
import { progressOf, steps, ticketsFromTexts } from "./story.js"
import "./thread.js"
import "./ticket.js"

const [progress, faults, phone, thread, replyBox, mailbox, store, helpdesk, ticket, sidebar] =
  ["progress", "faults", "phone", "thread", "reply-box", "mailbox", "store", "helpdesk", "ticket", "sidebar"].map(name => document.querySelector("demo-" + name))
const hint = partsOf(document.querySelector(".next"))
const panes = [...document.querySelectorAll(".switch button")]
const simulation = new Simulation("/demo/world/")
const seen = new Seen()
const offline = new OfflineBanner(document.querySelector(".offline"), () => simulation.retryNow())

let currentNumber = "" // of the phone on screen
let currentTicket = 0  // the open ticket's id

const narrow = matchMedia("(width < 900px)")
const isShown = pane => !document.hidden && (!narrow.matches || document.body.dataset.pane === pane)

const time = ({ at }) => Date.parse(at)
const lastTime = (items, matches) => time(items.findLast(matches) ?? {}) || 0
const lastReceived = phone => lastTime(phone.texts, t => t.way === "out")
const lastAsked = ticket => lastTime(ticket.messages, m => m.from === "shopper")
const isUnanswered = ticket => ticket.messages.findLast(m => m.from !== "note")?.from === "shopper"
const isNewTicket = t => t.status === "open" && isUnanswered(t) && !seen.has("ticket " + t.id, lastAsked(t))
const isNewText = p => !seen.has("phone " + p.number, lastReceived(p))

function render() {
  const { state } = simulation
  if (!state) return
  const current = state.phones.find(p => p.number === currentNumber) ?? state.phones[0]
  currentNumber = current?.number
  const tickets = state.tickets.filter(t => !t.trashed)
  const open = tickets.find(t => t.id === currentTicket)
  const mails = state.mail.filter(m => current?.email && m.to === current.email)
  const firstText = Math.min(...state.phones.flatMap(p => p.texts.map(time)))
  markSeen(current, mails, open)

  const story = progressOf(state, { opened: seen.doneSince("opened", firstText), launched: seen.doneSince("launched", firstText) })
  progress.show(story.done)
  document.body.dataset.next = steps[story.done]?.[0] ?? ""
  setText(hint["next-number"], story.done < steps.length ? `${story.done + 1} of ${steps.length}` : "Live")
  setText(hint["next-words"], story.hint)
  hint.root.toggleAttribute("data-over", story.over)

  faults.show(state)
  if (current) {
    const newTexts = current.texts.filter(t => t.way === "out" && !seen.has("phone " + currentNumber, time(t))).length
    const newMails = mails.filter(m => !seen.has("mail " + currentNumber, time(m))).length
    phone.show(state, currentNumber, isNewText, newTexts, newMails)
    thread.show(current, state.shop)
    mailbox.show(current, mails, state.shop)
    store.show(current, state.webhooks ?? [])
  }
  const arrived = ticketsFromTexts(state).some(isNewTicket)
  helpdesk.show({ agents: state.agents, tickets, open, agent: simulation.agent, isNew: isNewTicket, arrived })
  if (open) {
    ticket.show(open)
    sidebar.show(open)
  }
  const news = { phone: state.phones.some(isNewText), desk: arrived }
  for (const button of panes) button.querySelector(".dot").hidden = !news[button.dataset.pane] || isShown(button.dataset.pane)
}

// markSeen remembers what is on screen.
function markSeen(current, mails, open) {
  if (current && isShown("phone")) {
    if (phone.tab === "texts") seen.markSeen("phone " + currentNumber, lastReceived(current))
    else if (phone.tab === "mail") seen.markSeen("mail " + currentNumber, lastTime(mails, () => true))
  }
  if (open && isShown("desk")) {
    seen.markSeen("ticket " + open.id, lastAsked(open))
    if (ticketsFromTexts(simulation.state).includes(open)) seen.markDone("opened")
  }
}

function showPane(name) {
  document.body.dataset.pane = name
  for (const button of panes) button.setAttribute("aria-pressed", button.dataset.pane === name)
  render()
}

simulation.addEventListener("state", render)
simulation.addEventListener("status", () => offline.show(simulation.nextTry))
document.addEventListener("visibilitychange", render)
narrow.addEventListener("change", render)
setInterval(render, 30_000) // "5 min" becomes "6 min"

for (const button of panes) button.addEventListener("click", () => showPane(button.dataset.pane))
phone.addEventListener("person", ({ detail }) => { currentNumber = detail; render() })
phone.addEventListener("tab", render)
replyBox.send = (text, photo) => simulation.act("text", { from: currentNumber, text, photo })
helpdesk.addEventListener("agent", ({ detail }) => simulation.viewAs(detail))
helpdesk.addEventListener("ticket", ({ detail }) => {
  currentTicket = detail
  render()
  if (detail) ticket.focus()
})
store.act = (name, body) => simulation.act(name, body)
ticket.act = (name, body) => simulation.act(name, body)
sidebar.addEventListener("launch", () => { seen.markDone("launched"); render() })
faults.addEventListener("faults", ({ detail }) => simulation.act("faults", { name: detail }).catch(error => {
  faults.show(simulation.state)
  faults.showProblem(error.message)
}))

simulation.start()
