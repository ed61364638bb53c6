import { reveal, stamp } from "../common/template.js"
import { plain as sentence, spelled } from "./people.js"
import { graphemes } from "./graphemes.js"
import { measure, plain } from "./segments.js"

const most = 1600 // characters in an SMS, counted as JavaScript counts
const many = 3    // more SMS than this deserve a warning

const counted = new Intl.NumberFormat()
const texts = n => n === 1 ? "1 text" : `${n} texts`

// <side-composer> is where an agent writes. The draft lives here and nowhere
// else. Events: "send", with the text in detail; "draft", when there is a draft
// or none any more; "typing", whenever it changed, with in detail whether there is
// something in it.
export class Composer extends HTMLElement {
  #parts
  #closed = ""
  draft = false // something was begun, and would be lost with the page

  connectedCallback() {
    if (this.#parts) return
    this.#parts = stamp("composer")
    this.append(this.#parts.all)
    const { root, text, plainer } = this.#parts
    root.addEventListener("submit", event => { event.preventDefault(); this.#submit() })
    text.addEventListener("input", () => { this.#measure(); this.#typed() })
    text.addEventListener("keydown", event => this.#key(event))
    plainer.addEventListener("click", () => { this.#write(plain(text.value)); text.focus() })
    this.#measure()
  }

  // show closes the composer with a reason, or opens it when there is none.
  show({ closed, name }) {
    const { writing, under, text } = this.#parts
    reveal(this.#parts.closed, closed, this.#parts["closed-words"])
    writing.hidden = under.hidden = !!closed
    this.#closed = closed
    text.placeholder = `Text ${name}`
    this.#measure()
  }

  // typing are the words on who else types, as people.js has them.
  set typing(words) {
    const { typing } = this.#parts
    typing.hidden = !words.length
    if (typing.textContent !== sentence(words)) typing.replaceChildren(...spelled(words))
  }

  focus() { this.#parts.text.focus() }
  clear() { this.#write("") }

  // restore gives a text back to be edited, above what was begun meanwhile.
  restore(text) {
    const begun = this.#parts.text.value
    this.#write(begun.trim() ? text + "\n" + begun : text)
    this.focus()
  }

  #key(event) {
    // 229 is how Safari reports the Enter that only ends a composition.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    this.#submit()
  }

  #submit() {
    const text = this.#parts.text.value.trim()
    if (!text || text.length > most || this.#closed) return
    this.#write("")
    this.dispatchEvent(new CustomEvent("send", { detail: text }))
    this.focus()
  }

  #write(text) {
    this.#parts.text.value = text
    this.#measure()
    if (!text) this.#typed()
  }

  #typed() { this.dispatchEvent(new CustomEvent("typing", { detail: this.draft })) }

  #measure() {
    const { text, grow, send, count } = this.#parts
    const value = text.value.trim()
    const size = measure(value)
    send.disabled = !value || value.length > most
    count.textContent = value ? `${size.encoding} · ${size.units}/${size.room} · ${texts(size.segments)}` : ""
    this.#advise(value, size)
    grow.dataset.text = text.value
    if (this.draft === !!value) return
    this.draft = !!value
    this.dispatchEvent(new Event("draft"))
  }

  #advise(value, size) {
    const { under, plainer, advice, "advice-words": words } = this.#parts
    const over = value.length - most
    const plainSize = measure(plain(value))
    plainer.hidden = plainSize.culprits.length === size.culprits.length
    let tone = "", said = ""
    if (!value) {
      said = "Enter sends, Shift+Enter starts a new line"
    } else if (over > 0) {
      tone = "bad"
      said = `${counted.format(value.length)} of ${counted.format(most)} characters: ${counted.format(over)} too many.`
      plainer.hidden = true
    } else {
      if (size.segments > many) tone = "warn"
      said = unusual(size, value) || (size.segments > many ? `Long: this goes out as ${texts(size.segments)}.` : "")
    }
    under.dataset.tone = tone
    if (words.textContent !== said) words.textContent = said
    advice.toggleAttribute("data-idle", !value)
  }
}

// unusual says what the characters outside GSM-7 cost.
function unusual({ culprits, segments }, text) {
  if (!culprits.length) return ""
  const names = [...new Set(culprits.map(nameOf))]
  const shown = names.slice(0, 3).join(", ") + (names.length > 3 ? " …" : "")
  const without = measure(graphemes(text).filter(g => !culprits.includes(g)).join("")).segments
  return segments > without
    ? `${texts(segments)} instead of ${without}, because of ${shown}.`
    : `${shown[0].toUpperCase() + shown.slice(1)} ${names.length > 1 ? "limit" : "limits"} a text to 70 characters.`
}

const named = new Map([
  ...[..."‘’"].map(c => [c, "the curly apostrophe"]), ...[..."“”„"].map(c => [c, "curly quotes"]),
  ...[..."–—"].map(c => [c, "the long dash"]), ["…", "the ellipsis"], ["\t", "the tab"], ["\u00a0", "a no-break space"],
  ...[..."\u200b\u200d\u2060\ufe0f\ufeff"].map(c => [c, "an invisible character"]),
])
const nameOf = c => named.get(c) ?? c

customElements.define("side-composer", Composer)
