import { reveal, stamp } from "../common/template.js"
import { Notice, sentenceFor } from "./notice.js"
import { plain } from "./people.js"
import { noticed } from "./rings.js"

const most = 3 // at a time

// <side-notices> says which other shoppers need a person. Events: "dismiss", with
// the conversation in detail, or "" for all; "left", when the focus was on the
// last notice and has nowhere to go.
export class Notices extends HTMLElement {
  #parts
  #items = new Map() // by conversation

  connectedCallback() {
    if (this.#parts) return
    this.#parts = stamp("notices")
    this.append(this.#parts.all)
    this.#parts["dismiss-all"].addEventListener("click", () => this.#dismiss(""))
  }

  // show takes the rings, newest first; live: what is heard now is all that happens.
  show(rings, live) {
    const list = noticed(rings), few = list.slice(0, most)
    for (const [conversation, item] of this.#items) {
      if (few.some(r => r.conversation === conversation)) continue
      item.remove()
      this.#items.delete(conversation)
    }
    let next = this.#parts.list.firstElementChild
    for (const ring of few) {
      const { element } = this.#item(ring.conversation, ring, live)
      if (element === next) next = next.nextElementSibling
      else this.#parts.list.insertBefore(element, next)
    }
    this.#parts.root.hidden = !list.length
    this.#parts.rest.hidden = list.length <= most
    reveal(this.#parts.more, list.length > most ? `${list.length - most} more` : "")
  }

  // speak tells a screen reader who needs a person now.
  speak(fresh) {
    this.#parts.spoken.textContent = fresh.map(r => plain(sentenceFor(r)) + (r.why ? ": " + r.why : "")).join("\n")
  }

  #item(conversation, ring, live) {
    const item = this.#items.get(conversation) ?? new Notice(() => this.#dismiss(conversation))
    this.#items.set(conversation, item)
    item.show(ring, live)
    return item
  }

  // dismiss hands the focus on to the notice that takes the place of this one.
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

customElements.define("side-notices", Notices)
