import { detailsOf, summaryOf } from "../state/profile.js"
import { blank, step } from "../state/rules.js"
import { check } from "./check.js"

const options = { today: new Date(2026, 11, 1, 12), locale: "en-US" }
const next = { on: "2026-12-09", total: "49.00", currency: "USD", items: [{ title: "Coffee", variant: "250 g", quantity: 1 }, { title: "Filter", variant: "Default Title", quantity: 2 }] }
const failed = { on: "2026-11-30", total: "1234.5", currency: "CAD" }
const coffee = { product: "Coffee", variant: "250 g", quantity: 1, unit: "week", every: 4, next: "2026-12-09" }
const order = { name: "#1001", at: new Date(2026, 10, 28, 12).toISOString(), status: "On its way", tracking: [{ company: "UPS", number: "1Z999", url: "https://ups.example/1Z999", status: "In transit" }] }

const words = facts => facts.map(f => f.words + (f.bad ? " !" : ""))
for (const [what, profile, want] of [
  ["nothing", null, []],
  ["an empty profile", {}, []],
  ["all", { next_charge: next, last_order: order, subscriptions: [coffee] }, ["Next: Dec 9 · $49.00", "#1001 On its way"]],
  ["a failed payment matters more than the next", { failed_charge: failed, next_charge: next, last_order: order }, ["Payment failed: Nov 30 · CA$1,234.50 !", "#1001 On its way"]],
  ["a subscription without a charge", { subscriptions: [coffee] }, ["1 subscription"]],
  ["more than are listed", { subscriptions: [coffee, coffee], more: 10 }, ["12 subscriptions"]],
  ["a shared phone", { last_order: { name: "#1" }, others: 2 }, ["#1", "Shared phone"]],
  ["only marketing", { marketing: "withdrawn" }, ["No marketing texts"]],
  ["marketing given", { marketing: "given" }, []],
]) check("summary: " + what, words(summaryOf(profile, options)), want)

// Each row as "label: words | more | url".
const text = rows => rows.map(r => `${r.label}${r.bad ? " !" : ""}: ` + r.lines.map(l => [l.words, l.more, l.url].filter(Boolean).join(" | ")).join("; "))
for (const [what, profile, want] of [
  ["nothing", null, []],
  ["marketing given", { marketing: "given" }, []],
  ["next charge", { next_charge: next }, ["Next charge: Dec 9 · $49.00 | Coffee 250 g, 2 × Filter"]],
  ["failed charge", { failed_charge: failed }, ["Payment failed !: Nov 30 · CA$1,234.50"]],
  ["a subscription with the usual date", { next_charge: { on: "2026-12-09" }, subscriptions: [coffee] }, ["Next charge: Dec 9", "Subscription: Coffee 250 g | every 4 weeks"]],
  ["subscriptions", { subscriptions: [coffee, { product: "Tea", quantity: 2, unit: "month", every: 1, next: "2027-01-02", prepaid: true }, { product: "Mug", quantity: 1 }], more: 3 },
    ["Subscriptions: Coffee 250 g | every 4 weeks · next Dec 9; 2 × Tea | every month · next Jan 2, 2027 · prepaid; Mug; and 3 more"]],
  ["an order", { last_order: order }, ["Last order: #1001 · Nov 28 | On its way", "Tracking: UPS 1Z999 | In transit | https://ups.example/1Z999"]],
  ["an order without a time", { last_order: { name: "#1001", at: "never", status: "" } }, ["Last order: #1001"]],
  ["parcels", { last_order: { name: "#1", tracking: [{ url: "https://a.example/" }, { number: "2", url: "http://a.example/" }, { number: "3", url: "javascript:alert(1)" }, { url: "data:text/html,x" }, { status: "Lost" }] } },
    ["Last order: #1", "Tracking: Track the parcel | https://a.example/; 2; 3"]],
  ["others", { others: 1, marketing: "withdrawn" }, ["Phone: Shared with 1 more person", "Marketing: Wants no marketing texts"]],
  ["more others", { others: 3 }, ["Phone: Shared with 3 more people"]],
  ["what no vendor should send", { next_charge: { on: "soon", total: "a lot", currency: "USD" }, failed_charge: { on: "2026-12-09", total: "5", currency: "dollars" } },
    ["Payment failed !: Dec 9 · 5", "Next charge: soon · a lot"]],
]) check("details: " + what, text(detailsOf(profile, options)), want)

// The rules: frames change the profile in the order of their revisions only.
const said = (seq, rev = seq) => ({ seq, rev, kind: "text", way: "in", by: { role: "shopper" }, text: "t" })
const withProfile = on => ({ mode: "automated", profile: on ? { next_charge: { on } } : null })
const opened = (rev, on, more) => ({ type: "opened", reset: true, rev, epoch: "e", agent: { id: "1", name: "Ana" }, conversation: withProfile(on), entries: [said(1)], ...more })
const changed = (from, rev, on, ...entries) => ({ type: "changed", from, rev, conversation: withProfile(on), entries })
const after = (...frames) => {
  let state = step({ ...blank, id: "c" }, { type: "connected" })[0], sent = []
  for (const frame of frames) {
    const [now, more] = step(state, frame)
    state = now
    sent.push(...more)
  }
  return [state.conversation.profile?.next_charge.on ?? "", sent.map(f => f.since)]
}
check("rules: opened", after(opened(3, "a")), ["a", []])
check("rules: a change without entries", after(opened(3, "a"), changed(3, 4, "b")), ["b", []])
check("rules: gone", after(opened(3, "a"), changed(3, 4, "")), ["", []])
check("rules: a late frame", after(opened(3, "a"), changed(3, 5, "c"), changed(3, 4, "b")), ["c", []])
check("rules: a frame twice", after(opened(3, "a"), changed(3, 4, "b"), changed(3, 4, "b")), ["b", []])
check("rules: after a gap it is requested", after(opened(3, "a"), changed(4, 5, "c")), ["a", [3]])
check("rules: an older answer to a resync", after(opened(5, "c"), opened(4, "b", { reset: false, entries: [] })), ["c", []])
check("rules: another database", after(opened(5, "c"), opened(4, "b", { epoch: "f" })), ["b", []])
check("rules: an older server", after(opened(5, "c"), { ...changed(5, 6), conversation: { mode: "human" } }), ["", []])
