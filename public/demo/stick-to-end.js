const nearEnd = 48 // px from the end that count as being there

// A StickToEnd keeps a scrolling element at its end while it grows or changes its size,
// unless the reader has scrolled up.
export class StickToEnd {
  #element
  #atEnd = true

  constructor(element) {
    this.#element = element
    element.addEventListener("scroll", () => this.#atEnd = this.#isNearEnd, { passive: true })
    new ResizeObserver(() => this.update()).observe(element)
  }

  // update is called after a change of the content.
  update() { if (this.#atEnd) this.toEnd() }

  // toEnd returns to the end, also if the reader has scrolled up.
  toEnd() {
    this.#atEnd = true
    this.#element.scrollTop = this.#element.scrollHeight
  }

  get #isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#element
    return scrollHeight - scrollTop - clientHeight < nearEnd
  }
}
