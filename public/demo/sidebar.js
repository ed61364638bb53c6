import { clock, dayWords, moment } from "../common/calendar.js"
import { webAddress } from "../common/links.js"
import { initials } from "../common/names.js"
import { cloneTemplate } from "../common/template.js"
import { partsOf, setText } from "./parts.js"

const maxURL = 60 // characters that the helpdesk shows of an address
const colorPattern = /^#[0-9a-f]{3,8}$/i

// <demo-sidebar> shows the customer of a ticket and the cards of apps beside it. Event:
// "launch" (a link of a card was opened).
export class Sidebar extends HTMLElement {
  #parts
  #shown = ""

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    // The middle button opens a tab, too; its event is "auxclick".
    for (const click of ["click", "auxclick"]) {
      this.addEventListener(click, ({ target }) => { if (target.closest(".links a")) this.dispatchEvent(new Event("launch")) })
    }
  }

  show({ id, customer, sidebar }) {
    const { initials: letters, name, email, cards, none } = this.#parts
    setText(letters, initials(customer.name || customer.email || "?"))
    setText(name, customer.name || "No name")
    setText(email, customer.email || "No e-mail address")
    none.hidden = sidebar.length > 0
    const key = JSON.stringify([id, sidebar])
    if (key === this.#shown) return // so that a link keeps the focus
    this.#shown = key
    cards.replaceChildren(...sidebar.map(cardElement))
  }
}

function cardElement(card) {
  const { root, title, links, fields, cards } = cloneTemplate("card")
  if (colorPattern.test(card.color)) root.style.setProperty("--card", card.color)
  title.append(card.url ? anchor(card.title, card.url) : card.title || "Untitled")
  links.append(...card.links.map(({ label, url }) => anchor(label, url)))
  links.hidden = !card.links.length
  fields.append(...card.fields.filter(f => f.value).map(fieldElement))
  cards.hidden = !card.cards?.length
  cards.append(...(card.cards ?? []).map(cardElement))
  return root
}

// As in the real helpdesk, the new tab has no access to this one.
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

function fieldElement({ title, type, value }) {
  const { root } = cloneTemplate("field")
  root.firstElementChild.textContent = title
  const [, shown] = root.children
  const when = new Date(value)
  shown.textContent = value
  if (type === "date" && !isNaN(when)) {
    shown.textContent = `${dayWords(when)}, ${clock(when)}`
    shown.title = moment(when)
  }
  if (type === "url" && webAddress(value)) {
    shown.replaceChildren(anchor(value.length > maxURL ? value.slice(0, maxURL - 1) + "…" : value, value))
  }
  root.dataset.field = title
  return root
}

customElements.define("demo-sidebar", Sidebar)
