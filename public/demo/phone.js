import { clock } from "../common/calendar.js"
import { initials, phoneWords } from "../common/names.js"
import { cloneTemplate } from "../common/template.js"
import { syncList } from "./sync-list.js"
import { partsOf, setText } from "./parts.js"

const tabNames = ["texts", "mail", "store"]

// <demo-phone> is the phone of one shopper at a time, with the tabs texts, mail and store.
// Events: "person" (detail: the number of another shopper's phone), "tab".
export class Phone extends HTMLElement {
  #parts
  #clock // an interval

  connectedCallback() {
    if (!this.#parts) this.#build()
    const tick = () => setText(this.#parts.clock, clock(new Date()))
    tick()
    this.#clock = setInterval(tick, 5000)
  }

  disconnectedCallback() { clearInterval(this.#clock) }

  // tab is one of tabNames.
  get tab() { return tabNames.find(name => !this.#parts[name].hidden) }
  set tab(name) {
    for (const tab of this.#parts.tabs.children) {
      const on = tab.id === name + "-tab"
      tab.setAttribute("aria-selected", on)
      tab.tabIndex = on ? 0 : -1
    }
    for (const each of tabNames) this.#parts[each].hidden = each !== name
    this.dispatchEvent(new Event("tab"))
  }

  // show takes the simulation's state and the number of the phone to show; isNew(phone)
  // reports whether it has new texts; texts and mails count what is new on this phone.
  show({ shop, number, phones }, current, isNew, texts, mails) {
    const parts = this.#parts
    setText(parts.shop, shop)
    setText(parts["shop-number"], phoneWords(number))
    setText(parts["shop-initials"], initials(shop.replace("&", "")))
    syncList(parts.people, phones, p => p.number, () => new Person())
    for (const [i, label] of [...parts.people.querySelectorAll("label")].entries()) {
      label.querySelector("input").checked = phones[i].number === current
      label.querySelector(".dot").hidden = !isNew(phones[i])
    }
    parts["store-tab"].hidden = !phones.some(p => p.store)
    this.#setBadge(parts["texts-badge"], texts)
    this.#setBadge(parts["mail-badge"], mails)
  }

  #setBadge(badge, count) {
    badge.hidden = !count
    setText(badge, count ? `${count} new` : "")
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
      const shown = [...tabs.children].filter(tab => !tab.hidden)
      const step = event.key === "ArrowLeft" ? -1 : 1
      const next = shown.at((shown.findIndex(tab => tab.tabIndex === 0) + step) % shown.length)
      this.tab = next.getAttribute("aria-controls")
      next.focus()
    })
  }
}

// A Person is a shopper to choose.
class Person {
  #parts = cloneTemplate("person")
  get element() { return this.#parts.root }
  show({ name, number, email }) {
    setText(this.#parts.initials, email ? initials(name) : "?")
    setText(this.#parts.name, email ? name.split(" ")[0] : "Unknown")
    this.element.title = `${name}, ${phoneWords(number)}`
    this.element.dataset.test = "person-" + number
    const input = this.element.querySelector("input")
    input.value = number
    input.setAttribute("aria-label", `${name}, ${phoneWords(number)}`)
  }
}

customElements.define("demo-phone", Phone)
