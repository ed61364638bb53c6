import { ago, onClock } from "./ago.js"

// Times that the server wrote, as the reader's own clock has them. A page may be
// left open for hours: what was 2 minutes ago when it was written is not any more.
const all = [...document.querySelectorAll("time[data-as]")].map(element => ({ element, at: new Date(element.dateTime) }))

function tell() {
  const now = new Date()
  for (const { element, at } of all) {
    const words = element.dataset.as === "ago" ? ago(at, now) : onClock(at, now)
    if (element.textContent !== words) element.textContent = words
  }
}

if (all.length > 0) {
  tell()
  setInterval(tell, 20_000)
}
