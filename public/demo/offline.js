import { partsOf, setText } from "./parts.js"

// An OfflineBanner says that the page is out of date, and counts down to the next try.
export class OfflineBanner {
  #parts
  #countdown = 0

  // onRetry is called when the visitor does not want to wait.
  constructor(root, onRetry) {
    this.#parts = partsOf(root)
    this.#parts["offline-retry"].addEventListener("click", onRetry)
  }

  // show takes the time of the next try in ms since the epoch, or 0 while connected.
  show(nextTry) {
    const { root, "offline-wait": wait } = this.#parts
    clearInterval(this.#countdown)
    root.hidden = !nextTry
    document.body.toggleAttribute("data-offline", Boolean(nextTry))
    if (!nextTry) return
    const tick = () => {
      const left = Math.ceil((nextTry - Date.now()) / 1000)
      setText(wait, left > 0 ? `Trying again in ${left} s.` : "Trying…")
    }
    tick()
    this.#countdown = setInterval(tick, 500)
  }
}
