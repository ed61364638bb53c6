import { stamp } from "../common/template.js"
import { partsOf, put } from "./parts.js"
import { steps } from "./story.js"

const signs = { text: "text", ticket: "", card: "card", popup: "", code: "key", chat: "chat" }

// <demo-rail> shows how far the story has come.
export class Rail extends HTMLElement {
  #steps

  connectedCallback() {
    if (this.#steps) return
    this.#steps = steps.map(([id, name], i) => {
      const step = stamp("step")
      step.root.dataset.test = "step-" + id
      step.name.textContent = name
      step.sign.setAttribute("href", signs[id] ? "/public/demo/icons.svg#" + signs[id] : `/public/common/icons.svg#${id === "ticket" ? "ticket" : "out"}`)
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
      put(state, i < done ? ", done" : "")
    })
  }
}

customElements.define("demo-rail", Rail)
