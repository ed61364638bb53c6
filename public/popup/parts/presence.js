import { initials } from "../../common/names.js"
import { cloneTemplate } from "../../common/template.js"
import { hereSentence, named, others, plainText } from "../state/people.js"
import { sentenceNodes } from "./sentence.js"

// <side-presence> shows who else has this conversation open.
export class Presence extends HTMLElement {
  #parts
  #announced = new Set() // ids

  connectedCallback() {
    if (this.#parts) return
    this.#parts = cloneTemplate("presence")
    this.append(this.#parts.all)
  }

  // show takes who is here and the id of this agent; null people: not known at present.
  show(people, me) {
    const { root, avatars, words, spoken } = this.#parts
    const list = others(people ?? [], me)
    root.hidden = !list.length
    const sentence = hereSentence(list)
    if (list.length && words.textContent !== plainText(sentence)) {
      words.replaceChildren(...sentenceNodes(sentence))
      avatars.replaceChildren(...named(list).map(avatarOf))
    }
    const announcement = people && this.#announcement(list)
    if (announcement !== null) spoken.textContent = announcement
  }

  // Arrivals are announced, once each. Not being known for a moment, as during a
  // reconnect, does not count as leaving. null: leave the last announcement.
  #announcement(list) {
    const arrived = list.filter(p => !this.#announced.has(p.id))
    const left = this.#announced.size + arrived.length > list.length
    this.#announced = new Set(list.map(p => p.id))
    if (arrived.length) return plainText(hereSentence(arrived))
    return left ? "" : null
  }
}

function avatarOf({ name }) {
  const avatar = document.createElement("span")
  avatar.className = "avatar"
  avatar.textContent = initials(name) || "·"
  return avatar
}

customElements.define("side-presence", Presence)
