// What an agent can do about a text: the buttons beneath it (see parts/action-buttons.js).
// An action is { action, label, busyLabel?, tone?, warning? }.

const actions = {
  check: { action: "check", label: "Check again", busyLabel: "Checking…" },
  repeat: { action: "repeat", label: "Send again", busyLabel: "Sending…" },
  leave: { action: "leave", label: "Keep as it is", busyLabel: "Saving…" },
  anyway: { action: "anyway", label: "Send anyway" },
  again: { action: "again", label: "Try again" },
  edit: { action: "edit", label: "Edit" },
  drop: { action: "drop", label: "Discard" },
}

// actionsForEntry returns the actions for an entry with this status (see statusOf).
// A text that failed for certain is sent again without a question; a text that may
// have been sent needs a second click.
export function actionsForEntry({ state }, status) {
  const warning = state === "unknown" ? "The shopper may get it twice." : ""
  const tone = status.name === "left" ? "plain" : ""
  return status.actions.map(name => ({ ...actions[name], tone, warning: name === "repeat" ? warning : "" }))
}

// actionsForRefused returns the actions for an outbox text that the server refused.
export function actionsForRefused({ of, reason }) {
  const list = of ? [actions.drop] : [actions.edit, actions.drop]
  if (reason.code === "newer") list.unshift({ ...actions.anyway, tone: "accent" })
  if (["unavailable", "other_agent"].includes(reason.code)) list.unshift({ ...actions.again, tone: "accent" })
  return list
}
