import { initials } from "../common/names.js"
import { reveal, stamp } from "../common/template.js"

const fold = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()

// A PickPage is the list of the helpdesk's agents, to find oneself in.
export class PickPage {
  #parts = stamp("gate-pick")
  #rows
  #pick = () => {}
  #busy = false

  // why is said above the list: the reason why the agent was signed out.
  constructor(agents, why = "") {
    const { search, agents: list, nobody } = this.#parts
    reveal(this.#parts.why, why)
    this.#rows = agents.toSorted((a, b) => a.name.localeCompare(b.name)).map(agent => this.#row(agent))
    list.append(...this.#rows.map(row => row.element))
    search.addEventListener("input", () => this.#filter())
    search.addEventListener("keydown", event => this.#key(event))
    list.addEventListener("keydown", event => this.#key(event))
    this.#parts.root.querySelector(".searching").hidden = agents.length < 6
    reveal(nobody, agents.length ? "" : "The helpdesk’s list of agents is empty. Open this page from the ticket again in a moment.")
  }

  get element() { return this.#parts.root }

  // chosen resolves to { agent, challenge } once challenge(agent) has succeeded
  // for a picked agent; refusals are shown, and another pick may be made.
  chosen(challenge) {
    return new Promise(resolve => {
      this.#pick = async row => {
        if (this.#busy) return
        this.#wait(row, true)
        try {
          resolve({ agent: row.agent, challenge: await challenge(row.agent) })
        } catch (refusal) {
          reveal(this.#parts.problem, refusal.message)
        }
        this.#wait(row, false)
      }
    })
  }

  #row(agent) {
    const element = stamp("agent").root
    element.querySelector("bdi").textContent = agent.name
    element.querySelector(".avatar").textContent = initials(agent.name)
    const row = { agent, element, button: element.querySelector("button"), key: fold(agent.name) }
    row.button.addEventListener("click", () => this.#pick(row))
    return row
  }

  #wait(row, on) {
    this.#busy = on
    reveal(this.#parts.problem, on ? "" : this.#parts.problem.textContent)
    this.#parts.agents.toggleAttribute("data-busy", on)
    row.element.querySelector(".spinner").hidden = !on
  }

  #filter() {
    const words = fold(this.#parts.search.value).split(/\s+/).filter(Boolean)
    for (const row of this.#rows) row.element.hidden = !words.every(word => row.key.includes(word))
    reveal(this.#parts.nobody, this.#shown().length ? "" : "Nobody by that name in the helpdesk.")
  }

  // Arrows walk the list; Enter in the search takes the only one left.
  #key(event) {
    const shown = this.#shown()
    if (event.key === "Enter" && event.target === this.#parts.search && shown.length === 1) this.#pick(shown[0])
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return
    event.preventDefault()
    const at = shown.findIndex(row => row.button === document.activeElement)
    const next = at + (event.key === "ArrowDown" ? 1 : -1)
    if (next < 0) this.#parts.search.focus()
    else shown[Math.min(next, shown.length - 1)]?.button.focus()
  }

  #shown() { return this.#rows.filter(row => !row.element.hidden) }
}
