import { Bell } from "./bell.js"
import "./notices.js"
import { others, typingWords } from "./people.js"
import "./presence.js"
import { fresh, waiting } from "./rings.js"
import { Typing } from "./typing.js"

// Around is what goes on around the conversation: who else is here, who types, and
// which other shoppers need a person.
export class Around {
  #presence = document.querySelector("side-presence")
  #notices = document.querySelector("side-notices")
  #composer
  #unread
  #typing
  #rings = []
  bell = new Bell()

  // act does what the rules say about something that happened here.
  constructor(act, composer, unread) {
    this.#composer = composer
    this.#unread = unread
    this.#typing = new Typing(on => act({ type: "types", on }))
    composer.addEventListener("typing", event => this.#typing.wrote(event.detail))
    this.#notices.addEventListener("dismiss", event => act({ type: "dismiss", conversation: event.detail }))
    this.#notices.addEventListener("left", () => composer.focus())
  }

  // afresh is for a new connection.
  afresh() { this.#typing.forget() }

  // show brings everything up to date; what is not live is not said of people.
  show({ people, rings, agent }, live) {
    const here = live ? people : null
    this.#presence.show(here, agent?.id)
    this.#composer.typing = typingWords(others(here ?? [], agent?.id))
    this.#notices.show(rings, live)
    const calls = fresh(this.#rings, rings)
    this.#rings = rings
    this.#unread.calls(waiting(rings), calls)
    if (!calls.length) return
    this.#notices.speak(calls)
    this.bell.ring()
  }
}
