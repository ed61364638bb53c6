import { clock, dayOf, dayWords, moment } from "../common/calendar.js"
import { initials } from "../common/names.js"
import { reveal, cloneTemplate } from "../common/template.js"
import { setText } from "./parts.js"
import { kindWords } from "./words.js"

// A TicketMessage is one message of a ticket.
export class TicketMessage {
  #parts = cloneTemplate("message")
  get element() { return this.#parts.root }

  show(message) {
    const { root, initials: letters, author, kind, at, words, quote, quoted, failed } = this.#parts
    const { from, text, full, failed: reason } = message
    const when = new Date(message.at)
    root.dataset.from = from
    root.dataset.test = "message-" + from
    setText(letters, initials(message.author))
    setText(author, message.author)
    setText(kind, kindWords(message))
    at.dateTime = message.at
    at.title = moment(when)
    setText(at, dayOf(when) === dayOf(new Date()) ? clock(when) : `${dayWords(when)}, ${clock(when)}`)
    setText(words, text)
    // The whole text mostly begins with the new part.
    reveal(quote, full?.startsWith(text) ? full.slice(text.length).trim() : full, quoted)
    reveal(failed, reason ? `Not sent. ${reason}` : "")
  }
}
