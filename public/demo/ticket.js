import { End } from "./end.js"
import { keep } from "./keep.js"
import { reveal } from "../common/template.js"
import { partsOf, put } from "./parts.js"
import { showStatus, showTags } from "./tags.js"
import { TicketMessage } from "./ticket-message.js"

// <demo-ticket> shows one ticket and answers it. Set .does to what carries out
// ("reply" | "note" | "ticket-status", wish): it may throw an Error with a
// sentence. Event: "back".
export class Ticket extends HTMLElement {
  #parts
  #ticket
  #count = 0
  #end
  does

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    const { back, toggle, form, answer, messages } = this.#parts
    this.#end = new End(messages)
    back.addEventListener("click", () => this.dispatchEvent(new Event("back", { bubbles: true })))
    toggle.addEventListener("click", () => this.#try("ticket-status", { status: this.#ticket.status === "open" ? "closed" : "open" }))
    form.addEventListener("change", () => this.#address())
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
    const other = this.#ticket?.id !== ticket.id
    this.#ticket = ticket
    if (other) {
      answer.value = ""
      reveal(problem, "")
    }
    put(subject, ticket.subject)
    put(id, `#${ticket.id}`)
    showStatus(status, ticket.status)
    showTags(tags, ticket.tags)
    put(toggle, ticket.status === "open" ? "Close" : "Reopen")
    this.#address()
    keep(messages, ticket.messages, m => m.id, () => new TicketMessage())
    if (other) this.#end.go()
    else this.#end.keep()
    // On a small screen it is the whole ticket that scrolls, and the card comes first.
    if (!other && ticket.messages.length > this.#count) messages.lastElementChild.scrollIntoView({ block: "nearest" })
    this.#count = ticket.messages.length
  }

  get #way() { return new FormData(this.#parts.form).get("way") }

  #address() {
    const { form, to, label, answer, send } = this.#parts
    const note = this.#way === "note"
    const { name, email } = this.#ticket.customer
    form.dataset.way = this.#way
    put(to, note ? "Only agents see it" : `To ${email || name}`)
    put(label, note ? "Internal note" : `E-mail to ${name}`)
    answer.placeholder = note ? "Write for your colleagues" : "Answer by e-mail; the texts are quoted under it"
    put(send, note ? "Add note" : "Send e-mail")
  }

  async #try(name, wish) {
    const { problem } = this.#parts
    if (this.ariaBusy === "true") return false
    this.ariaBusy = "true"
    reveal(problem, "")
    try {
      await this.does(name, { ticket: this.#ticket.id, ...wish })
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
