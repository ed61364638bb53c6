import { newlyWaiting, waiting } from "../state/alerts.js"
import { others, typingSentence } from "../state/people.js"
import { Typing } from "../state/typing.js"
import "./alerts.js"
import { Bell } from "./bell.js"
import "./presence.js"

// Surroundings shows what happens around the conversation: who else has it open, who
// types, and which other shoppers need a person.
export class Surroundings {
  #presence = document.querySelector("side-presence")
  #alertList = document.querySelector("side-alerts")
  #composer
  #unread
  #typing
  #alerts = []
  bell = new Bell()

  // act passes an event to the rules.
  constructor(act, composer, unread) {
    this.#composer = composer
    this.#unread = unread
    this.#typing = new Typing(on => act({ type: "reportTyping", on }), () => performance.now())
    composer.addEventListener("typing", event => this.#typing.changed(event.detail))
    this.#alertList.addEventListener("dismiss", event => act({ type: "dismiss", conversation: event.detail }))
    this.#alertList.addEventListener("left", () => composer.focus())
  }

  // reset is for a new connection.
  reset() { this.#typing.reset() }

  // show brings everything up to date. People are shown only while live: otherwise
  // nothing is known about them.
  show({ people, alerts, agent }, live) {
    const here = live ? people : null
    this.#presence.show(here, agent?.id)
    this.#composer.typing = typingSentence(others(here ?? [], agent?.id))
    this.#alertList.show(alerts, live)
    const added = newlyWaiting(this.#alerts, alerts)
    this.#alerts = alerts
    this.#unread.setAlerts(waiting(alerts), added)
    if (!added.length) return
    this.#alertList.speak(added)
    this.bell.ring()
  }
}
