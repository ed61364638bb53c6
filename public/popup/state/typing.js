const reportInterval = 3000 // ms; the server keeps a report for 6 s

// Typing reports that the agent types: at most once per interval, and when it is over.
export class Typing {
  #report
  #now
  #reportedAt = null // ms; null: not typing, as far as the server knows

  // report is called with true or false; now returns the time in ms.
  constructor(report, now) {
    this.#report = report
    this.#now = now
  }

  // changed is called with every change of the text box: does it hold text?
  changed(hasText) {
    if (!hasText) {
      if (this.#reportedAt !== null) this.#report(false)
      this.#reportedAt = null
    } else if (this.#reportedAt === null || this.#now() - this.#reportedAt >= reportInterval) {
      this.#reportedAt = this.#now()
      this.#report(true)
    }
  }

  // reset is for a new connection, on which nothing was reported yet.
  reset() { this.#reportedAt = null }
}
