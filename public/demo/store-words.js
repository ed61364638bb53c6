// What visitors read about subscriptions and orders of the simulated store.

const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" })

// dateWords formats a time, or a date without one: "2026-12-09", which has no time zone.
export function dateWords(date) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date)
  const at = parts ? new Date(parts[1], parts[2] - 1, parts[3]) : new Date(date)
  return isNaN(at) ? date : day.format(at)
}

export const moneyWords = (amount, currency) =>
  new Intl.NumberFormat(undefined, { style: "currency", currency: currency || "USD" }).format(amount)

export const everyWords = (every, unit) => every > 1 ? `every ${every} ${unit}s` : `every ${unit}`

export const shown = (quantity, product) => quantity > 1 ? `${quantity} × ${product}` : product

export const chargeWords = ({ on, total, currency }) => `Next charge: ${dateWords(on)}, ${moneyWords(total, currency)}`

const statuses = { open: "Not shipped yet", shipped: "On its way", delivered: "Delivered", cancelled: "Cancelled" }

// orderWords says what is in an order, and where it is.
export const orderWords = ({ items, status, company, number }) =>
  [items.join(", "), [statuses[status] ?? status, [company, number].filter(Boolean).join(" ")].filter(Boolean).join(" with ")].filter(Boolean).join(". ")
