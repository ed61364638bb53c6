import { cloneTemplate } from "../../common/template.js"
import { detailsOf, summaryOf } from "../state/profile.js"

// <side-profile> shows what the shop's store knows of the shopper: a line that opens to
// all of it, and nothing if nothing is known. Event: "left" (the focus was inside, and
// there is nothing to show any more).
export class Profile extends HTMLElement {
  #parts
  #conversation = ""
  #shown = ""

  connectedCallback() {
    if (this.#parts) return
    const parts = this.#parts = cloneTemplate("profile")
    this.append(parts.all)
    parts.toggle.addEventListener("click", () => this.#open(parts.details.hidden))
    parts.root.addEventListener("keydown", event => {
      if (event.key !== "Escape" || parts.details.hidden) return
      this.#open(false)
      parts.toggle.focus()
    })
  }

  // show takes a profile and the conversation's id. Another conversation starts closed.
  show(profile, conversation) {
    const { root, toggle, summary, details } = this.#parts
    if (conversation !== this.#conversation) this.#open(false)
    this.#conversation = conversation
    const options = { today: new Date() }
    const facts = summaryOf(profile, options)
    const rows = detailsOf(profile, options)
    const key = JSON.stringify([facts, rows])
    if (key === this.#shown) return // so that a link keeps the focus
    this.#shown = key
    const focused = root.contains(document.activeElement)
    const link = document.activeElement?.href
    summary.replaceChildren(...facts.map(factElement))
    details.replaceChildren(...rows.map(rowElement))
    root.hidden = !rows.length
    if (root.hidden) this.#open(false)
    if (!focused || root.contains(document.activeElement) && !root.hidden) return
    if (root.hidden) return this.dispatchEvent(new Event("left"))
    const same = [...details.querySelectorAll("a")].find(a => a.href === link)
    ;(same ?? toggle).focus()
  }

  #open(open) {
    const { toggle, details } = this.#parts
    details.hidden = !open
    toggle.ariaExpanded = open
  }
}

function factElement({ words, bad }) {
  const fact = document.createElement("span")
  fact.className = "fact"
  if (bad) {
    fact.dataset.tone = "bad"
    fact.append(cloneTemplate("profile-warning").root)
  }
  fact.append(isolated(words))
  return fact
}

function rowElement({ label, bad, lines }) {
  const { root, label: name, lines: list } = cloneTemplate("profile-row")
  name.textContent = label
  if (bad) root.dataset.tone = "bad"
  list.append(...lines.map(lineElement))
  return root
}

function lineElement({ words, more, url }) {
  const line = document.createElement("p")
  line.append(url ? anchor(words, url) : isolated(words))
  if (more) {
    const rest = isolated(more)
    rest.className = "more"
    line.append(" ", rest)
  }
  return line
}

function anchor(words, url) {
  const { root, words: text } = cloneTemplate("profile-link")
  root.href = url
  text.textContent = words
  return root
}

// isolated keeps the text direction of a vendor's words within them.
function isolated(words) {
  const text = document.createElement("bdi")
  text.textContent = words
  return text
}

customElements.define("side-profile", Profile)
