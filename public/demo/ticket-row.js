import { moment } from "../common/calendar.js"
import { cloneTemplate } from "../common/template.js"
import { setText } from "./parts.js"
import { showStatus, showTags } from "./tags.js"
import { ago } from "./words.js"

// A TicketRow is a ticket in the list. isNew: it arrived while the list was shown.
export class TicketRow {
  #parts = cloneTemplate("ticket-row")

  constructor(isNew) { this.element.toggleAttribute("data-new", isNew) }

  get element() { return this.#parts.root }

  show({ id, subject, status, tags, customer, updated }) {
    const { name, at, subject: about, status: state, tags: list, root } = this.#parts
    root.firstElementChild.dataset.ticket = id
    root.dataset.status = status
    setText(name, customer.name || customer.email || "Unknown")
    setText(about, subject)
    const when = new Date(updated)
    at.dateTime = updated
    at.title = moment(when)
    setText(at, ago(when))
    showStatus(state, status)
    showTags(list, tags)
  }
}
