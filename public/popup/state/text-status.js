// The status of an outgoing text, as the transcript shows it.
import { decidable, undecided } from "./decisions.js"
import { stateWords } from "./words.js"

// statusOf returns what is shown about an outgoing text, and what an agent can do:
//
//   { name, icon, label, prominent, tone, reason, code, needsDecision, actions }
//
// label is the state in a few words; prominent texts show it even when they are not
// the newest. reason is a sentence or "". needsDecision: an agent has to choose.
// actions are names of actions.js. The second argument says what surrounds the
// text: resent (it was sent again since), closed (nothing can be sent to the
// shopper), blocked (an earlier text has to go first).
export function statusOf(entry, { resent = false, closed = false, blocked = false } = {}) {
  const { state, problem } = entry
  const [icon, label] = stateWords(state)
  const status = { name: state, icon, label, prominent: false, tone: "", reason: "", code: "", needsDecision: false, actions: [] }
  const repeat = resent || closed ? [] : ["repeat"]
  if (state === "failed") {
    const code = /^\d+$/.test(problem?.code) ? problem.code : "" // the provider's code, which people look up
    return {
      ...status, prominent: true, tone: "bad", reason: problem?.text ?? "The carrier gave no reason.", code,
      actions: problem?.code === "opted_out" ? [] : repeat,
    }
  }
  if (state === "saved" && (problem || blocked)) {
    const reason = problem ? `${problem.text} It is sent automatically.` : "It is sent after the text before it."
    return { ...status, name: "held", icon: "clock", label: "Waiting", prominent: true, reason }
  }
  if (state !== "unknown") return status
  const [name, unknownLabel, defaultReason] = unknowns[problem?.code] ?? unknowns.no_evidence
  const needsDecision = undecided(entry) && !resent
  const keep = needsDecision ? ["leave"] : []
  return {
    ...status, name, label: unknownLabel, prominent: true, tone: needsDecision ? "warn" : "", reason: problem?.text ?? defaultReason,
    needsDecision, actions: decidable(entry) && !resent ? ["check", ...repeat, ...keep] : [],
  }
}

// By problem code: the status's name, its label, and the reason if the server gives none.
const unknowns = {
  looking: ["looking", "Checking", "Delivery unknown. Checking with the carrier."],
  missing: ["undecided", "Unknown", "The carrier’s list does not have this text, so it was probably not sent."],
  no_evidence: ["undecided", "Unknown", "The carrier could not say whether this text was sent."],
  left: ["left", "Kept as it is", "It is not known whether this text was sent."],
  again: ["again", "Unknown", "It is not known whether this one was sent."],
}

// blocksLater reports whether a text keeps later texts from being sent.
export const blocksLater = ({ way, state, problem }) =>
  way === "out" && (state === "saved" && !!problem || state === "unknown" && problem?.code === "looking")
