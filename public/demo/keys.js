import { reveal, stamp } from "../common/template.js"
import { partsOf } from "./parts.js"

const suggestions = ["where is my package??", "MENU", "I want to end my subscription", "skip please!!", "STOP", "START"]

// <demo-keys> is where a shopper writes. set .send to what sends a text: it may
// throw an Error with a sentence. What was not sent stays in the field.
export class Keys extends HTMLElement {
  #parts
  send

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    const { chips, form, input } = this.#parts
    chips.append(...suggestions.map(words => {
      const { root } = stamp("chip")
      root.firstElementChild.textContent = words
      root.firstElementChild.onclick = () => this.#submit(words)
      return root
    }))
    form.addEventListener("submit", event => {
      event.preventDefault()
      if (input.value.trim()) this.#submit(input.value, input)
    })
  }

  async #submit(words, input) {
    const { problem } = this.#parts
    if (this.ariaBusy === "true") return
    this.ariaBusy = "true"
    reveal(problem, "")
    try {
      await this.send(words)
      if (input?.value === words) input.value = ""
    } catch (error) {
      reveal(problem, error.message)
    }
    this.ariaBusy = "false"
  }
}

customElements.define("demo-keys", Keys)
