import { sign } from "../common/template.js"

// Calls points at texts that wait for a decision while they are out of sight.
export class Calls {
  #scroller
  #button
  #sign
  #words
  #waiting = []

  // go is called with the element to show.
  constructor(scroller, { calls, "calls-sign": use, "calls-words": words }, go) {
    this.#scroller = scroller
    this.#button = calls
    this.#sign = use
    this.#words = words
    calls.addEventListener("click", () => go(this.#hidden()[0]))
  }

  // show takes the elements of what waits, first to last.
  show(waiting) {
    this.#waiting = waiting
    this.look()
  }

  // look finds out which of them can be seen; whatever moves them has it called.
  look() {
    const hidden = this.#hidden()
    this.#button.hidden = !hidden.length
    if (!hidden.length) return
    sign(this.#sign, hidden[0].getBoundingClientRect().top < this.#scroller.getBoundingClientRect().top ? "up" : "down")
    this.#words.textContent = hidden.length === 1 ? "1 text needs a decision" : `${hidden.length} texts need a decision`
  }

  #hidden() {
    if (!this.#waiting.length) return []
    const { top, bottom } = this.#scroller.getBoundingClientRect()
    return this.#waiting.filter(element => {
      const box = element.querySelector(".problem").getBoundingClientRect()
      return box.top < top || box.top > bottom - box.height / 2
    })
  }
}
