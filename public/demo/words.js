// What visitors read in place of codes.

const faults = {
  none: ["None", "Every vendor answers at once."],
  gorgias_down: ["Helpdesk down", "Tickets and notes wait. Texts still work, and nothing is lost."],
  twilio_down: ["Carrier down", "It is not known whether a text was sent. The page says so and does not send it twice."],
  shopify_down: ["Shopify down", "Its webhooks are still taken in. What has to be read waits."],
  recharge_down: ["Recharge down", "Its webhooks are still taken in. What has to be read waits."],
  slow: ["Everything slow", "Each vendor takes a second and a half longer."],
  callbacks_reversed: ["Reports reversed", "The carrier says “delivered” before “sent”. Ticks must not go back."],
}
// faultWords returns the name of a preset and what it does.
export const faultWords = name => faults[name] ?? [name.replaceAll("_", " "), ""]

const textStates = { sent: "Sent", delivered: "Delivered", failed: "Not delivered", undelivered: "Not delivered", queued: "Waiting", sending: "Sending" }
export const textWords = status => textStates[status] ?? status

// kindWords returns what kind of message in a ticket it is.
export function kindWords({ from, channel }) {
  if (from === "note") return "Internal note"
  if (from === "agent") return channel === "email" ? "E-mail to the shopper" : "Answer to the shopper"
  return ""
}

const minute = 60_000
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" })

// ago returns how long ago it was, in a few letters.
export function ago(at, now = Date.now()) {
  const past = now - at
  if (past < minute) return "now"
  if (past < 60 * minute) return `${Math.floor(past / minute)} min`
  if (past < 24 * 60 * minute) return `${Math.floor(past / 60 / minute)} h`
  return short.format(at)
}
