import { StickToEnd } from "./stick-to-end.js"
import { syncList } from "./sync-list.js"
import { reveal } from "../common/template.js"
import { partsOf, setText } from "./parts.js"
import { showStatus, showTags } from "./tags.js"
import { TicketMessage } from "./ticket-message.js"

// <demo-ticket> shows a ticket and answers it. Set .act to an async function that takes
// "reply", "note" or "ticket-status" and the details; it may throw an Error with a
// sentence for people. Event: "back".
export class Ticket extends HTMLElement {
  #parts
  #ticket
  #count = 0 // messages
  #end
  act

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    const { back, toggle, form, answer, messages } = this.#parts
    this.#end = new StickToEnd(messages)
    back.addEventListener("click", () => this.dispatchEvent(new Event("back", { bubbles: true })))
    toggle.addEventListener("click", () => this.#try("ticket-status", { status: this.#ticket.status === "open" ? "closed" : "open" }))
    form.addEventListener("change", () => this.#showWay())
    form.addEventListener("submit", async event => {
      event.preventDefault()
      const text = answer.value
      if (text.trim() && await this.#try(this.#way, { text }) && answer.value === text) answer.value = ""
    })
    answer.addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit()
    })
  }

  focus() { this.#parts.subject.focus() }

  show(ticket) {
    const { subject, id, status, tags, toggle, messages, answer, problem } = this.#parts
    const switched = this.#ticket?.id !== ticket.id
    this.#ticket = ticket
    if (switched) {
      answer.value = ""
      reveal(problem, "")
    }
    setText(subject, ticket.subject)
    setText(id, `#${ticket.id}`)
    showStatus(status, ticket.status)
    showTags(tags, ticket.tags)
    setText(toggle, ticket.status === "open" ? "Close" : "Reopen")
    this.#showWay()
    syncList(messages, ticket.messages, m => m.id, () => new TicketMessage())
    if (switched) this.#end.toEnd()
    else this.#end.update()
    // On a small screen the whole ticket scrolls, and the card is above the messages.
    if (!switched && ticket.messages.length > this.#count) messages.lastElementChild.scrollIntoView({ block: "nearest" })
    this.#count = ticket.messages.length
  }

  get #way() { return new FormData(this.#parts.form).get("way") }

  #showWay() {
    const { form, to, label, answer, send } = this.#parts
    const note = this.#way === "note"
    const { name, email } = this.#ticket.customer
    form.dataset.way = this.#way
    setText(to, note ? "Only agents see it" : `To ${email || name}`)
    setText(label, note ? "Internal note" : `E-mail to ${name}`)
    answer.placeholder = note ? "Write for your colleagues" : "Answer by e-mail; the texts are quoted under it"
    setText(send, note ? "Add note" : "Send e-mail")
  }

  async #try(name, details) {
    const { problem } = this.#parts
    if (this.ariaBusy === "true") return false
    this.ariaBusy = "true"
    reveal(problem, "")
    try {
      await this.act(name, { ticket: this.#ticket.id, ...details })
      return true
    } catch (error) {
      reveal(problem, error.message)
      return false
    } finally {
      this.ariaBusy = "false"
    }
  }
}

customElements.define("demo-ticket", Ticket)
