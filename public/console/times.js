import { ago, onClock } from "./ago.js"

// Shows the page's times in the reader's time zone, and keeps "2 minutes ago" up to date
// while the page is open.
const all = [...document.querySelectorAll("time[data-as]")].map(element => ({ element, at: new Date(element.dateTime) }))

function update() {
  const now = new Date()
  for (const { element, at } of all) {
    const words = element.dataset.as === "ago" ? ago(at, now) : onClock(at, now)
    if (element.textContent !== words) element.textContent = words
  }
}

if (all.length > 0) {
  update()
  setInterval(update, 20_000)
}
