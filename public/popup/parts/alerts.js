import { reveal, cloneTemplate } from "../../common/template.js"
import { plainText } from "../state/people.js"
import { shown } from "../state/alerts.js"
import { Alert, sentenceFor } from "./alert.js"

const maxShown = 3

// <side-alerts> shows which other shoppers need a person. Events: "dismiss" (detail: the
// conversation, or "" for all); "left" (the focus was on the last alert, which is gone).
export class Alerts extends HTMLElement {
  #parts
  #items = new Map() // by conversation

  connectedCallback() {
    if (this.#parts) return
    this.#parts = cloneTemplate("alerts")
    this.append(this.#parts.all)
    this.#parts["dismiss-all"].addEventListener("click", () => this.#dismiss(""))
  }

  // show takes the alerts, newest first. live: their ends are reported, too.
  show(alerts, live) {
    const list = shown(alerts), first = list.slice(0, maxShown)
    for (const [conversation, item] of this.#items) {
      if (first.some(a => a.conversation === conversation)) continue
      item.remove()
      this.#items.delete(conversation)
    }
    let next = this.#parts.list.firstElementChild
    for (const alert of first) {
      const { element } = this.#item(alert.conversation, alert, live)
      if (element === next) next = next.nextElementSibling
      else this.#parts.list.insertBefore(element, next)
    }
    this.#parts.root.hidden = !list.length
    this.#parts.rest.hidden = list.length <= maxShown
    reveal(this.#parts.more, list.length > maxShown ? `${list.length - maxShown} more` : "")
  }

  // speak announces alerts to screen readers.
  speak(added) {
    this.#parts.spoken.textContent = added.map(a => plainText(sentenceFor(a)) + (a.why ? ": " + a.why : "")).join("\n")
  }

  #item(conversation, alert, live) {
    const item = this.#items.get(conversation) ?? new Alert(() => this.#dismiss(conversation))
    this.#items.set(conversation, item)
    item.show(alert, live)
    return item
  }

  // dismiss moves the focus to the alert that takes the place of this one.
  #dismiss(conversation) {
    const { list } = this.#parts
    const place = [...list.children].findIndex(e => e.contains(document.activeElement))
    const focused = this.contains(document.activeElement)
    this.dispatchEvent(new CustomEvent("dismiss", { detail: conversation }))
    if (!focused || this.contains(document.activeElement)) return
    const next = list.children[Math.min(place, list.children.length - 1)]
    if (next) next.querySelector("a[href]:not([hidden]), button").focus()
    else this.dispatchEvent(new Event("left"))
  }
}

customElements.define("side-alerts", Alerts)
