// Chance against the rules: a server that only tells the truth, behind a wire
// that loses, doubles and reorders. Whatever the wire did, what is shown is never
// older than claimed, has no hole, and after one quiet word equals the truth and
// what somebody sees who comes only then; every text written is in the truth
// exactly once, every text sent again once or refused, no decision is left open,
// and whatever waits for one was announced. Who is here, and who else calls, is
// never said for certain unless it was told on this very connection.
import { askable, unanswered, undecided } from "../decisions.js"
import { waiting } from "../rings.js"
import { blank, step, visible } from "../rules.js"
import { check, chance } from "./check.js"

const windowSize = 12

const fates = [
  { state: "saved", problem: { code: "20429", text: "Wait." } }, { state: "unknown", problem: { code: "looking", text: "?" } },
  { state: "unknown", problem: { code: "missing", text: "?" } }, { state: "unknown", problem: { code: "no_evidence", text: "?" } },
  { state: "failed", problem: { code: "30003", text: "Off." } }, { state: "sent", problem: undefined }, { state: "delivered", problem: undefined },
]
const repeatable = entry => entry.state === "failed" || askable(entry)

// A Truth is the server's side: a conversation with all its past versions.
class Truth {
  #dice
  entries = []     // by seq - 1
  versions = []    // by seq - 1: every version the entry had
  rev = 0
  epoch = "e0"
  refusals = new Set() // ids of what was not done
  people = []
  calls = new Map()    // the newest "shop" frame of each conversation
  constructor(dice) { this.#dice = dice }

  add(more = {}) {
    const seq = this.entries.length + 1
    this.versions.push([])
    this.#put({ seq, kind: "text", way: "in", text: "t" + seq, ...more })
    return seq
  }
  touch() {
    const entry = this.#dice.pick(this.entries)
    if (entry.way === "out") this.#put({ ...entry, ...this.#dice.pick(fates) })
    else this.#put({ ...entry, media: [{ id: "m" + entry.seq, type: "image/png", state: this.#dice.pick(["waiting", "kept", "failed"]) }] })
  }
  // decide does something about a text, or refuses; what is said twice is done once.
  #decide({ id, seq }, may, code) {
    if (this.#dice.odds(0.2) || !may(this.entries[seq - 1])) return this.#refuse(id)
    this.#put({ ...this.entries[seq - 1], state: "unknown", problem: { code, text: "." } })
    return { type: "saved", id, seq: 0 }
  }
  #again({ id, seq }) {
    const origin = "agent:" + id
    const known = this.entries.find(e => e.origin === origin)
    if (known) return { type: "saved", id, seq: known.seq }
    const answer = this.#decide({ id, seq }, repeatable, "again")
    return answer.type === "saved" ? { ...answer, seq: this.add({ way: "out", state: "saved", origin, again: seq }) } : answer
  }
  #refuse(id) {
    this.refusals.add(id)
    return { type: "refused", id, code: "unavailable", text: "Not now." }
  }
  // gather has somebody come, go or type; call has a conversation call or be over.
  gather() {
    this.people = ["1", "2", "3"].filter(() => this.#dice.odds(0.6)).map(id => ({ id, name: id, typing: this.#dice.odds(0.3) }))
    return { type: "presence", people: this.people }
  }
  call(minute) {
    const frame = { type: "shop", event: this.#dice.pick(["escalated", "escalated", "taken", "handed_back"]), conversation: this.#dice.pick(["c", "d", "e", "f"]), at: new Date(minute * 60_000).toISOString() }
    this.calls.set(frame.conversation, frame)
    return frame
  }
  restore() { this.epoch = "e" + this.rev + "x" }
  #put(entry) {
    const at = { ...entry, rev: ++this.rev }
    this.entries[at.seq - 1] = at
    this.versions[at.seq - 1].push(at)
  }
  get conversation() { return { rev: this.rev } }

  answer(frame) {
    const { rev, epoch, conversation } = this
    const base = { rev, epoch, conversation, agent: { id: "1", name: "Ana" } }
    switch (frame.type) {
      case "open": {
        const reset = frame.since === 0 || frame.epoch !== epoch || rev - frame.since > 20
        const entries = reset ? this.entries.slice(-windowSize) : this.entries.filter(e => e.rev > frame.since)
        return { type: "opened", reset, ...base, entries, earlier: reset && this.entries.length > windowSize }
      }
      case "earlier": {
        const entries = this.entries.slice(Math.max(0, frame.before - 6), frame.before - 1)
        return { type: "earlier", entries, earlier: frame.before > 6 }
      }
      case "again": return this.#again(frame)
      case "check": return this.#decide(frame, askable, "looking")
      case "leave": return this.#decide(frame, askable, "left")
      case "send": {
        const known = this.entries.find(e => e.origin === "agent:" + frame.id)
        return { type: "saved", id: frame.id, seq: known?.seq ?? this.add({ way: "out", origin: "agent:" + frame.id }) }
      }
    }
  }
  changedSince(from) {
    return { type: "changed", from, rev: this.rev, conversation: this.conversation, entries: this.entries.filter(e => e.rev > from) }
  }
}

