const plainIcon = "/public/popup/favicon.svg"
const unreadIcon = "/public/popup/favicon-unread.svg"

// Unread shows in the tab's title and icon how much arrived while the tab was hidden.
export class Unread {
  #texts = 0
  #alerts = new Set() // conversations of other shoppers that need a person
  #name = ""
  #icon = document.querySelector("link[rel=icon]")

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return
      this.#texts = 0
      this.#alerts.clear()
      this.#show()
    })
  }

  setName(shopper) {
    this.#name = shopper
    this.#show()
  }

  addTexts(count) {
    if (!document.hidden || !count) return
    this.#texts += count
    this.#show()
  }

  // setAlerts takes the alerts that wait for a person, and those that are new.
  setAlerts(waiting, added) {
    if (document.hidden) for (const { conversation } of added) this.#alerts.add(conversation)
    this.#alerts = this.#alerts.intersection(new Set(waiting.map(a => a.conversation)))
    this.#show()
  }

  #show() {
    const name = this.#name ? this.#name + " · Sidetext" : "Sidetext"
    const count = this.#texts + this.#alerts.size
    document.title = count ? `(${count}) ${name}` : name
    const href = count ? unreadIcon : plainIcon
    if (this.#icon.getAttribute("href") !== href) this.#icon.href = href
  }
}
