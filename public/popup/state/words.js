// What agents read in place of codes.

const reasons = {
  unknown_keyword: "The automation didn’t understand",
  end_subscription: "Wants to end the subscription",
  carrier_opt_out: "Texted a word that stops all texts",
  asked_for_person: "Asked for a person",
  asked_for_change: "Asked for a change",
  change_order: "Asked to change an order",
  order_status: "Asked where an order is",
  maybe_opt_out: "May not want any more texts",
  action_failed: "An automatic action failed",
}
export const reasonWords = reason => reasons[reason] ?? "Needs a person"

const events = {
  escalated: ["hand", "Needs a person"],
  need_added: ["hand", "Also"],
  handed_back: ["automation", "Handed back to automation"],
  opted_out: ["stop", "No texts can be sent"],
  opted_in: ["check", "Opted in to texts"],
  ticket_opened: ["ticket", "Ticket opened"],
  ticket_closed: ["ticket", "Ticket closed"],
  ticket_reopened: ["ticket", "Ticket reopened"],
  ticket_merged: ["ticket", "The ticket was merged into another"],
  ticket_lost: ["ticket", "The ticket is gone from the helpdesk"],
  not_in_ticket: ["ticket", "Missing from the ticket"],
  in_ticket_after_all: ["ticket", "Added to the ticket after all"],
  replied_by_mail: ["mail", "Answered by e-mail from the ticket"],
}
const unknownEvent = ["clock", "Something happened"]

// eventWords returns the icon of an event, its words, and its detail.
export function eventWords({ event, by, text = "" }) {
  const [icon, words] = Object.hasOwn(events, event) ? events[event] : unknownEvent
  const agent = by?.role === "agent" ? by.name : ""
  if (event === "escalated" && by?.role === "agent") return [icon, `${agent || "An agent"} took over`, ""]
  if (event === "opted_out" && text) return [icon, `${text} ${words}.`, ""]
  return [icon, agent ? `${words} by ${agent}` : words, text]
}

// holderWords returns who has a conversation, in words for the agent me.
export function holderWords({ mode, escalation, opted_out: stopped }, me) {
  if (mode !== "human") return stopped ? "Texts are stopped" : "Automation is answering"
  const agent = escalation?.agent
  if (!agent) return "Waiting for you"
  return agent.id && agent.id === me ? "With you" : `With ${agent.name || "an agent"}`
}

// needWords returns why a person is needed, and the details, in one line each.
export function needWords(escalation) {
  const needs = escalation ? [escalation, ...escalation.later ?? []].filter(n => n.reason) : []
  const words = ({ reason, why }) => {
    if (reason === "carrier_opt_out" && why) return "" // the detail names the word
    if (reason !== "taken_over") return reasonWords(reason)
    return escalation.agent ? "" : "The ticket was reopened" // the header names who took over
  }
  const joined = words => [...new Set(words.filter(Boolean))].join(" · ")
  return { reasons: joined(needs.map(words)), why: joined(needs.map(n => n.why)) }
}

// stateWords returns the icon and the words of an outgoing text's state.
const states = {
  saved: ["kept", "Saved, not sent yet"],
  unknown: ["question", "Unknown"],
  queued: ["clock", "Queued at the carrier"],
  sending: ["clock", "On its way"],
  sent: ["check", "Sent"],
  delivered: ["checks", "Delivered"],
  failed: ["failed", "Not delivered"],
}
export const stateWords = state => states[state] ?? ["question", "Unknown"]

// The same nouns as chat.Media.Noun, by type, class or family.
const nouns = {
  "text/vcard": "Contact card", "text/x-vcard": "Contact card", "text/directory": "Contact card", "application/vcard": "Contact card",
  "text/calendar": "Calendar entry", "text/x-vcalendar": "Calendar entry", "text/x-vlocation": "Location",
  "application/pdf": "PDF", "application/x-pdf": "PDF", "application/ogg": "Voice message", "text/plain": "Text file",
  "text/csv": "Table", "application/vnd.ms-excel": "Table", "application/vnd.ms-powerpoint": "Presentation",
  "application/msword": "Document", "application/rtf": "Document", "text/rtf": "Document",
}
const classes = { image: "Picture", video: "Video", audio: "Voice message" }
const families = Object.entries({
  "application/vnd.openxmlformats-officedocument.wordprocessingml": "Document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml": "Table",
  "application/vnd.openxmlformats-officedocument.presentationml": "Presentation",
  "application/vnd.oasis.opendocument.text": "Document",
  "application/vnd.oasis.opendocument.spreadsheet": "Table",
})

function nounOf(type) {
  const kind = type.split(";")[0].trim().toLowerCase()
  return nouns[kind] ?? classes[kind.split("/")[0]] ?? families.find(([prefix]) => kind.startsWith(prefix))?.[1] ?? "File"
}

// fileWords returns the icon and the words of a file. framed: it is shown in a
// picture's frame. The type is added only to the noun "File".
export function fileWords({ type, size, state, problem }, framed) {
  const what = nounOf(type)
  const icon = what === "Picture" ? "picture" : "clip"
  if (state === "failed") return ["failed", problem || `${what} couldn’t be fetched.`]
  if (state === "waiting") return [icon, `${what} on its way`]
  return [icon, framed ? what : [what === "File" ? `${what}, ${type}` : what, sizeWords(size)].filter(Boolean).join(", ")]
}

// sentWords describes a text that has only files: "sent a PDF".
export function sentWords(media) {
  const nouns = media.map(({ type }) => nounOf(type)).map(noun => noun === "PDF" ? noun : noun.toLowerCase())
  if (nouns.length === 1) return `sent a ${nouns[0]}`
  return `sent ${nouns.length} ${nouns.every(noun => noun === "picture") ? "pictures" : "files"}`
}

const inUnits = (unit, unitDisplay, digits) => new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay, maximumFractionDigits: digits })
const bytes = inUnits("byte", "long", 0), kilobytes = inUnits("kilobyte", "short", 0), megabytes = inUnits("megabyte", "short", 1)

// sizeWords returns a number of bytes in the largest fitting unit.
export function sizeWords(size) {
  if (!size) return ""
  if (size < 1000) return bytes.format(size)
  return size < 999_500 ? kilobytes.format(size / 1000) : megabytes.format(size / 1e6)
}
