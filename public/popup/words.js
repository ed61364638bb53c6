// What codes are called when people read them.

const reasons = {
  unknown_keyword: "The automation didn’t understand",
  end_subscription: "Wants to end the subscription",
  carrier_opt_out: "Sent a word that stops all texts",
  asked_for_person: "Asked for a person",
  asked_for_change: "Asked for a change",
  action_failed: "Something automatic went wrong",
}
export const reasonWords = reason => reasons[reason] ?? "Needs a person"

const events = {
  escalated: ["hand", "Handed to a person"],
  handed_back: ["automation", "Handed back to automation"],
  opted_out: ["stop", "Opted out of texts"],
  opted_in: ["check", "Opted in to texts"],
  ticket_opened: ["ticket", "Ticket opened"],
  ticket_closed: ["ticket", "Ticket closed"],
  ticket_reopened: ["ticket", "Ticket reopened"],
  ticket_lost: ["ticket", "The ticket is gone from the helpdesk"],
  replied_by_mail: ["mail", "Answered by email from the ticket"],
}
export const eventWords = event => events[event] ?? ["clock", "Something happened"]

// The sign and words of an outgoing text's state.
const states = {
  saved: ["kept", "Saved, not sent yet"],
  unknown: ["question", "Not known"],
  queued: ["clock", "Queued at the provider"],
  sending: ["clock", "On its way"],
  sent: ["check", "Sent"],
  delivered: ["checks", "Delivered"],
  failed: ["failed", "Not delivered"],
}
export const stateWords = state => states[state] ?? ["question", "Not known"]

export function mediumWords(type) {
  const family = type.split("/")[0]
  const what = { image: "Picture", video: "Video", audio: "Sound" }[family]
  if (what) return [family === "image" ? "picture" : "clip", `${what}, ${type}`]
  return ["clip", `${type === "text/vcard" || type === "text/x-vcard" ? "Contact card" : "File"}, ${type}`]
}
