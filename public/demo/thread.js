import { dayOf, dayWords, clock, moment } from "../common/calendar.js"
import { reveal, stamp } from "../common/template.js"
import { End } from "./end.js"
import { keep } from "./keep.js"
import { partsOf, put } from "./parts.js"
import { textWords } from "./words.js"

// <demo-thread> shows a shopper's texts with the store and stays at their end,
// unless the reader has scrolled up.
export class Thread extends HTMLElement {
  #parts
  #whose
  #mine = 0
  #end

  connectedCallback() {
    this.#parts ??= partsOf(this)
    this.#end ??= new End(this)
  }

  show(phone, shop) {
    const { list, empty, words } = this.#parts
    this.setAttribute("aria-label", `Texts of ${phone.name} with ${shop}`)
    put(words, phone.email
      ? `You are ${phone.name}, a shopper with a subscription. Choose a message below, or type your own.`
      : "This number is not known to the store. Strangers are answered politely, and make no tickets.")
    empty.hidden = phone.texts.length > 0
    const lastMine = phone.texts.findLastIndex(t => t.way === "in")
    const rows = phone.texts.map((text, i) => ({ ...text, shop, before: phone.texts[i - 1], after: phone.texts[i + 1], spelt: i === lastMine }))
    keep(list, rows, t => `${phone.number} ${t.at} ${t.by}`, () => new Text())
    const mine = Date.parse(phone.texts[lastMine]?.at)
    if (this.#whose !== phone.number || mine > this.#mine) this.#end.go()
    else this.#end.keep()
    this.#whose = phone.number
    this.#mine = mine || 0
  }
}

// A Text is one bubble.
class Text {
  #parts = stamp("text")
  get element() { return this.#parts.root }

  show({ way, by, text, media, at, status, shop, before, after, spelt }) {
    const { root, day, from, who, words, at: time, state } = this.#parts
    const when = new Date(at)
    root.dataset.by = by
    root.dataset.test = way === "in" ? "text-mine" : "text-theirs"
    root.toggleAttribute("data-leads", before?.by !== by)
    root.toggleAttribute("data-ends", after?.by !== by)
    reveal(day, !before || dayOf(new Date(before.at)) !== dayOf(when) ? dayWords(when) : "")
    reveal(from, by === "carrier" && before?.by !== by ? "The carrier, by itself" : "")
    put(who, `${way === "in" ? "You" : by === "carrier" ? "The carrier" : shop}: `)
    put(words, [text, ...(media ?? []).map(() => "[Picture]")].filter(Boolean).join("\n"))
    time.dateTime = at
    time.title = moment(when)
    put(time, clock(when))
    reveal(state, way === "in" && spelt ? textWords(status) : "")
  }
}

customElements.define("demo-thread", Thread)