function trial(seed) {
  const dice = chance(seed), truth = new Truth(dice)
  let state = { ...blank, id: "c" }, toServer = [], toClient = [], texts = 0, wishes = 0
  const repeated = new Set(), announced = new Set()
  let told = [] // of people and of other conversations, on this connection

  const feed = happened => {
    if (happened.type === "connected") told = []
    if (["presence", "shop"].includes(happened.type)) told.push(happened)
    const [next, frames, news] = step(state, happened)
    state = next
    toServer.push(...frames)
    for (const entry of news) announced.add(entry.seq)
    audit()
  }
  // press does what a click on one of the buttons beneath some text does.
  const press = () => {
    const offered = visible(state).filter(e => e.way === "out" && repeatable(e))
    if (!offered.length) return
    const { seq, state: was } = dice.pick(offered), id = "d" + ++wishes
    if (was === "failed" || dice.odds(0.4)) {
      feed({ type: "repeat", id, seq, seen: state.last, at: 0 })
      if (state.outbox.some(m => m.id === id)) repeated.add(id)
    } else feed({ type: "decide", id, does: dice.pick(["check", "leave"]), seq })
  }
  const audit = () => {
    const shown = visible(state)
    check(`seed ${seed}: who is here, as last told`, state.people, told.findLast(f => f.type === "presence")?.people ?? null)
    for (const ring of waiting(state.rings)) {
      if (ring.sure && !told.some(f => f.conversation === ring.conversation && Date.parse(f.at) === ring.when)) throw new Error(`seed ${seed}: certain of ${ring.conversation}, but not told`)
    }
    check(`seed ${seed}: no hole`, shown.length, state.last ? state.last - state.floor + 1 : 0)
    if (!state.known || state.epoch !== truth.epoch) return
    for (const entry of shown) {
      const versions = truth.versions[entry.seq - 1]
      const due = versions.findLast(v => v.rev <= state.rev)
      if (due && entry.rev < due.rev) throw new Error(`seed ${seed}: place ${entry.seq} is older than revision ${state.rev} claims`)
      check(`seed ${seed}: a version that was`, entry, versions.find(v => v.rev === entry.rev))
    }
  }
  const reconnect = () => { toServer = []; toClient = []; feed({ type: "connected" }) }
  // A wire takes one frame out of flight: any of them, sometimes twice, sometimes into nothing.
  const take = (queue, fair) => {
    const i = fair || dice.odds(0.7) ? 0 : dice.below(queue.length)
    const frame = queue[i]
    if (fair || !dice.odds(0.1)) queue.splice(i, 1)
    return !fair && dice.odds(0.15) ? null : frame
  }
  const pump = fair => {
    if (toServer.length) { const f = take(toServer, fair); const a = f && truth.answer(f); if (a) toClient.push(a) }
    if (toClient.length) { const f = take(toClient, fair); if (f) feed(f) }
  }

  truth.add()
  reconnect()
  for (let i = 0; i < 150; i++) {
    const before = truth.rev
    switch (dice.below(18)) {
      case 0: case 1: truth.add(); break
      case 2: truth.add({ way: "out", ...dice.pick(fates) }); break
      case 3: case 4: truth.touch(); break
      case 5: feed({ type: "fetchEarlier" }); break
      case 6: feed({ type: "write", id: "u" + ++texts, text: "w", seen: state.last, at: 0 }); break
      case 7: if (dice.odds(0.3)) reconnect(); break
      case 8: feed({ type: "resync" }); break
      case 9: toClient.push({ type: "beat", rev: truth.rev }); break
      case 11: case 12: press(); break
      case 13: case 14: toClient.push(truth.gather()); break
      case 15: case 16: toClient.push(truth.call(i)); break
      case 17: if (state.rings.length && dice.odds(0.2)) feed({ type: "dismiss", conversation: dice.pick(state.rings).conversation }); break
      case 10: if (dice.odds(0.05)) { truth.restore(); reconnect() } break
    }
    if (truth.rev > before && dice.odds(0.8)) toClient.push(truth.changedSince(Math.max(0, before - dice.below(2))))
    pump(false)
    pump(false)
  }

  reconnect()
  check(`seed ${seed}: after a break nobody knows who is here`, state.people, null)
  toClient.push(truth.gather(), ...[..."cdef"].map((_, n) => truth.call(1000 + n)), ...truth.calls.values())
  for (let round = 0; round < 3; round++) {
    while (toServer.length || toClient.length) pump(true)
    feed({ type: "beat", rev: truth.rev })
  }
  while (toServer.length || toClient.length) pump(true)
  check(`seed ${seed}: the truth`, visible(state), truth.entries.slice(state.floor - 1))
  check(`seed ${seed}: who is here`, state.people, truth.people)
  const calling = [...truth.calls.values()].filter(f => f.event === "escalated" && f.conversation !== "c" && Date.parse(f.at) >= 60_000_000)
  for (const { conversation } of calling) check(`seed ${seed}: ${conversation} calls`, waiting(state.rings).some(r => r.conversation === conversation && r.sure), true)
  for (const ring of waiting(state.rings)) check(`seed ${seed}: it does call`, truth.calls.get(ring.conversation)?.event, "escalated")
  check(`seed ${seed}: conversation`, state.conversation, truth.conversation)
  check(`seed ${seed}: nothing pending`, [state.outbox.filter(m => m.state !== "refused"), unanswered(state.decisions)], [[], []])
  for (let n = 1; n <= texts; n++) {
    check(`seed ${seed}: text ${n} once`, truth.entries.filter(e => e.origin === "agent:u" + n).length, 1)
  }
  for (const id of repeated) {
    const times = truth.entries.filter(e => e.origin === "agent:" + id).length
    if (times !== 1 && !(times === 0 && truth.refusals.has(id))) throw new Error(`seed ${seed}: ${id} was sent again ${times} times`)
  }
  check(`seed ${seed}: announced`, visible(state).filter(e => undecided(e) && !announced.has(e.seq)), [])

  const [asked, [open]] = step({ ...blank, id: "c" }, { type: "connected" })
  const [fresh] = step(asked, truth.answer(open))
  const from = Math.max(fresh.floor, state.floor)
  check(`seed ${seed}: as somebody sees it who comes only now`, visible(state).filter(e => e.seq >= from), visible(fresh).filter(e => e.seq >= from))
}

for (let seed = 1; seed <= 200; seed++) trial(seed)
