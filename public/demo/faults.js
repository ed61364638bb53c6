import { reveal, cloneTemplate } from "../common/template.js"
import { partsOf, setText } from "./parts.js"
import { faultWords } from "./words.js"

// <demo-faults> makes the pretended vendors fail. Event: "faults" (detail: the name of a
// preset).
export class Faults extends HTMLElement {
  #parts
  #inputs = new Map() // by preset

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    this.#parts.menu.addEventListener("submit", event => event.preventDefault())
    this.#parts.choices.addEventListener("change", ({ target }) => {
      this.showProblem("")
      this.dispatchEvent(new CustomEvent("faults", { detail: target.value }))
    })
  }

  // show takes the names of all presets and of the current one.
  show({ presets, faults }) {
    const { choices, name, sign, button } = this.#parts
    for (const preset of presets) if (!this.#inputs.has(preset)) choices.append(this.#choice(preset))
    if (this.#inputs.has(faults)) this.#inputs.get(faults).checked = true
    const none = faults === "none"
    setText(name, faultWords(faults)[0])
    button.toggleAttribute("data-bad", !none)
    const href = none ? "/public/common/icons.svg#check" : "/public/common/icons.svg#warning"
    if (sign.getAttribute("href") !== href) sign.setAttribute("href", href) // setting it fetches the file again
  }

  showProblem(words) { reveal(this.#parts.problem, words) }

  #choice(preset) {
    const { root, name, words } = cloneTemplate("faults-choice")
    const input = root.querySelector("input")
    input.value = preset
    root.dataset.test = "faults-" + preset
    ;[name.textContent, words.textContent] = faultWords(preset)
    this.#inputs.set(preset, input)
    return root
  }
}

customElements.define("demo-faults", Faults)
