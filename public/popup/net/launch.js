import { call } from "../../common/api.js"

// A Launch is the link that opened this page. It names a conversation and carries no
// authority. The token is in the fragment, which is in no request or Referer; it moves
// to the history entry, so that a reload still works.
export class Launch {
  #token
  #ticket
  #file

  // read takes the launch from the address bar or the history entry. It returns null
  // if the page was opened without a token.
  static read() {
    const given = new URLSearchParams(location.hash.slice(1))
    const stored = history.state ?? {}
    const token = given.get("t") ?? stored.t
    const ticket = given.get("ticket") ?? stored.ticket ?? ""
    const file = given.get("file") ?? stored.file ?? ""
    if (!token) return null
    const launch = new Launch(token, ticket, file)
    launch.#store()
    return launch
  }

  constructor(token, ticket, file = "") {
    this.#token = token
    this.#ticket = ticket
    this.#file = file
  }

  #store() { history.replaceState({ t: this.#token, ticket: this.#ticket, file: this.#file }, "", "/popup") }

  // takeFile returns the address of the file that the link leads to, the first time;
  // after that, and without a file, "".
  takeFile() {
    const address = this.#file && "/files/" + encodeURIComponent(this.#file)
    this.#file = ""
    this.#store()
    return address
  }

  // hasFile reports whether there is a file at an address that takeFile returned.
  async hasFile(address) {
    const { ok } = await fetch(address, { method: "HEAD" }).catch(() => ({ ok: false }))
    return ok
  }

  get address() {
    return "/popup#" + new URLSearchParams({ t: this.#token, ticket: this.#ticket })
  }

  // open returns the conversation that the link names and whether an agent is signed in.
  open() { return call("POST", "/api/launch", { token: this.#token, ticket: this.#ticket }) }

  // requestCode has a code posted on the ticket. It returns { challenge, ticket }.
  requestCode(agent) { return call("POST", "/api/code", { token: this.#token, ticket: this.#ticket, agent }) }

  // submitCode signs the agent in.
  submitCode(challenge, code) { return call("POST", "/api/session", { challenge, code }) }

  signOut() { return call("DELETE", "/api/session") }
}
