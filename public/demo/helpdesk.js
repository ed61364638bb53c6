import { keep } from "./keep.js"
import { partsOf, put } from "./parts.js"
import { TicketRow } from "./ticket-row.js"

// <demo-helpdesk> is the agents' side: the tickets, one of which may be open.
// Events: "ticket" (detail: an id, or 0 for none), "agent" (detail: an id).
export class Helpdesk extends HTMLElement {
  #parts
  #known = null

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

  // show takes the tickets to list, which of them is open (or nothing), whether
  // one holds something new, and whether the story's ticket is there already.
  show({ agents, tickets, open, agent, isNew, arrived }) {
    const parts = this.#parts
    keep(parts.agent, agents, a => a.id, () => new Option())
    for (const option of parts.agent.options) option.selected = Number(option.value) === (agent || agents[0]?.id)
    put(parts.count, String(tickets.filter(t => t.status === "open").length) + " open")
    const fresh = tickets.filter(t => this.#known && !this.#known.has(t.id))
    keep(parts.tickets, tickets, t => t.id, t => new TicketRow(fresh.includes(t)))
    for (const [i, item] of [...parts.tickets.children].entries()) {
      const row = item.firstElementChild
      row.setAttribute("aria-current", tickets[i].id === open?.id)
      row.querySelector(".dot").hidden = !isNew(tickets[i])
    }
    if (fresh.length) put(parts.news, `New ticket: ${fresh[0].subject}`)
    this.#known = new Set(tickets.map(t => t.id))
    parts.room.toggleAttribute("data-open", Boolean(open))
    parts.waiting.hidden = parts.ticket.hidden = parts.sidebar.hidden = true
    parts.waiting.hidden = Boolean(open)
    parts.ticket.hidden = parts.sidebar.hidden = !open
    put(parts["waiting-title"], arrived ? "A ticket has arrived" : "Texts become tickets here")
    put(parts["waiting-words"], arrived
      ? "It began as a text. Open it in the list to see what the shopper wants."
      : "Text the store from the phone. What the automation can’t answer lands in this list, beside the shop’s e-mails.")
  }

  #open(id) { this.dispatchEvent(new CustomEvent("ticket", { detail: id })) }
}

// An Option is one agent to work as.
class Option {
  element = document.createElement("option")
  show({ id, name }) {
    this.element.value = id
    put(this.element, name)
  }
}

customElements.define("demo-helpdesk", Helpdesk)
