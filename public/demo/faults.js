import { reveal, stamp } from "../common/template.js"
import { partsOf, put } from "./parts.js"
import { weatherWords } from "./words.js"

// <demo-weather> makes the pretended vendors misbehave. Event: "weather" (detail:
// the preset's name).
export class Weather extends HTMLElement {
  #parts
  #inputs = new Map()

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    this.#parts.menu.addEventListener("submit", event => event.preventDefault())
    this.#parts.choices.addEventListener("change", ({ target }) => {
      this.trouble("")
      this.dispatchEvent(new CustomEvent("weather", { detail: target.value }))
    })
  }

  show({ presets, faults }) {
    const { choices, name, sign, button } = this.#parts
    for (const preset of presets) if (!this.#inputs.has(preset)) choices.append(this.#choice(preset))
    if (this.#inputs.has(faults)) this.#inputs.get(faults).checked = true
    const fine = faults === "none"
    put(name, weatherWords(faults)[0])
    button.toggleAttribute("data-bad", !fine)
    const href = `/public/demo/icons.svg#${fine ? "sun" : "storm"}`
    if (sign.getAttribute("href") !== href) sign.setAttribute("href", href) // or it would be fetched again
  }

  trouble(words) { reveal(this.#parts.problem, words) }

  #choice(preset) {
    const { root, name, words } = stamp("weather-choice")
    const input = root.querySelector("input")
    input.value = preset
    root.dataset.test = "weather-" + preset
    const [called, means] = weatherWords(preset)
    name.textContent = called
    words.textContent = means
    this.#inputs.set(preset, input)
    return root
  }
}

customElements.define("demo-weather", Weather)
