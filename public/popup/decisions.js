// Decisions: what was asked for about a text of which nobody knows whether it was
// sent, and what the server has not answered. Plain functions from one list to the
// next. A decision is
//
//   { id, does, seq, author, refused? }
//
// does: "check" (ask the provider once more), "leave" (leave it as it is). refused
// says why it was not done. To send the text again is a text, and in the outbox.

const unknown = entry => entry?.kind === "text" && entry.way === "out" && entry.state === "unknown"

// askable: something may be done about it. While the provider is being asked, and
// once it was sent again, nothing may.
export const askable = entry => unknown(entry) && entry.problem?.code !== "looking" && entry.problem?.code !== "again"

// undecided: it waits for a person to say what to do.
export const undecided = entry => askable(entry) && entry.problem?.code !== "left"

// made adds a decision. A text has one at most, so a second click changes nothing;
// one that was refused gives way to the next.
export function made(decisions, { id, does, seq, author }) {
  if (decisions.some(d => d.seq === seq && !d.refused)) return decisions
  return [...decisions.filter(d => d.seq !== seq), { id, does, seq, author }]
}

export const answered = (decisions, id) => decisions.filter(d => d.id !== id)

export function refused(decisions, { id, text }) {
  return decisions.map(d => d.id === id ? { ...d, refused: text } : d)
}

// settled leaves out what the text's newest state has overtaken. Of a text that
// is not known here any more nothing can be said: the server has to.
export function settled(decisions, entries) {
  const over = ({ does, seq }) => {
    const entry = entries.get(seq)
    return entry && !(does === "leave" ? undecided(entry) : askable(entry))
  }
  return decisions.some(over) ? decisions.filter(d => !over(d)) : decisions
}

// disowned forgets what somebody else decided: signing in as another person must
// not decide in that person's name.
export const disowned = (decisions, agent) => decisions.filter(d => !d.author || d.author === agent)

export const unanswered = decisions => decisions.filter(d => !d.refused)

export const frameOf = ({ does, id, seq }) => ({ type: does, id, seq })
