import { reveal, stamp } from "../common/template.js"

// <side-gate> stands before the conversation, opaque, while there is none to see
// or nobody to see it. It shows one page at a time.
export class Gate extends HTMLElement {
  #parts

  connectedCallback() {
    if (this.#parts) return
    this.#parts = stamp("gate")
    this.append(this.#parts.all)
    this.shop = ""
  }

  set shop(name) { this.#parts.shop.textContent = name || "Sidetext" }

  // show opens the gate's door on a page: an element.
  show(page) {
    this.hidden = false
    if (this.#parts.page.firstElementChild !== page) this.#parts.page.replaceChildren(page)
    const first = page.querySelector("input") ?? page.querySelector("button:not([hidden])")
    first?.focus()
  }

  loading(words = "Opening the conversation…") {
    const open = this.#parts.page.querySelector(".loading [data-part=words]")
    if (open && !this.hidden) { open.textContent = words; return }
    const page = stamp("gate-loading")
    page.words.textContent = words
    this.show(page.root)
  }

  // trouble says what is wrong and returns which of up to two buttons was
  // pressed: "again" or "other".
  trouble({ title, words, again = "", other = "" }) {
    const page = stamp("gate-trouble")
    page.title.textContent = title
    page.words.textContent = words
    reveal(page.again, again)
    reveal(page.other, other)
    this.show(page.root)
    return new Promise(resolve => {
      page.again.onclick = () => resolve("again")
      page.other.onclick = () => resolve("other")
    })
  }

  // aside puts an offer under the page, or takes it away.
  aside(words, does) {
    const { aside } = this.#parts
    aside.hidden = !words
    if (!words) return
    const button = document.createElement("button")
    button.className = "button"
    button.dataset.tone = "plain"
    button.textContent = words
    button.onclick = does
    aside.replaceChildren(button)
  }

  pass() { this.hidden = true }
}

customElements.define("side-gate", Gate)
