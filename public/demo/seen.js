const storageKey = "sidetext-demo-seen"

// Seen remembers for this tab what the visitor has seen and done, so that a reload does
// not show everything as new.
export class Seen {
  #seen = {} // by name of the thing: the time of its newest part that was seen
  #done = {} // by step: when it was done

  constructor() {
    try { ({ seen: this.#seen, done: this.#done } = JSON.parse(sessionStorage.getItem(storageKey)) ?? this.#all) } catch { /* start anew */ }
  }

  get #all() { return { seen: this.#seen, done: this.#done } }

  // markSeen says that everything in thing up to this time, in ms, was seen.
  markSeen(thing, at) {
    if (this.has(thing, at)) return
    this.#seen[thing] = at
    this.#store()
  }

  // has reports whether everything in thing up to this time was seen.
  has(thing, at) { return !at || at <= (this.#seen[thing] ?? 0) }

  markDone(step) {
    this.#done[step] = Date.now()
    this.#store()
  }

  // doneSince reports whether a step was done after a time. Earlier ones belong to a demo
  // that has been restarted since.
  doneSince(step, at) { return at > 0 && this.#done[step] >= at }

  #store() {
    try { sessionStorage.setItem(storageKey, JSON.stringify(this.#all)) } catch { /* then until the next reload */ }
  }
}
