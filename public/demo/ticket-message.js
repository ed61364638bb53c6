import { clock, dayOf, dayWords, moment } from "../common/calendar.js"
import { initials } from "../common/names.js"
import { reveal, stamp } from "../common/template.js"
import { put } from "./parts.js"
import { kindWords } from "./words.js"

// A TicketMessage is one message of a ticket.
export class TicketMessage {
  #parts = stamp("message")
  get element() { return this.#parts.root }

  show(message) {
    const { root, initials: letters, author, kind, at, words, quote, quoted, failed } = this.#parts
    const { from, text, full, failed: why } = message
    const when = new Date(message.at)
    root.dataset.from = from
    root.dataset.test = "message-" + from
    put(letters, initials(message.author))
    put(author, message.author)
    put(kind, kindWords(message))
    at.dateTime = message.at
    at.title = moment(when)
    put(at, dayOf(when) === dayOf(new Date()) ? clock(when) : `${dayWords(when)}, ${clock(when)}`)
    put(words, text)
    // What is new stands at the beginning of the whole, as a rule.
    reveal(quote, full?.startsWith(text) ? full.slice(text.length).trim() : full, quoted)
    reveal(failed, why ? `Not sent. ${why}` : "")
  }
}
