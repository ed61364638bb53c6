import { cloneTemplate } from "../common/template.js"
import { partsOf, setText } from "./parts.js"
import { steps } from "./story.js"

const icons = {
  text: "demo/icons.svg#text", ticket: "common/icons.svg#ticket", card: "demo/icons.svg#card",
  popup: "common/icons.svg#out", code: "demo/icons.svg#key", chat: "demo/icons.svg#chat",
}

// <demo-progress> shows which steps of the story are done.
export class Progress extends HTMLElement {
  #steps

  connectedCallback() {
    if (this.#steps) return
    this.#steps = steps.map(([id, name]) => {
      const step = cloneTemplate("step")
      step.root.dataset.test = "step-" + id
      step.name.textContent = name
      step.sign.setAttribute("href", "/public/" + icons[id])
      return step
    })
    partsOf(this).steps.append(...this.#steps.map(step => step.root))
  }

  // show takes how many steps are done.
  show(done) {
    this.#steps.forEach(({ root, state }, i) => {
      root.dataset.state = i < done ? "done" : i === done ? "now" : "later"
      if (i === done) root.setAttribute("aria-current", "step")
      else root.removeAttribute("aria-current")
      setText(state, i < done ? ", done" : "")
    })
  }
}

customElements.define("demo-progress", Progress)
