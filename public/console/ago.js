import { clock, dayOf } from "../common/calendar.js"

const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })
const units = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000]]

// ago returns how long before now it was, in the same words as the server.
export function ago(at, now) {
  for (const [name, is] of units) {
    const n = Math.floor((now - at) / is)
    if (n > 0) return `${n === 1 ? "1" : n.toLocaleString("en")} ${name}${n === 1 ? "" : "s"} ago`
  }
  return "just now"
}

// onClock returns the time, with the date if that is not today.
export function onClock(at, now) {
  return dayOf(at) === dayOf(now) ? clock(at) : whole.format(at)
}
