const plain = "/public/popup/favicon.svg"
const dotted = "/public/popup/favicon-unread.svg"

// Unread marks the tab with what came in while nobody looked.
export class Unread {
  #texts = 0
  #calls = new Set() // conversations of other shoppers that need a person
  #name = ""
  #icon = document.querySelector("link[rel=icon]")

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return
      this.#texts = 0
      this.#calls.clear()
      this.#mark()
    })
  }

  name(shopper) {
    this.#name = shopper
    this.#mark()
  }

  add(texts) {
    if (!document.hidden || !texts) return
    this.#texts += texts
    this.#mark()
  }

  // calls takes the rings that wait for a person, and those of them that are new.
  calls(waiting, fresh) {
    if (document.hidden) for (const { conversation } of fresh) this.#calls.add(conversation)
    this.#calls = this.#calls.intersection(new Set(waiting.map(r => r.conversation)))
    this.#mark()
  }

  #mark() {
    const name = this.#name ? this.#name + " · Sidetext" : "Sidetext"
    const count = this.#texts + this.#calls.size
    document.title = count ? `(${count}) ${name}` : name
    const href = count ? dotted : plain
    if (this.#icon.getAttribute("href") !== href) this.#icon.href = href
  }
}
