import { reveal, cloneTemplate } from "../common/template.js"
import { partsOf } from "./parts.js"

const suggestions = ["where is my package??", "MENU", "I want to end my subscription", "skip please!!", "STOP", "START"]
const photoText = "it arrived like this"

// <demo-reply-box> is where a shopper writes. Set .send to an async function that sends a
// text, with a photo or without; it may throw an Error with a sentence for people. A text
// that was not sent stays in the field.
export class ReplyBox extends HTMLElement {
  #parts
  send

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    const { chips, form, input } = this.#parts
    const chip = (label, onClick) => {
      const { root } = cloneTemplate("chip")
      root.firstElementChild.textContent = label
      root.firstElementChild.onclick = onClick
      return root
    }
    chips.append(...suggestions.map(text => chip(text, () => this.#submit(text))))
    chips.children[2].after(chip("Send a photo", () => this.#submit(photoText, null, true)))
    form.addEventListener("submit", event => {
      event.preventDefault()
      if (input.value.trim()) this.#submit(input.value, input)
    })
  }

  async #submit(text, input, photo = false) {
    const { problem } = this.#parts
    if (this.ariaBusy === "true") return
    this.ariaBusy = "true"
    reveal(problem, "")
    try {
      await this.send(text, photo)
      if (input?.value === text) input.value = ""
    } catch (error) {
      reveal(problem, error.message)
    }
    this.ariaBusy = "false"
  }
}

customElements.define("demo-reply-box", ReplyBox)
