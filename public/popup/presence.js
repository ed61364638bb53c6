import { initials } from "../common/names.js"
import { stamp } from "../common/template.js"
import { hereWords, named, others, plain, spelled } from "./people.js"

// <side-presence> says who else looks at this conversation.
export class Presence extends HTMLElement {
  #parts
  #known = new Set() // the ids of those who were last said to be here

  connectedCallback() {
    if (this.#parts) return
    this.#parts = stamp("presence")
    this.append(this.#parts.all)
  }

  // show takes who is here, and the agent me; null: that is not known at present.
  show(people, me) {
    const { root, avatars, words, spoken } = this.#parts
    const list = others(people ?? [], me)
    root.hidden = !list.length
    const said = hereWords(list)
    if (list.length && words.textContent !== plain(said)) {
      words.replaceChildren(...spelled(said))
      avatars.replaceChildren(...named(list).map(face))
    }
    const news = people && this.#news(list)
    if (news !== null) spoken.textContent = news
  }

  // Who comes is announced, once. Who is not known for a moment, as while the
  // connection is made anew, did not leave.
  #news(list) {
    const arrived = list.filter(p => !this.#known.has(p.id))
    const left = this.#known.size + arrived.length > list.length
    this.#known = new Set(list.map(p => p.id))
    if (arrived.length) return plain(hereWords(arrived))
    return left ? "" : null
  }
}

function face({ name }) {
  const avatar = document.createElement("span")
  avatar.className = "avatar"
  avatar.textContent = initials(name) || "·"
  return avatar
}

customElements.define("side-presence", Presence)
