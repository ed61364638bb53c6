// The rules of the live view: from a state and an event to the next state and the
// frames to send. No page, no network, no clock.
//
// Invariant: while synced, entries has every entry from floor to last at revision rev
// or newer, without a gap. Whatever can't be verified is requested again.

import * as alerts from "./alerts.js"
import * as decisions from "./decisions.js"
import { contiguous, visible, withChanges, withNewer, withSnapshot } from "./entries.js"
import * as outbox from "./outbox.js"

export { visible }

export const blank = Object.freeze({
  id: "",                // the conversation's
  conversation: null,    // as the server describes it, at revision rev
  agent: null,           // who is signed in here
  rev: 0, epoch: "",
  synced: false,         // changes can be applied to entries
  entries: new Map(),    // by seq; entries below floor are changes to entries not loaded
  floor: 1,              // the first seq on screen
  last: 0,               // the last seq on screen
  earlier: false,        // there are entries before floor
  fetching: false,       // … and they were requested
  opening: false,        // "open" was sent and not answered
  opened: false,         // this connection has answered "open"
  outbox: [],
  decisions: [],         // about texts with an unknown outcome
  handingBack: null,     // { id, refused? } while not answered
  people: null,          // who has it open, as reported on this connection; null: not reported
  alerts: [],            // about the shop's other conversations
})

// step returns [next state, frames to send, entries to announce]: the shopper's new
// texts, and texts to the shopper that newly wait for a decision.
export function step(state, event) {
  return Object.hasOwn(rules, event.type) ? rules[event.type](state, event) : onlyState(state)
}

const onlyState = state => [state, [], []]
const author = state => state.agent?.id ?? ""

const rules = {
  // Events of the connection and of the agent.
  connected: state => requestChanges({ ...state, opened: false, fetching: false, opening: false, people: null, alerts: alerts.unconfirmed(state.alerts) }),
  resync: state => state.opened ? requestChanges(state) : onlyState(state),
  write(state, { id, text, seen, at }) {
    const box = outbox.withText(state.outbox, { id, text, seen, at, author: author(state) })
    return [{ ...state, outbox: box }, state.opened ? [outbox.frameOf(box.at(-1))] : [], []]
  },
  // repeat sends a text that failed, or that may not have been sent, as a new text.
  repeat(state, { id, seq, seen, at }) {
    const text = state.entries.get(seq)?.text
    const box = text ? outbox.withRepeat(state.outbox, { id, of: seq, text, seen, at, author: author(state) }) : state.outbox
    if (box === state.outbox) return onlyState(state)
    return [{ ...state, outbox: box }, state.opened ? [outbox.frameOf(box.at(-1))] : [], []]
  },
  decide(state, { id, action, seq }) {
    if (!decisions.decidable(state.entries.get(seq))) return onlyState(state)
    const list = decisions.withDecision(state.decisions, { id, action, seq, author: author(state) })
    if (list === state.decisions) return onlyState(state)
    return [{ ...state, decisions: list }, state.opened ? [decisions.frameOf(list.at(-1))] : [], []]
  },
  // retry sends a refused text of the outbox once more.
  retry(state, { id, anyway, seen }) {
    const box = outbox.withRetry(state.outbox, id, { anyway, seen, author: author(state) })
    const m = box.find(m => m.id === id && m.state === "sending")
    return [{ ...state, outbox: box }, m && state.opened ? [outbox.frameOf(m)] : [], []]
  },
  discard: (state, { id }) => onlyState({ ...state, outbox: outbox.withoutRefused(state.outbox, id) }),
  handBack(state, { id }) {
    if (state.handingBack && !state.handingBack.refused) return onlyState(state)
    const of = state.conversation?.escalation?.at, by = state.agent?.id
    return [{ ...state, handingBack: { id, of, by } }, state.opened ? [{ type: "hand_back", id }] : [], []]
  },
  fetchEarlier(state) {
    if (!state.earlier || state.fetching || !state.opened) return onlyState(state)
    return [{ ...state, fetching: true }, [{ type: "earlier", before: state.floor }], []]
  },
  dismiss: (state, { conversation }) => onlyState({ ...state, alerts: alerts.withDismissed(state.alerts, conversation) }),
  // A server that reports no presence does not want typing reports either.
  reportTyping: (state, { on }) => [state, state.opened && state.people ? [{ type: "typing", on }] : [], []],

  // Frames of the server.
  opened(state, frame) {
    if (!frame.reset && (frame.epoch !== state.epoch || !state.synced)) return requestAll(state)
    let next = frame.reset ? withSnapshot(state, frame) : withChanges(state, frame)
    if (!next) return requestAll(state)
    const first = !state.opened
    next = { ...next, agent: frame.agent ?? null, opening: false, opened: true }
    if (state.agent && state.agent.id !== next.agent?.id) next.alerts = []
    next.outbox = outbox.refuseForeign(next.outbox, author(next))
    next.decisions = decisions.ofAgent(next.decisions, author(next))
    next = withoutDone(next)
    const frames = []
    if (first) {
      frames.push(...outbox.unanswered(next.outbox).map(outbox.frameOf))
      frames.push(...decisions.unanswered(next.decisions).map(decisions.frameOf))
      if (next.handingBack && !next.handingBack.refused) frames.push({ type: "hand_back", id: next.handingBack.id })
    }
    return [next, frames, [...state.epoch === frame.epoch ? newTexts(state, next) : [], ...newlyUndecided(state, next)]]
  },
  changed(state, frame) {
    if (!state.synced || frame.rev <= state.rev) return onlyState(state)
    if (frame.from > state.rev) return requestChanges(state)
    const next = withChanges(state, frame)
    return next ? [withoutDone(next), [], [...newTexts(state, next), ...newlyUndecided(state, next)]] : requestAll(state)
  },
  presence: (state, { people }) => onlyState({ ...state, people }),
  shop: (state, frame) => frame.conversation === state.id ? onlyState(state) : onlyState({ ...state, alerts: alerts.withAlert(state.alerts, frame) }),
  beat(state, frame) {
    // Requested even while an "open" is unanswered: its answer may be what was lost.
    return state.opened && frame.rev > state.rev ? requestChanges({ ...state, opening: false }) : onlyState(state)
  },
  earlier(state, frame) {
    if (!state.fetching) return onlyState(state)
    const seqs = frame.entries.map(e => e.seq)
    const fits = !seqs.length || (Math.max(...seqs) === state.floor - 1 && contiguous(seqs))
    if (!fits) return onlyState({ ...state, fetching: false }) // an answer from before a reset
    const entries = withNewer(state.entries, frame.entries)
    const next = { ...state, entries, floor: Math.min(state.floor, ...seqs), earlier: !!frame.earlier, fetching: false }
    return [next, [], newlyUndecided(state, next)]
  },
  saved(state, { id, seq }) {
    const handingBack = state.handingBack?.id === id ? null : state.handingBack
    return onlyState(withoutDone({ ...state, handingBack, outbox: outbox.withSaved(state.outbox, id, seq), decisions: decisions.withoutAnswered(state.decisions, id) }))
  },
  refused(state, frame) {
    const next = {
      ...state, fetching: state.fetching && !!frame.id,
      outbox: outbox.withRefusal(state.outbox, frame.id, frame), decisions: decisions.withRefusal(state.decisions, frame),
    }
    if (state.handingBack?.id === frame.id) next.handingBack = { id: frame.id, refused: frame.text }
    // Newer entries belong in the transcript, too, and arrive there as changes.
    return frame.code === "newer" ? requestChanges(next) : onlyState(next)
  },
}

