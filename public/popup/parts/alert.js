import { clock } from "../../common/calendar.js"
import { webAddress } from "../../common/links.js"
import { phoneWords } from "../../common/names.js"
import { reveal, setIcon, cloneTemplate } from "../../common/template.js"
import { plainText } from "../state/people.js"
import { sentenceNodes } from "./sentence.js"

const readingTime = 6000 // ms until the end of an escalation disappears

const icons = { escalated: "hand", taken: "person", handed_back: "automation" }

// An Alert is one row of <side-alerts>: another shopper needs a person, or no longer.
// dismiss is called when it was dismissed or its time is over.
export class Alert {
  #parts
  #dismiss
  #timer = 0
  element

  constructor(dismiss) {
    this.#parts = cloneTemplate("alert")
    this.element = this.#parts.root
    this.#dismiss = dismiss
    this.#parts.dismiss.addEventListener("click", dismiss)
    this.element.addEventListener("keydown", event => { if (event.key === "Escape") dismiss() })
  }

  // show takes an alert of state/alerts.js. live: its end is reported, too.
  show(alert, live) {
    const { sentence: words, why, colon, ticket, sign: icon, "dismiss-words": dismiss } = this.#parts
    const escalated = alert.event === "escalated"
    const uncertain = escalated && !(alert.confirmed && live)
    this.element.dataset.tone = escalated && !uncertain ? "" : "past"
    setIcon(icon, uncertain ? "clock" : icons[alert.event])
    const sentence = sentenceFor(alert, live)
    if (words.textContent !== plainText(sentence)) words.replaceChildren(...sentenceNodes(sentence))
    reveal(why, escalated ? alert.why : "")
    colon.hidden = why.hidden
    const href = escalated ? webAddress(alert.ticket?.url) : ""
    if (href) ticket.href = href
    reveal(ticket, href ? `Ticket #${alert.ticket.id}` : "")
    dismiss.textContent = `Dismiss: ${plainText(sentence)}`
    if (!escalated) this.#startTimer()
  }

  remove() {
    clearTimeout(this.#timer)
    this.element.remove()
  }

  // While the pointer or the focus is on the row, it stays.
  #startTimer() {
    if (this.#timer) return
    const end = () => {
      if (this.element.matches(":hover, :focus-within")) this.#timer = setTimeout(end, readingTime / 3)
      else this.#dismiss()
    }
    this.#timer = setTimeout(end, readingTime)
  }
}

// sentenceFor returns an alert as a sentence of state/people.js. An escalation that was
// not confirmed since the connection was lost may be over.
export function sentenceFor({ event, shopper, agent, confirmed, when }, live = true) {
  const name = { name: phoneWords(shopper || "A shopper") }
  switch (event) {
    case "taken": return [{ name: agent || "A colleague" }, " has ", name]
    case "handed_back": return [name, " is back with automation"]
    default: return [name, confirmed && live ? " needs a person" : ` needed a person at ${clock(new Date(when))}`]
  }
}
