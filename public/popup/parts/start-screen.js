import { reveal, cloneTemplate } from "../../common/template.js"

// <side-start-screen> covers the page's main element while there is no conversation to
// show or no agent is signed in. It shows one step at a time: loading, a step of the
// sign-in, or trouble.
export class StartScreen extends HTMLElement {
  #parts
  #main = document.querySelector("main")

  connectedCallback() {
    if (this.#parts) return
    this.#parts = cloneTemplate("start-screen")
    this.append(this.#parts.all)
    this.shop = ""
  }

  set shop(name) { this.#parts.shop.textContent = name || "Sidetext" }

  // show covers the page with a step: an element.
  show(step) {
    this.hidden = false
    this.#main.inert = true
    if (this.#parts.step.firstElementChild !== step) this.#parts.step.replaceChildren(step)
    const first = step.querySelector("input") ?? step.querySelector("button:not([hidden])")
    first?.focus()
  }

  // hide uncovers the page, and reports whether it was covered.
  hide() {
    const covered = !this.hidden
    this.hidden = true
    this.#main.hidden = this.#main.inert = false
    return covered
  }

  showLoading(words = "Opening the conversation…") {
    const current = this.#parts.step.querySelector(".loading [data-part=words]")
    if (current && !this.hidden) { current.textContent = words; return }
    const step = cloneTemplate("loading-step")
    step.words.textContent = words
    this.show(step.root)
  }

  // showTrouble says what is wrong. It returns which of up to two buttons was pressed:
  // "again" or "other".
  showTrouble({ title, words, again = "", other = "" }) {
    const step = cloneTemplate("trouble-step")
    step.title.textContent = title
    step.words.textContent = words
    reveal(step.again, again)
    reveal(step.other, other)
    this.show(step.root)
    return new Promise(resolve => {
      step.again.onclick = () => resolve("again")
      step.other.onclick = () => resolve("other")
    })
  }

  // offer puts a button under the step, or removes it for "".
  offer(words, onClick) {
    const { offer } = this.#parts
    offer.hidden = !words
    if (!words) return
    const button = document.createElement("button")
    button.className = "button"
    button.dataset.tone = "plain"
    button.textContent = words
    button.onclick = onClick
    offer.replaceChildren(button)
  }
}

customElements.define("side-start-screen", StartScreen)
