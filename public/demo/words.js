// What the world's names are called when people read them.

const weathers = {
  none: ["Fine", "Every vendor answers at once."],
  gorgias_down: ["Helpdesk down", "Tickets and notes wait. Texts go on, and nothing is lost."],
  twilio_down: ["Carrier down", "Whether a text got out, nobody can know. It says so, and is not sent twice."],
  slow: ["Everything slow", "Each vendor takes a second and a half longer."],
  callbacks_reversed: ["Reports reversed", "The carrier says “delivered” before “sent”. Ticks must not go back."],
}
export const weatherWords = name => weathers[name] ?? [name.replaceAll("_", " "), ""]

const textStates = { sent: "Sent", delivered: "Delivered", failed: "Not delivered", undelivered: "Not delivered", queued: "Waiting", sending: "Sending" }
export const textWords = status => textStates[status] ?? status

// What a message in a ticket is.
export function kindWords({ from, channel }) {
  if (from === "note") return "Internal note"
  if (from === "agent") return channel === "email" ? "E-mail to the shopper" : "Answer to the shopper"
  return ""
}

const minute = 60_000
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" })

// ago is a past moment in a few letters.
export function ago(at, now = Date.now()) {
  const past = now - at
  if (past < minute) return "now"
  if (past < 60 * minute) return `${Math.floor(past / minute)} min`
  if (past < 24 * 60 * minute) return `${Math.floor(past / 60 / minute)} h`
  return short.format(at)
}
