import { call } from "../common/api.js"

// A Launch is the link that opened this page: it names a conversation and opens
// nothing by itself. The token comes in the fragment, which no server, proxy or
// Referer sees, and is moved into the history entry so that a reload still works.
export class Launch {
  #token
  #ticket
  #file

  // read takes the launch from the address bar, or from where it was put; null
  // when the page was opened without one.
  static read() {
    const given = new URLSearchParams(location.hash.slice(1))
    const kept = history.state ?? {}
    const token = given.get("t") ?? kept.t
    const ticket = given.get("ticket") ?? kept.ticket ?? ""
    const file = given.get("file") ?? kept.file ?? ""
    if (!token) return null
    const launch = new Launch(token, ticket, file)
    launch.#keep()
    return launch
  }

  constructor(token, ticket, file = "") {
    this.#token = token
    this.#ticket = ticket
    this.#file = file
  }

  #keep() { history.replaceState({ t: this.#token, ticket: this.#ticket, file: this.#file }, "", "/popup") }

  // takeFile is the address of the file that the link leads to, once; else "".
  takeFile() {
    const address = this.#file && "/files/" + encodeURIComponent(this.#file)
    this.#file = ""
    this.#keep()
    return address
  }

  get address() {
    return "/popup#" + new URLSearchParams({ t: this.#token, ticket: this.#ticket })
  }

  // open asks what the link leads to and whether somebody is signed in.
  open() { return call("POST", "/api/launch", { token: this.#token, ticket: this.#ticket }) }

  // challenge has a code posted on the ticket.
  challenge(agent) { return call("POST", "/api/code", { token: this.#token, ticket: this.#ticket, agent }) }

  answer(challenge, code) { return call("POST", "/api/session", { challenge, code }) }

  signOut() { return call("DELETE", "/api/session") }
}
