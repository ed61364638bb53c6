import "./helpdesk.js"
import "./keys.js"
import "./mailbox.js"
import "./phone.js"
import "./rail.js"
import "./sidebar.js"
import "./thread.js"
import "./ticket.js"
import "./weather.js"
import { LostLine } from "./lost.js"
import { partsOf, put } from "./parts.js"
import { Seen } from "./seen.js"
import { ofTexts, steps, tell } from "./story.js"
import { World } from "./world.js"

const find = name => document.querySelector(name)
const [rail, weather, phone, thread, keys, mailbox, helpdesk, ticket, sidebar] =
  ["rail", "weather", "phone", "thread", "keys", "mailbox", "helpdesk", "ticket", "sidebar"].map(name => find("demo-" + name))
const says = partsOf(find(".says"))
const panes = [...document.querySelectorAll(".switch button")]
const world = new World("/demo/world/")
const seen = new Seen()
const lost = new LostLine(find(".lost"), () => world.now())

let inHand = ""  // the number of the phone
let openId = 0   // the open ticket's

const narrow = matchMedia("(width < 900px)")
const showing = pane => !document.hidden && (!narrow.matches || document.body.dataset.pane === pane)

const time = ({ at }) => Date.parse(at)
const lastFrom = (items, of) => time(items.findLast(of) ?? {}) || 0
const heard = p => lastFrom(p.texts, t => t.way === "out")
const asked = t => lastFrom(t.messages, m => m.from === "shopper")
const waits = t => t.messages.findLast(m => m.from !== "note")?.from === "shopper"
const isNewTicket = t => t.status === "open" && waits(t) && !seen.has("ticket " + t.id, asked(t))
const isNewText = p => !seen.has("phone " + p.number, heard(p))

function render() {
  const { state } = world
  if (!state) return
  const inHandNow = state.phones.find(p => p.number === inHand) ?? state.phones[0]
  inHand = inHandNow?.number
  const tickets = state.tickets.filter(t => !t.trashed)
  const open = tickets.find(t => t.id === openId)
  const mails = state.mail.filter(m => inHandNow?.email && m.to === inHandNow.email)
  const firstText = Math.min(...state.phones.flatMap(p => p.texts.map(time)))
  look(inHandNow, mails, open)

  const story = tell(state, { opened: seen.since("opened", firstText), launched: seen.since("launched", firstText) })
  rail.show(story.done)
  document.body.dataset.next = steps[story.done]?.[0] ?? ""
  put(says["says-step"], story.done < steps.length ? `${story.done + 1} of ${steps.length}` : "Live")
  put(says.says, story.says)
  says.root.toggleAttribute("data-over", story.over)

  weather.show(state)
  if (inHandNow) {
    const newTexts = inHandNow.texts.filter(t => t.way === "out" && !seen.has("phone " + inHand, time(t))).length
    phone.show(state, inHand, isNewText, newTexts, mails.filter(m => !seen.has("mail " + inHand, time(m))).length)
    thread.show(inHandNow, state.shop)
    mailbox.show(inHandNow, mails, state.shop)
  }
  helpdesk.show({ agents: state.agents, tickets, open, agent: world.agent, isNew: isNewTicket, arrived: ofTexts(state).some(isNewTicket) })
  if (open) {
    ticket.show(open)
    sidebar.show(open)
  }
  const fresh = { phone: state.phones.some(isNewText), desk: tickets.some(isNewTicket) && ofTexts(state).some(isNewTicket) }
  for (const button of panes) button.querySelector(".dot").hidden = !fresh[button.dataset.pane] || showing(button.dataset.pane)
}

// look notes what is before the visitor's eyes.
function look(inHandNow, mails, open) {
  if (inHandNow && showing("phone")) {
    if (phone.tab === "texts") seen.look("phone " + inHand, heard(inHandNow))
    else seen.look("mail " + inHand, lastFrom(mails, () => true))
  }
  if (open && showing("desk")) {
    seen.look("ticket " + open.id, asked(open))
    if (ofTexts(world.state).includes(open)) seen.did("opened")
  }
}

function showPane(name) {
  document.body.dataset.pane = name
  for (const button of panes) button.setAttribute("aria-pressed", button.dataset.pane === name)
  render()
}

world.addEventListener("state", render)
world.addEventListener("status", () => lost.show(world.lost))
document.addEventListener("visibilitychange", render)
narrow.addEventListener("change", render)
setInterval(render, 30_000) // "5 min" becomes "6 min"

for (const button of panes) button.addEventListener("click", () => showPane(button.dataset.pane))
phone.addEventListener("person", ({ detail }) => { inHand = detail; render() })
phone.addEventListener("tab", render)
keys.send = (text, photo) => world.does("text", { from: inHand, text, photo })
helpdesk.addEventListener("agent", ({ detail }) => world.as(detail))
helpdesk.addEventListener("ticket", ({ detail }) => {
  openId = detail
  render()
  if (detail) ticket.focus()
})
ticket.does = (name, wish) => world.does(name, wish)
sidebar.addEventListener("launch", () => { seen.did("launched"); render() })
weather.addEventListener("weather", ({ detail }) => world.does("faults", { name: detail }).catch(error => {
  weather.show(world.state)
  weather.trouble(error.message)
}))

world.start()
