// What may be done about a text, as buttons (see Choices.show).

const offers = {
  check: { does: "check", words: "Check again", doing: "Checking…" },
  repeat: { does: "repeat", words: "Send again", doing: "Sending…" },
  leave: { does: "leave", words: "Leave", doing: "Leaving…" },
  anyway: { does: "anyway", words: "Send anyway" },
  again: { does: "again", words: "Try again" },
  edit: { does: "edit", words: "Edit" },
  drop: { does: "drop", words: "Discard" },
}

// offersFor are those about an entry with this fate. What failed for certain is
// sent again without a question; what may have been sent is not. What was decided
// may still be changed, but does not ask for it.
export function offersFor({ state }, fate) {
  const warning = state === "unknown" ? "The shopper may get it twice." : ""
  const tone = fate.name === "left" ? "plain" : ""
  return fate.offers.map(does => ({ ...offers[does], tone, warning: does === "repeat" ? warning : "" }))
}

// offersFrom are those about a text of the outbox that was refused.
export function offersFrom({ of, reason }) {
  const list = of ? [offers.drop] : [offers.edit, offers.drop]
  if (reason.code === "newer") list.unshift({ ...offers.anyway, tone: "accent" })
  if (["unavailable", "other_agent"].includes(reason.code)) list.unshift({ ...offers.again, tone: "accent" })
  return list
}
