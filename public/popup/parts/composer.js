import { reveal, cloneTemplate } from "../../common/template.js"
import { graphemes } from "../state/graphemes.js"
import { plainText } from "../state/people.js"
import { measure, toPlain } from "../state/segments.js"
import { sentenceNodes } from "./sentence.js"

const maxLength = 1600  // UTF-16 units, as the server counts
const manySegments = 3  // more SMS than this get a warning

const formatNumber = new Intl.NumberFormat().format
const textCount = n => n === 1 ? "1 text" : `${n} texts`

// <side-composer> is where an agent writes. The draft is kept here and nowhere else.
// Events: "send" (detail: the text); "draft" (there is a draft now, or none any more);
// "typing" (the text changed; detail: whether there is any).
export class Composer extends HTMLElement {
  #parts
  #closed = ""
  draft = false // the box holds a text that would be lost with the page

  connectedCallback() {
    if (this.#parts) return
    this.#parts = cloneTemplate("composer")
    this.append(this.#parts.all)
    const { root, text, plainer } = this.#parts
    root.addEventListener("submit", event => { event.preventDefault(); this.#submit() })
    text.addEventListener("input", () => { this.#measure(); this.#dispatchTyping() })
    text.addEventListener("keydown", event => this.#onKey(event))
    plainer.addEventListener("click", () => { this.#setText(toPlain(text.value)); text.focus() })
    this.#measure()
  }

  // show takes the reason why nothing can be sent, or "", and the shopper's name.
  show({ closed, name }) {
    const { writing, under, text } = this.#parts
    reveal(this.#parts.closed, closed, this.#parts["closed-words"])
    writing.hidden = under.hidden = !!closed
    this.#closed = closed
    text.placeholder = `Text ${name}`
    this.#measure()
  }

  // typing takes the sentence about who else types (see state/people.js).
  set typing(sentence) {
    const { typing } = this.#parts
    typing.hidden = !sentence.length
    if (typing.textContent !== plainText(sentence)) typing.replaceChildren(...sentenceNodes(sentence))
  }

  focus() { this.#parts.text.focus() }
  clear() { this.#setText("") }

  // restore puts a text back to be edited, before a draft that was begun meanwhile.
  restore(text) {
    const draft = this.#parts.text.value
    this.#setText(draft.trim() ? text + "\n" + draft : text)
    this.focus()
  }

  #onKey(event) {
    // Safari reports the Enter that ends an IME composition as key code 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    this.#submit()
  }

  #submit() {
    const text = this.#parts.text.value.trim()
    if (!text || text.length > maxLength || this.#closed) return
    this.#setText("")
    this.dispatchEvent(new CustomEvent("send", { detail: text }))
    this.focus()
  }

  #setText(text) {
    this.#parts.text.value = text
    this.#measure()
    if (!text) this.#dispatchTyping()
  }

  #dispatchTyping() { this.dispatchEvent(new CustomEvent("typing", { detail: this.draft })) }

  #measure() {
    const { text, grow, send, count } = this.#parts
    const value = text.value.trim()
    const size = measure(value)
    send.disabled = !value || value.length > maxLength
    count.textContent = value ? `${textCount(size.segments)} · ${size.left} left` : ""
    this.#advise(value, size)
    grow.dataset.text = text.value
    if (this.draft === !!value) return
    this.draft = !!value
    this.dispatchEvent(new Event("draft"))
  }

  #advise(value, size) {
    const { under, plainer, advice, "advice-words": words } = this.#parts
    const excess = value.length - maxLength
    plainer.hidden = excess > 0 || measure(toPlain(value)).culprits.length === size.culprits.length
    let tone = "", text = ""
    if (!value) {
      text = "Enter sends, Shift+Enter starts a new line"
    } else if (excess > 0) {
      tone = "bad"
      text = `${formatNumber(value.length)} of ${formatNumber(maxLength)} characters: ${formatNumber(excess)} too many.`
    } else {
      if (size.segments > manySegments) tone = "warn"
      text = culpritAdvice(size, value) || (size.segments > manySegments ? `Long: this is sent as ${textCount(size.segments)}.` : "")
    }
    under.dataset.tone = tone
    if (words.textContent !== text) words.textContent = text
    advice.toggleAttribute("data-idle", !value)
  }
}

// culpritAdvice says what the characters outside GSM-7 cost, if there are any.
function culpritAdvice({ culprits, segments }, text) {
  if (!culprits.length) return ""
  const names = [...new Set(culprits.map(c => invisible.get(c) ?? c))]
  const list = names.slice(0, 4).join(" ") + (names.length > 4 ? " and more" : "")
  const without = measure(graphemes(text).filter(g => !culprits.includes(g)).join("")).segments
  return segments > without ? `${textCount(segments)} instead of ${without} because of ${list}` : `70 per text because of ${list}`
}

// Names of characters that can't be seen.
const invisible = new Map([
  ["\t", "a tab"], ["\u00a0", "a no-break space"],
  ...[..."\u200b\u200d\u2060\ufe0f\ufeff"].map(c => [c, "an invisible character"]),
])

customElements.define("side-composer", Composer)
