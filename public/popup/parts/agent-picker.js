import { initials } from "../../common/names.js"
import { reveal, cloneTemplate } from "../../common/template.js"

const searchFrom = 6 // agents; shorter lists need no search

// fold makes names comparable: without accents and in lower case.
const fold = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()

// An AgentPicker is the step of the sign-in in which agents pick their name.
export class AgentPicker {
  #parts = cloneTemplate("agent-picker")
  #rows
  #pick = () => {}
  #busy = false

  // why is shown above the list: why the agent was signed out, or "".
  constructor(agents, why = "") {
    const { search, agents: list, none } = this.#parts
    reveal(this.#parts.why, why)
    this.#rows = agents.toSorted((a, b) => a.name.localeCompare(b.name)).map(agent => this.#row(agent))
    list.append(...this.#rows.map(row => row.element))
    search.addEventListener("input", () => this.#filter())
    search.addEventListener("keydown", event => this.#onKey(event))
    list.addEventListener("keydown", event => this.#onKey(event))
    this.#parts.root.querySelector(".searching").hidden = agents.length < searchFrom
    reveal(none, agents.length ? "" : "The helpdesk’s list of agents is empty. Open this page from the ticket again in a moment.")
  }

  get element() { return this.#parts.root }

  // chosen resolves to { agent, posted } once requestCode(agent) has succeeded for a
  // picked agent. If it fails, the reason is shown and the agent can pick again.
  chosen(requestCode) {
    return new Promise(resolve => {
      this.#pick = async row => {
        if (this.#busy) return
        this.#setBusy(row, true)
        try {
          resolve({ agent: row.agent, posted: await requestCode(row.agent) })
        } catch (refusal) {
          reveal(this.#parts.problem, refusal.message)
        }
        this.#setBusy(row, false)
      }
    })
  }

  #row(agent) {
    const element = cloneTemplate("agent").root
    element.querySelector("bdi").textContent = agent.name
    element.querySelector(".avatar").textContent = initials(agent.name)
    const row = { agent, element, button: element.querySelector("button"), key: fold(agent.name) }
    row.button.addEventListener("click", () => this.#pick(row))
    return row
  }

  #setBusy(row, on) {
    this.#busy = on
    reveal(this.#parts.problem, on ? "" : this.#parts.problem.textContent)
    this.#parts.agents.toggleAttribute("data-busy", on)
    row.element.querySelector(".spinner").hidden = !on
  }

  #filter() {
    const words = fold(this.#parts.search.value).split(/\s+/).filter(Boolean)
    for (const row of this.#rows) row.element.hidden = !words.every(word => row.key.includes(word))
    reveal(this.#parts.none, this.#visibleRows().length ? "" : "No agent by that name in the helpdesk.")
  }

  // Arrow keys walk the list; Enter in the search picks the only row left.
  #onKey(event) {
    const rows = this.#visibleRows()
    if (event.key === "Enter" && event.target === this.#parts.search && rows.length === 1) this.#pick(rows[0])
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return
    event.preventDefault()
    const at = rows.findIndex(row => row.button === document.activeElement)
    const next = at + (event.key === "ArrowDown" ? 1 : -1)
    if (next < 0) this.#parts.search.focus()
    else rows[Math.min(next, rows.length - 1)]?.button.focus()
  }

  #visibleRows() { return this.#rows.filter(row => !row.element.hidden) }
}
