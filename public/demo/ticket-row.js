import { moment } from "../common/calendar.js"
import { stamp } from "../common/template.js"
import { put } from "./parts.js"
import { showStatus, showTags } from "./tags.js"
import { ago } from "./words.js"

// A TicketRow is a ticket in the list.
export class TicketRow {
  #parts = stamp("ticket-row")

  constructor(fresh) { this.element.toggleAttribute("data-fresh", fresh) }

  get element() { return this.#parts.root }

  show({ id, subject, status, tags, customer, updated }) {
    const { name, at, subject: about, status: state, tags: list, root } = this.#parts
    root.firstElementChild.dataset.ticket = id
    root.dataset.status = status
    put(name, customer.name || customer.email || "Somebody")
    put(about, subject)
    const when = new Date(updated)
    at.dateTime = updated
    at.title = moment(when)
    put(at, ago(when))
    showStatus(state, status)
    showTags(list, tags)
  }
}
