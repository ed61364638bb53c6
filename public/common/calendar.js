// Dates and times in the reader's locale and time zone.
const time = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" })
const near = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" })
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" })
const far = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" })

export const clock = at => time.format(at)
export const moment = at => full.format(at)

// late says when a text was sent that arrived late, at at.
export const late = (said, at) => `Sent ${dayOf(said) === dayOf(at) ? clock(said) : short.format(said)}, arrived late at ${clock(at)}`

// dayOf returns the same string for two dates exactly if they are on the same local day.
export const dayOf = at => `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`

// dayWords names a day relative to now.
export function dayWords(at, now = new Date()) {
  if (dayOf(at) === dayOf(now)) return "Today"
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)
  if (dayOf(at) === dayOf(yesterday)) return "Yesterday"
  return at.getFullYear() === now.getFullYear() ? near.format(at) : far.format(at)
}
