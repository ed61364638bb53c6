// Alerts: which other conversations of the shop need a person, or did. Pure functions
// from one list to the next, newest first. An alert is
//
//   { conversation, event, when, since, shopper, why, agent, ticket, confirmed, dismissed }
//
// event: the newest of "escalated" (needs a person), "taken" and "handed_back"; when:
// its time, in ms; since: the time of the escalation. confirmed: reported on this
// connection, so that its end would have been reported, too. dismissed: not shown.
//
// Nodes may pass a frame on twice, or in another order; neither makes a difference.

const maxAlerts = 50

const knownEvents = new Set(["escalated", "taken", "handed_back"])
const escalated = alert => alert.event === "escalated"

// withAlert adds a "shop" frame. The end of an escalation is shown for a moment in
// place of its alert, if that was shown.
export function withAlert(alerts, { conversation, event, at, shopper, why, agent, ticket }) {
  const when = Date.parse(at)
  if (!conversation || !knownEvents.has(event) || Number.isNaN(when)) return alerts
  const old = alerts.find(a => a.conversation === conversation)
  const rest = alerts.filter(a => a !== old)
  let alert = { conversation, event, when, since: when, shopper, why, agent, ticket: ticket ?? null, confirmed: true, dismissed: false }
  if (!escalated(alert)) Object.assign(alert, { since: old?.since ?? when, dismissed: !old || old.dismissed })
  if (old && when < old.when) return alerts
  if (old && when === old.when) {
    if (!escalated(old)) return alerts
    if (escalated(alert)) alert = { ...alert, ticket: alert.ticket ?? old.ticket, dismissed: old.dismissed }
  }
  return [...rest, alert].sort((a, b) => b.since - a.since).slice(0, maxAlerts)
}

// withDismissed hides the alert of a conversation, or all of them for "".
export const withDismissed = (alerts, conversation) =>
  alerts.map(a => !conversation || a.conversation === conversation ? { ...a, dismissed: true } : a)

// unconfirmed is for a new connection: events in between were missed.
export const unconfirmed = alerts => alerts.map(a => ({ ...a, confirmed: false, dismissed: a.dismissed || !escalated(a) }))

// shown returns the alerts to show, waiting those of them that need a person.
export const shown = alerts => alerts.filter(a => !a.dismissed)
export const waiting = alerts => alerts.filter(a => escalated(a) && !a.dismissed)

// newlyWaiting returns the waiting alerts of after whose escalation is not in before.
export function newlyWaiting(before, after) {
  const old = new Set(before.filter(escalated).map(a => a.conversation + a.when))
  return waiting(after).filter(a => !old.has(a.conversation + a.when))
}
