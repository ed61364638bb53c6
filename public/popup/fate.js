import { askable, undecided } from "./decisions.js"
import { stateWords } from "./words.js"

const why = "The provider didn’t say why."

// fateOf says what became of an outgoing text, and what may be done about it:
//
//   { name, sign, short, loud, tone, words, code, asks, offers }
//
// short: its state in a few words, which loud spells out on older texts too; words:
// why, in a sentence, or ""; asks: it waits for a person to decide; offers: what
// may be done, of "check", "repeat" and "leave". resent: it was sent again since.
// closed: nothing can be sent to the shopper. behind: a text before it waits, or is
// being looked for.
export function fateOf(entry, { resent = false, closed = false, behind = false } = {}) {
  const { state, problem } = entry
  const [sign, short] = stateWords(state)
  const fate = { name: state, sign, short, loud: false, tone: "", words: "", code: "", asks: false, offers: [] }
  const repeat = resent || closed ? [] : ["repeat"]
  if (state === "failed") {
    const code = /^\d+$/.test(problem?.code) ? problem.code : "" // the provider's: people look it up
    return { ...fate, loud: true, tone: "bad", words: problem?.text ?? why, code, offers: problem?.code === "opted_out" ? [] : repeat }
  }
  if (state === "saved" && problem) {
    return { ...fate, name: "held", sign: "clock", short: "Waiting", loud: true, words: `${problem.text} It goes out by itself.` }
  }
  if (state === "saved" && behind) {
    return { ...fate, name: "held", sign: "clock", short: "Waiting", loud: true, words: "It goes out after the text before it." }
  }
  if (state !== "unknown") return fate
  const [name, said, otherwise] = unknowns[problem?.code] ?? unknowns.no_evidence
  const asks = undecided(entry) && !resent
  const offers = !askable(entry) || resent ? [] : asks ? ["check", ...repeat, "leave"] : ["check", ...repeat]
  return { ...fate, name, short: said, loud: true, tone: asks ? "warn" : "", words: problem?.text ?? otherwise, asks, offers }
}

// By the code of the problem: the fate's name, its state, and the reason where
// the server gives none.
const unknowns = {
  looking: ["looking", "Not known yet", "Nobody knows yet whether this was sent. The provider is being asked."],
  missing: ["asks", "Not known", "The provider’s list does not have this text, so it was probably not sent."],
  no_evidence: ["asks", "Not known", "Nobody could say whether this text was sent."],
  left: ["left", "Left as it is", "Nobody knows whether it was sent."],
  again: ["again", "Not known", "Nobody knows whether this one was sent."],
}

// holds reports whether a text keeps those after it from leaving.
export const holds = ({ way, state, problem }) => way === "out" && (state === "saved" && !!problem || state === "unknown" && problem?.code === "looking")
