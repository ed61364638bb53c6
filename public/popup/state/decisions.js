// Decisions about texts with an unknown outcome that the server has not answered yet.
// Pure functions from one list to the next. A decision is
//
//   { id, action, seq, author, refused? }
//
// action: "check" (check with the provider once more) or "leave" (keep it as it is).
// refused: why the server refused it. Sending the text again is not a decision but a
// text in the outbox.

const unknown = entry => entry?.kind === "text" && entry.way === "out" && entry.state === "unknown"

// decidable reports whether an agent can do something about the entry. While the
// provider is being checked, and after the text was sent again, there is nothing to do.
export const decidable = entry => unknown(entry) && entry.problem?.code !== "looking" && entry.problem?.code !== "again"

// undecided reports whether the entry waits for an agent's decision.
export const undecided = entry => decidable(entry) && entry.problem?.code !== "left"

// withDecision adds a decision. A text has at most one, so a second click changes
// nothing; a refused decision is replaced.
export function withDecision(decisions, { id, action, seq, author }) {
  if (decisions.some(d => d.seq === seq && !d.refused)) return decisions
  return [...decisions.filter(d => d.seq !== seq), { id, action, seq, author }]
}

export const withoutAnswered = (decisions, id) => decisions.filter(d => d.id !== id)

export function withRefusal(decisions, { id, text }) {
  return decisions.map(d => d.id === id ? { ...d, refused: text } : d)
}

// withoutSettled drops decisions that no longer apply to the newest state of their
// text. A decision about a text that is not loaded here is kept: only the server knows.
export function withoutSettled(decisions, entries) {
  const settled = ({ action, seq }) => {
    const entry = entries.get(seq)
    return entry && !(action === "leave" ? undecided(entry) : decidable(entry))
  }
  return decisions.some(settled) ? decisions.filter(d => !settled(d)) : decisions
}

// ofAgent drops decisions of another agent: they must not be sent in this agent's name.
export const ofAgent = (decisions, agent) => decisions.filter(d => !d.author || d.author === agent)

export const unanswered = decisions => decisions.filter(d => !d.refused)

export const frameOf = ({ action, id, seq }) => ({ type: action, id, seq })
