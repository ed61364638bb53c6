import { dayOf, dayWords, clock, moment } from "../common/calendar.js"
import { reveal, cloneTemplate } from "../common/template.js"
import { StickToEnd } from "./stick-to-end.js"
import { syncList } from "./sync-list.js"
import { partsOf, setText } from "./parts.js"
import { textWords } from "./words.js"

// <demo-thread> shows the texts between a shopper and the store and stays at the end,
// unless the reader has scrolled up.
export class Thread extends HTMLElement {
  #parts
  #number      // of the phone shown
  #lastSent = 0 // when the shopper sent the last text, in ms
  #end

  connectedCallback() {
    this.#parts ??= partsOf(this)
    this.#end ??= new StickToEnd(this)
  }

  show(phone, shop) {
    const { list, empty, words } = this.#parts
    this.setAttribute("aria-label", `Texts of ${phone.name} with ${shop}`)
    setText(words, phone.email
      ? `You are ${phone.name}, a shopper with a subscription. Choose a message below, or type your own.`
      : "The store does not know this number. It gets a polite answer, and no ticket.")
    empty.hidden = phone.texts.length > 0
    const newestSent = phone.texts.findLastIndex(t => t.way === "in")
    const rows = phone.texts.map((text, i) => ({ ...text, shop, before: phone.texts[i - 1], after: phone.texts[i + 1], showState: i === newestSent }))
    syncList(list, rows, t => `${phone.number} ${t.at} ${t.by}`, () => new Text())
    const sentAt = Date.parse(phone.texts[newestSent]?.at)
    if (this.#number !== phone.number || sentAt > this.#lastSent) this.#end.toEnd()
    else this.#end.update()
    this.#number = phone.number
    this.#lastSent = sentAt || 0
  }
}

// A Text is one bubble.
class Text {
  #parts = cloneTemplate("text")
  get element() { return this.#parts.root }

  show({ way, by, text, media, at, status, shop, before, after, showState }) {
    const { root, day, from, who, words, at: time, state } = this.#parts
    const when = new Date(at)
    root.dataset.by = by
    root.dataset.test = way === "in" ? "text-mine" : "text-theirs"
    root.toggleAttribute("data-leads", before?.by !== by)
    root.toggleAttribute("data-ends", after?.by !== by)
    reveal(day, !before || dayOf(new Date(before.at)) !== dayOf(when) ? dayWords(when) : "")
    reveal(from, by === "carrier" && before?.by !== by ? "Automatic reply by the carrier" : "")
    setText(who, `${way === "in" ? "You" : by === "carrier" ? "The carrier" : shop}: `)
    setText(words, [text, ...(media ?? []).map(() => "[Picture]")].filter(Boolean).join("\n"))
    time.dateTime = at
    time.title = moment(when)
    setText(time, clock(when))
    reveal(state, way === "in" && showState ? textWords(status) : "")
  }
}

customElements.define("demo-thread", Thread)
