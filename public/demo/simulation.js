const patience = 30_000 // the world lets a question wait for 20 s
const least = 700, most = 15_000

// A World is the pretended one: it asks for its state again and again, each time
// waiting for a newer one, and comes back by itself when it is lost. Events:
// "state" (see .state) and "status" (see .lost: 0, or the time of the next try).
export class World extends EventTarget {
  #path
  #rev = 0
  #asking = null
  #timer = 0
  #failed = 0
  state = null
  lost = 0
  agent = 0

  constructor(path) {
    super()
    this.#path = path
  }

  start() {
    addEventListener("online", () => this.now())
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.now() })
    this.#ask()
  }

  // now skips the wait for the next try.
  now() {
    if (this.lost) this.#ask()
  }

  // as shows the world as another agent sees it.
  as(agent) {
    this.agent = agent
    this.#rev = 0
    this.#ask()
  }

  // does posts a wish. It throws an Error with a sentence when that fails.
  async does(name, wish) {
    let answer, said
    try {
      answer = await fetch(this.#path + name, {
        method: "POST", headers: { "Content-Type": "application/json" }, cache: "no-store",
        body: JSON.stringify({ ...wish, agent: this.agent }), signal: AbortSignal.timeout(patience),
      })
      said = await answer.json()
    } catch {
      throw new Error("Not sent: the demo can’t be reached.")
    }
    if (!answer.ok) throw new Error(sentence(said?.error))
  }

  async #ask() {
    clearTimeout(this.#timer)
    this.#asking?.abort()
    const asking = this.#asking = new AbortController()
    const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(patience)])
    const began = Date.now()
    let state
    try {
      const answer = await fetch(`${this.#path}state?rev=${this.#rev}&agent=${this.agent}`, { cache: "no-store", signal })
      if (!answer.ok) throw new Error(answer.statusText)
      state = await answer.json()
    } catch {
      if (!asking.signal.aborted) this.#lose()
      return
    }
    if (asking.signal.aborted) return
    const fresh = state.rev !== this.#rev
    this.#rev = state.rev
    this.#found()
    if (fresh) {
      this.state = state
      this.dispatchEvent(new Event("state"))
    }
    // A world that is asked by too many answers at once with nothing new.
    this.#timer = setTimeout(() => this.#ask(), fresh || Date.now() - began > 1000 ? 0 : 1000)
  }

  #found() {
    this.#failed = 0
    if (!this.lost) return
    this.lost = 0
    this.dispatchEvent(new Event("status"))
  }

  #lose() {
    const wait = Math.min(most, least * 2 ** this.#failed++) * (0.6 + 0.4 * Math.random())
    this.#rev = 0 // whoever answers next may be another world
    this.lost = Date.now() + wait
    this.#timer = setTimeout(() => this.#ask(), wait)
    this.dispatchEvent(new Event("status"))
  }
}

// The world's errors are written for programmers: "gorgias: no such ticket".
function sentence(error) {
  const words = (error || "this is not possible here").replace(/^[a-z]+: /, "")
  return words[0].toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? "" : ".")
}
