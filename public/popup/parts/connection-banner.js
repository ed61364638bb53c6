import { setIcon, cloneTemplate } from "../../common/template.js"

// <side-connection-banner> says, whenever the page is not live, that it may be out of
// date. Event: "now" (try again without waiting).
export class ConnectionBanner extends HTMLElement {
  #parts
  #status = { is: "closed", code: 0 }
  #countdown = 0
  #listeners // an AbortController

  connectedCallback() {
    if (!this.#parts) {
      this.#parts = cloneTemplate("connection-banner")
      this.append(this.#parts.all)
      this.#parts.now.addEventListener("click", () => this.dispatchEvent(new Event("now")))
    }
    this.#listeners = new AbortController()
    for (const name of ["online", "offline"]) addEventListener(name, () => this.show(this.#status), { signal: this.#listeners.signal })
  }

  disconnectedCallback() {
    this.#listeners.abort()
    clearInterval(this.#countdown)
  }

  // show takes the status of a Connection.
  show(status) {
    this.#status = status
    clearInterval(this.#countdown)
    const { root, sign: use, words, left, now } = this.#parts
    const { icon = "check", tone = "", text = "", button = "" } = bannerFor(status)
    root.hidden = !text
    root.dataset.tone = tone
    setIcon(use, icon)
    // The seconds are outside the live region: they would be announced every second.
    if (words.textContent !== text) words.textContent = text
    now.hidden = !button
    now.textContent = button
    left.textContent = ""
    if (status.is !== "waiting" || !button) return
    const tick = () => { left.textContent = `Trying again in ${Math.max(0, Math.ceil((status.until - Date.now()) / 1000))} s.` }
    tick()
    this.#countdown = setInterval(tick, 1000)
  }
}

function bannerFor({ is, code }) {
  if (is === "live" || (is === "closed" && (code === 0 || code === 4401))) return {}
  if (is === "closed" && code === 4404) return { icon: "failed", tone: "bad", text: "This conversation no longer exists. What you see is not updated any more." }
  if (is === "closed") return { icon: "failed", tone: "bad", text: "The server did not understand this page. What you see may be out of date.", button: "Try again" }
  if (!navigator.onLine) return { icon: "offline", tone: "warn", text: "You’re offline. New texts can’t appear until the network is back." }
  if (is === "stale") return { icon: "clock", tone: "warn", text: "This may be out of date. Checking…" }
  if (is === "waiting") return { icon: "offline", tone: "warn", text: "Connection lost. New texts may be missing.", button: "Try now" }
  return { icon: "clock", tone: "warn", text: "Connecting… New texts may be missing." }
}

customElements.define("side-connection-banner", ConnectionBanner)
