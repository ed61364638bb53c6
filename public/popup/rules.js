// The rules of the live view: from a state and something that happened to the
// next state and what to do about it. No page, no network, no clock.
//
// The state holds every entry the server told us, each at its newest revision.
// Invariant: while known, entries holds the truth at revision rev (or later) for
// every place from floor to last, without a hole. What can't be proven is asked
// for again.

import * as decisions from "./decisions.js"
import { added, merged, replaced, visible, whole } from "./entries.js"
import * as outbox from "./outbox.js"
import * as rings from "./rings.js"

export { visible }

export const blank = Object.freeze({
  id: "",                // the conversation's
  conversation: null,    // as the server describes it, at revision rev
  agent: null,           // who is signed in here
  rev: 0, epoch: "",
  known: false,          // entries can be built upon
  entries: new Map(),    // seq → entry; those below floor are news of unseen ones
  floor: 1,              // the first place on screen
  last: 0,               // the last place on screen
  earlier: false,        // there is more before floor
  fetching: false,       // … and it was asked for
  asking: false,         // "open" was sent and not answered
  greeted: false,        // this connection has answered "open"
  outbox: [],
  decisions: [],         // about texts of which nobody knows whether they were sent
  handingBack: null,     // { id, refused? } while not answered
  people: null,          // who looks at it, as told on this connection; null: not told
  rings: [],             // what becomes of the shop's other conversations
})

// step returns [next state, frames to send, entries that are news]: texts of the
// shopper, and texts to the shopper that wait for a decision.
export function step(state, happened) {
  return Object.hasOwn(rules, happened.type) ? rules[happened.type](state, happened) : still(state)
}

const still = state => [state, [], []]

