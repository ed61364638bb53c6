import { syncList } from "./sync-list.js"
import { partsOf, setText } from "./parts.js"
import { TicketRow } from "./ticket-row.js"

// <demo-helpdesk> is the agents' side: a list of tickets and the open one. Events:
// "ticket" (detail: the id to open, or 0), "agent" (detail: an id).
export class Helpdesk extends HTMLElement {
  #parts
  #knownIds = null // of tickets; null before the first state

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    this.#parts.agent.addEventListener("change", ({ target }) => this.dispatchEvent(new CustomEvent("agent", { detail: Number(target.value) })))
    this.#parts.tickets.addEventListener("click", ({ target }) => {
      const row = target.closest("button")
      if (row) this.#open(Number(row.dataset.ticket))
    })
    this.addEventListener("back", () => this.#open(0))
  }

  // show takes the tickets and the open one (or undefined); isNew(ticket) reports whether
  // it has unread messages, arrived whether one that began as a text has.
  show({ agents, tickets, open, agent, isNew, arrived }) {
    const parts = this.#parts
    syncList(parts.agent, agents, a => a.id, () => new Option())
    for (const option of parts.agent.options) option.selected = Number(option.value) === (agent || agents[0]?.id)
    setText(parts.count, String(tickets.filter(t => t.status === "open").length) + " open")
    const fresh = tickets.filter(t => this.#knownIds && !this.#knownIds.has(t.id))
    syncList(parts.tickets, tickets, t => t.id, t => new TicketRow(fresh.includes(t)))
    for (const [i, item] of [...parts.tickets.children].entries()) {
      const row = item.firstElementChild
      row.setAttribute("aria-current", tickets[i].id === open?.id)
      row.querySelector(".dot").hidden = !isNew(tickets[i])
    }
    if (fresh.length) setText(parts.news, `New ticket: ${fresh[0].subject}`)
    this.#knownIds = new Set(tickets.map(t => t.id))
    parts.room.toggleAttribute("data-open", Boolean(open))
    parts.waiting.hidden = parts.ticket.hidden = parts.sidebar.hidden = true
    parts.waiting.hidden = Boolean(open)
    parts.ticket.hidden = parts.sidebar.hidden = !open
    setText(parts["waiting-title"], arrived ? "A ticket has arrived" : "Texts become tickets here")
    setText(parts["waiting-words"], arrived
      ? "It began as a text. Open it in the list to see what the shopper wants."
      : "Text the store from the phone. What the automation can’t answer lands in this list, beside the shop’s e-mails.")
  }

  #open(id) { this.dispatchEvent(new CustomEvent("ticket", { detail: id })) }
}

// An Option is an agent to work as.
class Option {
  element = document.createElement("option")
  show({ id, name }) {
    this.element.value = id
    setText(this.element, name)
  }
}

customElements.define("demo-helpdesk", Helpdesk)