// requestChanges sends "open", unless one is unanswered.
function requestChanges(state) {
  if (state.opening) return onlyState(state)
  const [since, epoch] = state.synced ? [state.rev, state.epoch] : [0, ""]
  return [{ ...state, opening: true }, [{ type: "open", conversation: state.id, since, epoch }], []]
}

// requestAll requests a snapshot because changes can't be applied. The entries stay on
// screen until it arrives.
const requestAll = state => requestChanges({ ...state, synced: false, opening: false })

// withoutDone drops what the newest entries show to be done.
function withoutDone(state) {
  const box = outbox.withoutShown(state.outbox, state.outbox.length ? state.entries.values() : [], state.last)
  const open = decisions.withoutSettled(state.decisions, state.entries)
  const back = state.handingBack
  // The escalation is over, is another one by now, or another agent wanted it over.
  const done = back && (state.conversation?.mode === "automated" || back.of !== state.conversation?.escalation?.at || back.by !== state.agent?.id)
  return box === state.outbox && open === state.decisions && !done ? state
    : { ...state, outbox: box, decisions: open, handingBack: done ? null : back }
}

// newTexts returns the shopper's texts that next shows and state does not.
function newTexts(state, next) {
  const list = []
  for (let seq = state.last + 1; seq <= next.last; seq++) {
    const entry = next.entries.get(seq)
    if (entry?.kind === "text" && entry.way === "in") list.push(entry)
  }
  return list
}

// newlyUndecided returns the texts on screen that wait for a decision and did not before.
function newlyUndecided(state, next) {
  const before = new Set(visible(state).filter(decisions.undecided).map(e => e.seq))
  return visible(next).filter(e => decisions.undecided(e) && !before.has(e.seq))
}
