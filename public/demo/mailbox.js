import { clock, dayWords, moment } from "../common/calendar.js"
import { cloneTemplate } from "../common/template.js"
import { syncList } from "./sync-list.js"
import { partsOf, setText } from "./parts.js"

// <demo-mailbox> shows the e-mails that a shopper received, the newest first.
export class Mailbox extends HTMLElement {
  #parts

  connectedCallback() { this.#parts ??= partsOf(this) }

  show(phone, mails, shop) {
    const { list, empty, why } = this.#parts
    this.setAttribute("aria-label", `Mail of ${phone.name}`)
    empty.hidden = mails.length > 0
    setText(why, phone.email
      ? `When an agent answers the ticket by e-mail, it arrives here, at ${phone.email}, with the texts quoted.`
      : "The store does not know this shopper’s e-mail address.")
    syncList(list, mails.map(mail => ({ ...mail, shop })).reverse(), m => `${m.at} ${m.ticket}`, () => new Letter())
  }
}

// A Letter is one e-mail.
class Letter {
  #parts = cloneTemplate("letter")
  #shown
  get element() { return this.#parts.root }

  show({ at, subject, text, shop }) {
    const { from, subject: title, at: time, body } = this.#parts
    const when = new Date(at)
    setText(from, shop)
    setText(title, subject)
    time.dateTime = at
    time.title = moment(when)
    setText(time, `${dayWords(when)}, ${clock(when)}`)
    if (this.#shown === text) return
    this.#shown = text
    body.replaceChildren(...paragraphs(text))
  }
}

// paragraphs returns an e-mail's text as elements. Lines that begin with > are a quote,
// which may contain another.
function paragraphs(text) {
  const blocks = []
  for (const line of text.split("\n")) {
    const quoted = line.startsWith(">")
    if (blocks.at(-1)?.quoted !== quoted) blocks.push({ quoted, lines: [] })
    blocks.at(-1).lines.push(quoted ? line.replace(/^> ?/, "") : line)
  }
  return blocks.map(({ quoted, lines }) => {
    const words = lines.join("\n").trim()
    const block = document.createElement(quoted ? "blockquote" : "p")
    block.append(...(quoted ? paragraphs(words) : [words]))
    return block
  }).filter(block => block.textContent)
}

customElements.define("demo-mailbox", Mailbox)
