// What the directory knows of the shopper, in words for agents. A profile is a frame's
// conversation.profile: null if nothing is known. Pure functions; options are today, a
// Date, and locale, which is the browser's if it is missing.

// summaryOf returns the most important facts in a few words each, as { words, bad? }.
export function summaryOf(profile, options) {
  if (!profile) return []
  const { failed_charge: failed, next_charge: next, last_order: order, subscriptions = [], others, more = 0 } = profile
  const count = subscriptions.length + more
  const facts = []
  if (failed) facts.push({ words: joined([`Payment failed${failed.on ? ": " + dateWords(failed.on, options) : ""}`, moneyWords(failed, options)]), bad: true })
  else if (next) facts.push({ words: joined([`Next: ${dateWords(next.on, options)}`, moneyWords(next, options)]) })
  else if (count) facts.push({ words: count === 1 ? "1 subscription" : `${count} subscriptions` })
  if (order) facts.push({ words: [order.name, order.status].filter(Boolean).join(" ") })
  if (others) facts.push({ words: "Shared phone" })
  if (!facts.length && profile.marketing === "withdrawn") facts.push({ words: "No marketing texts" })
  return facts
}

// detailsOf returns everything as a list of { label, bad?, lines: [{ words, more?, url? }] }.
export function detailsOf(profile, options) {
  if (!profile) return []
  const { failed_charge: failed, next_charge: next, last_order: order, subscriptions = [], others, more = 0, marketing } = profile
  const rows = []
  if (failed) rows.push({ label: "Payment failed", bad: true, lines: [chargeLine(failed, options)] })
  if (next) rows.push({ label: "Next charge", lines: [chargeLine(next, options)] })
  if (subscriptions.length) {
    const lines = subscriptions.map(s => subscriptionLine(s, next?.on, options))
    if (more) lines.push({ words: `and ${more} more` })
    rows.push({ label: subscriptions.length + more > 1 ? "Subscriptions" : "Subscription", lines })
  }
  if (order) rows.push({ label: "Last order", lines: [{ words: joined([order.name, order.at && dayWords(new Date(order.at), options)]), more: order.status }] })
  const parcels = (order?.tracking ?? []).map(parcelLine).filter(line => line.words)
  if (parcels.length) rows.push({ label: "Tracking", lines: parcels })
  if (others) rows.push({ label: "Phone", lines: [{ words: `Shared with ${others === 1 ? "1 more person" : others + " more people"}` }] })
  if (marketing === "withdrawn") rows.push({ label: "Marketing", lines: [{ words: "Wants no marketing texts" }] })
  return rows
}

const chargeLine = (charge, options) => ({
  words: joined([dateWords(charge.on, options), moneyWords(charge, options)]),
  more: (charge.items ?? []).map(item => productWords(item.quantity, item.title, item.variant)).join(", "),
})

function subscriptionLine({ product, variant, quantity, unit, every, next, prepaid }, usual, options) {
  return {
    words: productWords(quantity, product, variant),
    more: joined([everyWords(every, unit), next && next !== usual ? "next " + dateWords(next, options) : "", prepaid && "prepaid"]),
  }
}

function parcelLine({ company, number, url, status }) {
  const address = secureAddress(url)
  const name = [company, number].filter(Boolean).join(" ")
  return { words: name || (address && "Track the parcel"), more: status, url: address }
}

function everyWords(every, unit) {
  if (!unit || !(every >= 1)) return ""
  return every === 1 ? `every ${unit}` : `every ${every} ${unit}s`
}

// productWords names a product, without the variant if that is Shopify's name for the
// only one.
function productWords(quantity, title, variant) {
  const name = [title, variant === "Default Title" ? "" : variant].filter(Boolean).join(" ")
  return quantity > 1 ? `${quantity} × ${name}` : name
}

// dateWords formats a date without a time, "2026-12-09", which has no time zone.
function dateWords(date, options) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date)
  return parts ? dayWords(new Date(parts[1], parts[2] - 1, parts[3]), options) : date ?? ""
}

function dayWords(at, { today, locale }) {
  if (isNaN(at)) return ""
  const year = at.getFullYear() === today.getFullYear() ? undefined : "numeric"
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year }).format(at)
}

function moneyWords({ total, currency }, { locale }) {
  if (!/^\d+(\.\d+)?$/.test(total ?? "")) return total ?? ""
  if (!/^[A-Z]{3}$/i.test(currency ?? "")) return total
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(total)
}

// secureAddress returns text if it is an https address, else "".
function secureAddress(text) {
  if (!text || !URL.canParse(text)) return ""
  const { protocol, href } = new URL(text)
  return protocol === "https:" ? href : ""
}

const joined = parts => parts.filter(Boolean).join(" · ")
