import { reveal, stamp } from "../common/template.js"
import { partsOf } from "./parts.js"

const suggestions = ["where is my package??", "MENU", "I want to end my subscription", "skip please!!", "STOP", "START"]
const photo = "it arrived like this" // goes with a photo

// <demo-keys> is where a shopper writes. set .send to what sends a text, with a
// photo or without: it may throw an Error with a sentence. What was not sent
// stays in the field.
export class Keys extends HTMLElement {
  #parts
  send

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    const { chips, form, input } = this.#parts
    const chip = (label, act) => {
      const { root } = stamp("chip")
      root.firstElementChild.textContent = label
      root.firstElementChild.onclick = act
      return root
    }
    chips.append(...suggestions.map(words => chip(words, () => this.#submit(words))))
    chips.children[2].after(chip("Send a photo", () => this.#submit(photo, null, true)))
    form.addEventListener("submit", event => {
      event.preventDefault()
      if (input.value.trim()) this.#submit(input.value, input)
    })
  }

  async #submit(words, input, withPhoto = false) {
    const { problem } = this.#parts
    if (this.ariaBusy === "true") return
    this.ariaBusy = "true"
    reveal(problem, "")
    try {
      await this.send(words, withPhoto)
      if (input?.value === words) input.value = ""
    } catch (error) {
      reveal(problem, error.message)
    }
    this.ariaBusy = "false"
  }
}

customElements.define("demo-keys", Keys)
