import { clock } from "../common/calendar.js"
import { webAddress } from "../common/links.js"
import { phoneWords } from "../common/names.js"
import { reveal, sign, stamp } from "../common/template.js"
import { plain, spelled } from "./people.js"

const reading = 6000 // ms for a remark to be read

// A Notice is about one other shopper: that they need a person, or that somebody
// has them now. dismiss is called when it was read.
export class Notice {
  #parts
  #dismiss
  #timer = 0
  element

  constructor(dismiss) {
    this.#parts = stamp("notice")
    this.element = this.#parts.root
    this.#dismiss = dismiss
    this.#parts.dismiss.addEventListener("click", dismiss)
    this.element.addEventListener("keydown", event => { if (event.key === "Escape") dismiss() })
  }

  // show takes a ring; live: what is heard now is all that happens.
  show(ring, live) {
    const { said, why, colon, ticket, sign: use, "dismiss-words": dismiss } = this.#parts
    const needed = ring.event === "escalated"
    const doubtful = needed && !(ring.sure && live)
    this.element.dataset.tone = needed && !doubtful ? "" : "past"
    sign(use, doubtful ? "clock" : signs[ring.event])
    const sentence = sentenceFor(ring, live)
    if (said.textContent !== plain(sentence)) said.replaceChildren(...spelled(sentence))
    reveal(why, needed ? ring.why : "")
    colon.hidden = why.hidden
    const href = needed ? webAddress(ring.ticket?.url) : ""
    if (href) ticket.href = href
    reveal(ticket, href ? `Ticket #${ring.ticket.id}` : "")
    dismiss.textContent = `Dismiss: ${plain(sentence)}`
    if (!needed) this.#fade()
  }

  remove() {
    clearTimeout(this.#timer)
    this.element.remove()
  }

  // fade takes a remark away once it was read, but not from under a hand.
  #fade() {
    if (this.#timer) return
    const over = () => {
      if (this.element.matches(":hover, :focus-within")) this.#timer = setTimeout(over, reading / 3)
      else this.#dismiss()
    }
    this.#timer = setTimeout(over, reading)
  }
}

const signs = { escalated: "hand", taken: "person", handed_back: "automation" }

// sentenceFor says what a ring means. Of what was heard before the connection
// broke nobody knows whether it is so still.
export function sentenceFor({ event, shopper, agent, sure, when }, live = true) {
  const name = { name: phoneWords(shopper || "A shopper") }
  switch (event) {
    case "taken": return [{ name: agent || "A colleague" }, " has ", name]
    case "handed_back": return [name, " is with automation again"]
    default: return [name, sure && live ? " needs a person" : ` needed a person at ${clock(new Date(when))}`]
  }
}