const rules = {
  // What the connection and the person do.
  connected: state => ask({ ...state, greeted: false, fetching: false, asking: false, people: null, rings: rings.doubted(state.rings) }),
  resync: state => state.greeted ? ask(state) : still(state),
  write(state, { id, text, seen, at }) {
    const box = outbox.written(state.outbox, { id, text, seen, at, author: state.agent?.id ?? "" })
    return [{ ...state, outbox: box }, state.greeted ? [outbox.frameOf(box.at(-1))] : [], []]
  },
  // repeat sends a text that failed, or may not have been sent, as a new one.
  repeat(state, { id, seq, seen, at }) {
    const text = state.entries.get(seq)?.text
    const box = text ? outbox.repeated(state.outbox, { id, of: seq, text, seen, at, author: state.agent?.id ?? "" }) : state.outbox
    if (box === state.outbox) return still(state)
    return [{ ...state, outbox: box }, state.greeted ? [outbox.frameOf(box.at(-1))] : [], []]
  },
  decide(state, { id, does, seq }) {
    if (!decisions.askable(state.entries.get(seq))) return still(state)
    const list = decisions.made(state.decisions, { id, does, seq, author: state.agent?.id ?? "" })
    if (list === state.decisions) return still(state)
    return [{ ...state, decisions: list }, state.greeted ? [decisions.frameOf(list.at(-1))] : [], []]
  },
  again(state, { id, anyway, seen }) {
    const box = outbox.again(state.outbox, id, { anyway, seen, author: state.agent?.id ?? "" })
    const m = box.find(m => m.id === id && m.state === "sending")
    return [{ ...state, outbox: box }, m && state.greeted ? [outbox.frameOf(m)] : [], []]
  },
  drop: (state, { id }) => still({ ...state, outbox: outbox.dropped(state.outbox, id) }),
  handBack(state, { id }) {
    if (state.handingBack && !state.handingBack.refused) return still(state)
    const of = state.conversation?.escalation?.at, by = state.agent?.id
    return [{ ...state, handingBack: { id, of, by } }, state.greeted ? [{ type: "hand_back", id }] : [], []]
  },
  fetchEarlier(state) {
    if (!state.earlier || state.fetching || !state.greeted) return still(state)
    return [{ ...state, fetching: true }, [{ type: "earlier", before: state.floor }], []]
  },
  dismiss: (state, { conversation }) => still({ ...state, rings: rings.dismissed(state.rings, conversation) }),
  // A server that says nothing of people wants to hear nothing of them.
  types: (state, { on }) => [state, state.greeted && state.people ? [{ type: "typing", on }] : [], []],

  // What the server says.
  opened(state, frame) {
    if (!frame.reset && (frame.epoch !== state.epoch || !state.known)) return afresh(state)
    let next = frame.reset ? replaced(state, frame) : merged(state, frame)
    if (!next) return afresh(state)
    const first = !state.greeted
    next = { ...next, agent: frame.agent ?? null, asking: false, greeted: true }
    if (state.agent && state.agent.id !== next.agent?.id) next.rings = []
    next.outbox = outbox.disowned(next.outbox, next.agent?.id ?? "")
    next.decisions = decisions.disowned(next.decisions, next.agent?.id ?? "")
    next = settled(next)
    const frames = []
    if (first) {
      frames.push(...outbox.unanswered(next.outbox).map(outbox.frameOf))
      frames.push(...decisions.unanswered(next.decisions).map(decisions.frameOf))
      if (next.handingBack && !next.handingBack.refused) frames.push({ type: "hand_back", id: next.handingBack.id })
    }
    return [next, frames, [...state.epoch === frame.epoch ? heard(state, next) : [], ...calls(state, next)]]
  },
  changed(state, frame) {
    if (!state.known || frame.rev <= state.rev) return still(state)
    if (frame.from > state.rev) return ask(state)
    const next = merged(state, frame)
    return next ? [settled(next), [], [...heard(state, next), ...calls(state, next)]] : afresh(state)
  },
  presence: (state, { people }) => still({ ...state, people }),
  shop: (state, frame) => frame.conversation === state.id ? still(state) : still({ ...state, rings: rings.rung(state.rings, frame) }),
  beat(state, frame) {
    // Asked even if an earlier question is open: its answer may be what was lost.
    return state.greeted && frame.rev > state.rev ? ask({ ...state, asking: false }) : still(state)
  },
  earlier(state, frame) {
    if (!state.fetching) return still(state)
    const seqs = frame.entries.map(e => e.seq)
    const fits = !seqs.length || (Math.max(...seqs) === state.floor - 1 && whole(seqs))
    if (!fits) return still({ ...state, fetching: false }) // an answer from before a reset
    const entries = added(state.entries, frame.entries)
    const next = { ...state, entries, floor: Math.min(state.floor, ...seqs), earlier: !!frame.earlier, fetching: false }
    return [next, [], calls(state, next)]
  },
  saved(state, { id, seq }) {
    const handingBack = state.handingBack?.id === id ? null : state.handingBack
    return still(settled({ ...state, handingBack, outbox: outbox.kept(state.outbox, id, seq), decisions: decisions.answered(state.decisions, id) }))
  },
  refused(state, frame) {
    const next = {
      ...state, fetching: state.fetching && !!frame.id,
      outbox: outbox.refused(state.outbox, frame.id, frame), decisions: decisions.refused(state.decisions, frame),
    }
    if (state.handingBack?.id === frame.id) next.handingBack = { id: frame.id, refused: frame.text }
    // What is newer belongs in the transcript too, and comes by the usual way.
    return frame.code === "newer" ? ask(next) : still(next)
  },
}

// ask sends "open", unless an answer to one is on its way.
function ask(state) {
  if (state.asking) return still(state)
  const [since, epoch] = state.known ? [state.rev, state.epoch] : [0, ""]
  return [{ ...state, asking: true }, [{ type: "open", conversation: state.id, since, epoch }], []]
}

// afresh asks for everything: what we have can't be built upon. It stays on
// screen meanwhile, for it was true.
const afresh = state => ask({ ...state, known: false, asking: false })

function settled(state) {
  const box = outbox.settled(state.outbox, state.outbox.length ? state.entries.values() : [], state.last)
  const made = decisions.settled(state.decisions, state.entries)
  const back = state.handingBack
  // What was to be handed back is over, or was somebody else's wish.
  const done = back && (state.conversation?.mode === "automated" || back.of !== state.conversation?.escalation?.at || back.by !== state.agent?.id)
  return box === state.outbox && made === state.decisions && !done ? state
    : { ...state, outbox: box, decisions: made, handingBack: done ? null : back }
}

// heard lists the shopper's texts that next shows and state did not.
function heard(state, next) {
  const list = []
  for (let seq = state.last + 1; seq <= next.last; seq++) {
    const entry = next.entries.get(seq)
    if (entry?.kind === "text" && entry.way === "in") list.push(entry)
  }
  return list
}

// calls lists the texts on screen that wait for a decision and did not before.
function calls(state, next) {
  const known = new Set(visible(state).filter(decisions.undecided).map(e => e.seq))
  return visible(next).filter(e => decisions.undecided(e) && !known.has(e.seq))
}
