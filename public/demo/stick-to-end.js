// An End keeps a scrolling element at its end while it grows or changes its size,
// unless the reader has scrolled up.
export class End {
  #element
  #at = true

  constructor(element) {
    this.#element = element
    element.addEventListener("scroll", () => this.#at = this.#near, { passive: true })
    new ResizeObserver(() => this.keep()).observe(element)
  }

  // keep is for after a change; go returns to the end wherever the reader was.
  keep() { if (this.#at) this.go() }

  go() {
    this.#at = true
    this.#element.scrollTop = this.#element.scrollHeight
  }

  get #near() {
    const { scrollHeight, scrollTop, clientHeight } = this.#element
    return scrollHeight - scrollTop - clientHeight < 48
  }
}
