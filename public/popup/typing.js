const every = 3000 // ms; the server believes it for 6 s

// Typing says that the agent types: not with every key, and once when it is over.
export class Typing {
  #say
  #now
  #said = null // when, while it was said and not taken back

  // say is called with true or false; now tells the time in ms.
  constructor(say, now = () => performance.now()) {
    this.#say = say
    this.#now = now
  }

  // wrote is told of every change: is there something in the box?
  wrote(something) {
    if (!something) {
      if (this.#said !== null) this.#say(false)
      this.#said = null
    } else if (this.#said === null || this.#now() - this.#said >= every) {
      this.#said = this.#now()
      this.#say(true)
    }
  }

  // forget is for a new connection: nothing was said there.
  forget() { this.#said = null }
}
