const plain = "/public/popup/favicon.svg"
const dotted = "/public/popup/favicon-unread.svg"

// Unread marks the tab with what came in while nobody looked.
export class Unread {
  #count = 0
  #name = ""
  #icon = document.querySelector("link[rel=icon]")

  constructor() {
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { this.#count = 0; this.#mark() } })
  }

  name(shopper) {
    this.#name = shopper
    this.#mark()
  }

  add(texts) {
    if (!document.hidden || !texts) return
    this.#count += texts
    this.#mark()
  }

  #mark() {
    const name = this.#name ? this.#name + " · Sidetext" : "Sidetext"
    document.title = this.#count ? `(${this.#count}) ${name}` : name
    const href = this.#count ? dotted : plain
    if (this.#icon.getAttribute("href") !== href) this.#icon.href = href
  }
}
