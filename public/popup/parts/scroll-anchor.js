const nearEnd = 48 // px from the end that count as being there

// A ScrollAnchor keeps a scroller at its end while its content or its size changes, or,
// if the reader has scrolled up, keeps what they read in place.
export class ScrollAnchor {
  #scroller
  #content
  #onScroll
  #observer
  #size = "" // of the scroller when the layout last changed
  #top = 0   // the scroller's position in the window at that time
  atEnd = true

  // content is the element that holds the rows; onScroll is called when the reader's
  // position may have changed.
  constructor(scroller, content, onScroll) {
    this.#scroller = scroller
    this.#content = content
    this.#onScroll = onScroll
    scroller.addEventListener("scroll", () => this.check(), { passive: true })
  }

  connect() {
    this.#observer = new ResizeObserver(() => this.#resized())
    this.#observer.observe(this.#scroller)
    this.#observer.observe(this.#content)
  }

  disconnect() { this.#observer.disconnect() }

  // toEnd scrolls to the end, smoothly if that is wanted and the way is short.
  toEnd(smooth = false) {
    const scroller = this.#scroller
    this.atEnd = true
    const behavior = smooth && scroller.scrollHeight - scroller.scrollTop < 4000 ? "smooth" : "instant"
    scroller.scrollTo({ top: scroller.scrollHeight, behavior })
    this.#onScroll()
  }

  // hold remembers the first visible row that can serve as an anchor. The function that
  // it returns is called after rows were added or removed, and brings that row back to
  // its position.
  hold(rows, isAnchor) {
    if (this.atEnd) return () => this.toEnd()
    const top = this.#scroller.getBoundingClientRect().top
    const row = [...rows].find(e => e.getBoundingClientRect().bottom > top && isAnchor(e))
    const before = row?.getBoundingClientRect().top
    return () => { if (row?.isConnected) this.#scroller.scrollTop += row.getBoundingClientRect().top - before }
  }

  // check finds out whether the reader is at the end. A scroll event that comes with a
  // change of size is caused by the layout and not by the reader.
  check() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    const atEnd = scrollHeight - scrollTop - clientHeight < nearEnd
    if (atEnd || this.#size === this.#currentSize()) this.atEnd = atEnd
    this.#onScroll()
  }

  // The composer grew, the window shrank, or an alert appeared.
  #resized() {
    const { top } = this.#scroller.getBoundingClientRect()
    this.#size = this.#currentSize()
    if (this.atEnd) this.toEnd()
    else this.#scroller.scrollTop += top - this.#top
    this.#top = top
  }

  #currentSize() {
    const { clientHeight, scrollHeight } = this.#scroller
    return clientHeight + " " + scrollHeight
  }
}
