const place = "sidetext-demo-seen"

// Seen remembers, for this tab, what the visitor has looked at, so that a reload
// does not make everything new again.
export class Seen {
  #looked = {} // by name of the thing: when the newest came that was seen in it
  #done = {}   // by step: when it was taken

  constructor() {
    try { ({ looked: this.#looked, done: this.#done } = JSON.parse(sessionStorage.getItem(place)) ?? this.#all) } catch { /* as if new */ }
  }

  get #all() { return { looked: this.#looked, done: this.#done } }

  // look notes that everything in thing up to this time has been seen. Times are
  // in milliseconds; none at all is long past.
  look(thing, at) {
    if (this.has(thing, at)) return
    this.#looked[thing] = at
    this.#store()
  }

  has(thing, at) { return !at || at <= (this.#looked[thing] ?? 0) }

  // did notes a step that was taken at a time.
  did(step) {
    this.#done[step] = Date.now()
    this.#store()
  }

  // since says whether a step was taken after a time: before it was another story.
  since(step, at) { return at > 0 && this.#done[step] >= at }

  #store() {
    try { sessionStorage.setItem(place, JSON.stringify(this.#all)) } catch { /* then only until a reload */ }
  }
}
