import { partsOf, put } from "./parts.js"

// A LostLine says that the page is out of date, and when it will try again.
export class LostLine {
  #parts
  #counting = 0

  constructor(root, now) {
    this.#parts = partsOf(root)
    this.#parts["lost-now"].addEventListener("click", now)
  }

  // show takes the time of the next try, or 0 when all is well.
  show(next) {
    const { root, "lost-wait": wait } = this.#parts
    clearInterval(this.#counting)
    root.hidden = !next
    document.body.toggleAttribute("data-lost", Boolean(next))
    if (!next) return
    const tick = () => {
      const left = Math.ceil((next - Date.now()) / 1000)
      put(wait, left > 0 ? `Trying again in ${left} s.` : "Trying…")
    }
    tick()
    this.#counting = setInterval(tick, 500)
  }
}
