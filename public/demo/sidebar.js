import { clock, dayWords, moment } from "../common/calendar.js"
import { webAddress } from "../common/links.js"
import { initials } from "../common/names.js"
import { stamp } from "../common/template.js"
import { partsOf, put } from "./parts.js"

const colour = /^#[0-9a-f]{3,8}$/i

// <demo-sidebar> shows the customer of a ticket and the cards that apps put
// beside it. Event: "launch" (one of the cards' links was followed).
export class Sidebar extends HTMLElement {
  #parts
  #shown = ""

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    // Also with the middle button: that opens a tab as well.
    for (const click of ["click", "auxclick"]) {
      this.addEventListener(click, ({ target }) => { if (target.closest(".links a")) this.dispatchEvent(new Event("launch")) })
    }
  }

  show({ id, customer, sidebar }) {
    const { initials: letters, name, email, cards, none } = this.#parts
    put(letters, initials(customer.name || customer.email || "?"))
    put(name, customer.name || "No name")
    put(email, customer.email || "No e-mail address")
    none.hidden = sidebar.length > 0
    const now = JSON.stringify([id, sidebar])
    if (now === this.#shown) return // a link keeps its focus
    this.#shown = now
    cards.replaceChildren(...sidebar.map(draw))
  }
}

function draw(card) {
  const { root, title, links, fields, cards } = stamp("card")
  if (colour.test(card.color)) root.style.setProperty("--card", card.color)
  title.append(card.url ? anchor(card.title, card.url) : card.title || "Untitled")
  links.append(...card.links.map(({ label, url }) => anchor(label, url)))
  links.hidden = !card.links.length
  fields.append(...card.fields.filter(f => f.value).map(field))
  cards.hidden = !card.cards?.length
  cards.append(...(card.cards ?? []).map(draw))
  return root
}

// A helpdesk opens what apps link to in a tab that knows nothing of this one.
function anchor(label, url) {
  const href = webAddress(url)
  const link = document.createElement(href ? "a" : "span")
  link.textContent = label
  if (!href) return link
  link.href = href
  link.target = "_blank"
  link.rel = "noopener noreferrer"
  return link
}

function field({ title, type, value }) {
  const { root } = stamp("field")
  root.firstElementChild.textContent = title
  const [, shown] = root.children
  const when = new Date(value)
  shown.textContent = value
  if (type === "date" && !isNaN(when)) {
    shown.textContent = `${dayWords(when)}, ${clock(when)}`
    shown.title = moment(when)
  }
  root.dataset.field = title
  return root
}

customElements.define("demo-sidebar", Sidebar)
