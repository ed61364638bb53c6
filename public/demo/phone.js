import { clock } from "../common/calendar.js"
import { initials, phoneWords } from "../common/names.js"
import { stamp } from "../common/template.js"
import { keep } from "./keep.js"
import { partsOf, put } from "./parts.js"

// <demo-phone> is the handset of one shopper, who can be changed. It has two
// tabs, texts and mail. Events: "person" (detail: a number), "tab".
export class Phone extends HTMLElement {
  #parts
  #ticking

  connectedCallback() {
    if (!this.#parts) this.#build()
    const tick = () => put(this.#parts.clock, clock(new Date()))
    tick()
    this.#ticking = setInterval(tick, 5000)
  }

  disconnectedCallback() { clearInterval(this.#ticking) }

  // tab is "texts" or "mail".
  get tab() { return this.#parts.mail.hidden ? "texts" : "mail" }
  set tab(name) {
    for (const tab of this.#parts.tabs.children) {
      const on = tab.id === name + "-tab"
      tab.setAttribute("aria-selected", on)
      tab.tabIndex = on ? 0 : -1
    }
    this.#parts.texts.hidden = name !== "texts"
    this.#parts.mail.hidden = name !== "mail"
    this.dispatchEvent(new Event("tab"))
  }

  // show takes the world's state, the number of the phone in hand, whether there
  // is something new on a phone, and how many new mails on this one.
  show({ shop, number, phones }, inHand, isNew, texts, mails) {
    const parts = this.#parts
    put(parts.shop, shop)
    put(parts["shop-number"], phoneWords(number))
    put(parts["shop-initials"], initials(shop.replace("&", "")))
    keep(parts.people, phones, p => p.number, () => new Person())
    for (const [i, label] of [...parts.people.querySelectorAll("label")].entries()) {
      label.querySelector("input").checked = phones[i].number === inHand
      label.querySelector(".dot").hidden = !isNew(phones[i])
    }
    this.#badge(parts["texts-badge"], texts)
    this.#badge(parts["mail-badge"], mails)
  }

  #badge(badge, count) {
    badge.hidden = !count
    put(badge, count ? `${count} new` : "")
  }

  #build() {
    this.#parts = partsOf(this)
    const { people, tabs } = this.#parts
    people.addEventListener("change", ({ target }) => this.dispatchEvent(new CustomEvent("person", { detail: target.value })))
    tabs.addEventListener("click", ({ target }) => {
      const tab = target.closest("[role=tab]")
      if (tab) this.tab = tab.getAttribute("aria-controls")
    })
    tabs.addEventListener("keydown", event => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return
      this.tab = this.tab === "texts" ? "mail" : "texts"
      tabs.querySelector("[aria-selected=true]").focus()
    })
  }
}

// A Person is one shopper to choose.
class Person {
  #parts = stamp("person")
  get element() { return this.#parts.root }
  show({ name, number, email }) {
    put(this.#parts.initials, email ? initials(name) : "?")
    put(this.#parts.name, email ? name.split(" ")[0] : "Unknown")
    this.element.title = `${name}, ${phoneWords(number)}`
    this.element.dataset.test = "person-" + number
    const input = this.element.querySelector("input")
    input.value = number
    input.setAttribute("aria-label", `${name}, ${phoneWords(number)}`)
  }
}

customElements.define("demo-phone", Phone)
