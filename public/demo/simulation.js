const timeout = 30_000 // ms; the server answers a poll after 20 s at the latest
const minDelay = 700, maxDelay = 15_000 // ms until the next try

// A Simulation is the connection to the pretended vendors: it polls their state and
// reconnects automatically. Events: "state" (see .state) and "status" (see .nextTry).
export class Simulation extends EventTarget {
  #path
  #rev = 0
  #request = null // the AbortController of the current poll
  #timer = 0
  #failures = 0
  state = null
  nextTry = 0 // ms since the epoch, while disconnected; otherwise 0
  agent = 0

  constructor(path) {
    super()
    this.#path = path
  }

  start() {
    addEventListener("online", () => this.retryNow())
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.retryNow() })
    this.#poll()
  }

  // retryNow skips the wait for the next try.
  retryNow() {
    if (this.nextTry) this.#poll()
  }

  // viewAs requests the state as another agent sees it.
  viewAs(agent) {
    this.agent = agent
    this.#rev = 0
    this.#poll()
  }

  // act posts an action. If that fails it throws an Error with a sentence for people.
  async act(name, body) {
    let response, answer
    try {
      response = await fetch(this.#path + name, {
        method: "POST", headers: { "Content-Type": "application/json" }, cache: "no-store",
        body: JSON.stringify({ ...body, agent: this.agent }), signal: AbortSignal.timeout(timeout),
      })
      answer = await response.json()
    } catch {
      throw new Error("Not sent: the demo can’t be reached.")
    }
    if (!response.ok) throw new Error(sentence(answer?.error))
  }

  async #poll() {
    clearTimeout(this.#timer)
    this.#request?.abort()
    const request = this.#request = new AbortController()
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeout)])
    const start = Date.now()
    let state
    try {
      const response = await fetch(`${this.#path}state?rev=${this.#rev}&agent=${this.agent}`, { cache: "no-store", signal })
      if (!response.ok) throw new Error(response.statusText)
      state = await response.json()
    } catch {
      if (!request.signal.aborted) this.#disconnected()
      return
    }
    if (request.signal.aborted) return
    const changed = state.rev !== this.#rev
    this.#rev = state.rev
    this.#connected()
    if (changed) {
      this.state = state
      this.dispatchEvent(new Event("state"))
    }
    // A server with too many waiting polls answers at once and without a change.
    this.#timer = setTimeout(() => this.#poll(), changed || Date.now() - start > 1000 ? 0 : 1000)
  }

  #connected() {
    this.#failures = 0
    if (!this.nextTry) return
    this.nextTry = 0
    this.dispatchEvent(new Event("status"))
  }

  #disconnected() {
    const delay = Math.min(maxDelay, minDelay * 2 ** this.#failures++) * (0.6 + 0.4 * Math.random())
    this.#rev = 0 // the next answer may come from a restarted demo
    this.nextTry = Date.now() + delay
    this.#timer = setTimeout(() => this.#poll(), delay)
    this.dispatchEvent(new Event("status"))
  }
}

// sentence makes an error for programmers ("gorgias: no such ticket") readable.
function sentence(error) {
  const words = (error || "this is not possible here").replace(/^[a-z]+: /, "")
  return words[0].toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? "" : ".")
}
