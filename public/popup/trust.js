import { sign as point, stamp } from "../common/template.js"

// <side-trust> shows how far the screen can be believed: a line that can't be
// missed whenever it is not live. Event: "now" (don't wait, try again).
export class Trust extends HTMLElement {
  #parts
  #status = { is: "closed", code: 0 }
  #counting = 0
  #watch

  connectedCallback() {
    if (!this.#parts) {
      this.#parts = stamp("trust")
      this.append(this.#parts.all)
      this.#parts.now.addEventListener("click", () => this.dispatchEvent(new Event("now")))
    }
    this.#watch = new AbortController()
    for (const name of ["online", "offline"]) addEventListener(name, () => this.show(this.#status), { signal: this.#watch.signal })
  }

  disconnectedCallback() {
    this.#watch.abort()
    clearInterval(this.#counting)
  }

  // show takes a Connection's status.
  show(status) {
    this.#status = status
    clearInterval(this.#counting)
    const { root, sign: use, words, left, now } = this.#parts
    const [icon, tone, said, offer] = wordsFor(status)
    root.hidden = !said
    root.dataset.tone = tone
    point(use, icon)
    // Only the words are announced; the seconds would be, every second.
    if (words.textContent !== said) words.textContent = said
    now.hidden = !offer
    now.textContent = offer
    left.textContent = ""
    if (status.is !== "waiting" || !offer) return
    const tick = () => { left.textContent = `Trying again in ${Math.max(0, Math.ceil((status.until - Date.now()) / 1000))} s.` }
    tick()
    this.#counting = setInterval(tick, 1000)
  }
}

function wordsFor({ is, code }) {
  if (is === "live" || (is === "closed" && (code === 0 || code === 4401))) return ["check", "", "", ""]
  if (is === "closed" && code === 4404) return ["failed", "bad", "This conversation is no longer here. What you see won’t change any more.", ""]
  if (is === "closed") return ["failed", "bad", "The server didn’t understand this page. What you see may be out of date.", "Try again"]
  if (!navigator.onLine) return ["offline", "warn", "You’re offline. New texts can’t appear until the network is back.", ""]
  if (is === "doubtful") return ["clock", "warn", "This may be out of date. Checking…", ""]
  if (is === "waiting") return ["offline", "warn", "Connection lost. New texts may be missing.", "Try now"]
  return ["clock", "warn", "Connecting… New texts may be missing.", ""]
}

customElements.define("side-trust", Trust)
