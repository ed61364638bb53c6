// The rules against random events: a server that tells the truth, behind a network that
// loses, doubles and reorders frames. What is shown is never older than claimed and has
// no gap. After a quiet moment it equals what a newly opened page shows; every text
// written is stored exactly once, every repetition once or refused, no decision is open,
// and every text that waits for one was announced. Presence and alerts are certain only
// if they were reported on this connection.
import { waiting } from "../state/alerts.js"
import { decidable, unanswered, undecided } from "../state/decisions.js"
import { blank, step, visible } from "../state/rules.js"
import { check, random } from "./check.js"

const windowSize = 12

const statuses = [
  { state: "saved", problem: { code: "20429", text: "Wait." } }, { state: "unknown", problem: { code: "looking", text: "?" } },
  { state: "unknown", problem: { code: "missing", text: "?" } }, { state: "unknown", problem: { code: "no_evidence", text: "?" } },
  { state: "failed", problem: { code: "30003", text: "Off." } }, { state: "sent", problem: undefined }, { state: "delivered", problem: undefined },
]
const repeatable = entry => entry.state === "failed" || decidable(entry)

// A Server has one conversation with all its past versions.
class Server {
  #dice
  entries = []     // by seq - 1
  versions = []    // by seq - 1: every version the entry had
  rev = 0
  epoch = "e0"
  refusals = new Set() // ids of refused requests
  people = []
  alerts = new Map()   // the newest "shop" frame of each conversation
  constructor(dice) { this.#dice = dice }

  add(more = {}) {
    const seq = this.entries.length + 1
    this.versions.push([])
    this.#put({ seq, kind: "text", way: "in", text: "t" + seq, ...more })
    return seq
  }
  touch() {
    const entry = this.#dice.pick(this.entries)
    if (entry.way === "out") this.#put({ ...entry, ...this.#dice.pick(statuses) })
    else this.#put({ ...entry, media: [{ id: "m" + entry.seq, type: "image/png", state: this.#dice.pick(["waiting", "kept", "failed"]) }] })
  }
  // decide acts on a text, or refuses. may reports whether the text allows it.
  #decide({ id, seq }, may, code) {
    if (this.#dice.chance(0.2) || !may(this.entries[seq - 1])) return this.#refuse(id)
    this.#put({ ...this.entries[seq - 1], state: "unknown", problem: { code, text: "." } })
    return { type: "saved", id, seq: 0 }
  }
  #repeat({ id, seq }) {
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
  // changePresence returns a new "presence" frame, changeAlert a new "shop" frame.
  changePresence() {
    this.people = ["1", "2", "3"].filter(() => this.#dice.chance(0.6)).map(id => ({ id, name: id, typing: this.#dice.chance(0.3) }))
    return { type: "presence", people: this.people }
  }
  changeAlert(minute) {
    const frame = { type: "shop", event: this.#dice.pick(["escalated", "escalated", "taken", "handed_back"]), conversation: this.#dice.pick(["c", "d", "e", "f"]), at: new Date(minute * 60_000).toISOString() }
    this.alerts.set(frame.conversation, frame)
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
      case "again": return this.#repeat(frame)
      case "check": return this.#decide(frame, decidable, "looking")
      case "leave": return this.#decide(frame, decidable, "left")
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
  const dice = random(seed), server = new Server(dice)
  let state = { ...blank, id: "c" }, toServer = [], toClient = [], texts = 0, requests = 0
  const repeated = new Set(), announced = new Set()
  let reported = [] // "presence" and "shop" frames on this connection

  const feed = event => {
    if (event.type === "connected") reported = []
    if (["presence", "shop"].includes(event.type)) reported.push(event)
    const [next, frames, news] = step(state, event)
    state = next
    toServer.push(...frames)
    for (const entry of news) announced.add(entry.seq)
    audit()
  }
  // press clicks one of the buttons beneath a text.
  const press = () => {
    const candidates = visible(state).filter(e => e.way === "out" && repeatable(e))
    if (!candidates.length) return
    const { seq, state: was } = dice.pick(candidates), id = "d" + ++requests
    if (was === "failed" || dice.chance(0.4)) {
      feed({ type: "repeat", id, seq, seen: state.last, at: 0 })
      if (state.outbox.some(m => m.id === id)) repeated.add(id)
    } else feed({ type: "decide", id, action: dice.pick(["check", "leave"]), seq })
  }
  const audit = () => {
    const shown = visible(state)
    check(`seed ${seed}: presence, as last reported`, state.people, reported.findLast(f => f.type === "presence")?.people ?? null)
    for (const alert of waiting(state.alerts)) {
      if (alert.confirmed && !reported.some(f => f.conversation === alert.conversation && Date.parse(f.at) === alert.when)) throw new Error(`seed ${seed}: ${alert.conversation} is confirmed, but was not reported`)
    }
    check(`seed ${seed}: no gap`, shown.length, state.last ? state.last - state.floor + 1 : 0)
    if (!state.synced || state.epoch !== server.epoch) return
    for (const entry of shown) {
      const versions = server.versions[entry.seq - 1]
      const due = versions.findLast(v => v.rev <= state.rev)
      if (due && entry.rev < due.rev) throw new Error(`seed ${seed}: entry ${entry.seq} is older than revision ${state.rev}`)
      check(`seed ${seed}: a version that existed`, entry, versions.find(v => v.rev === entry.rev))
    }
  }
  const reconnect = () => { toServer = []; toClient = []; feed({ type: "connected" }) }
  // take delivers one frame of a queue: mostly the first, sometimes twice or never.
  const take = (queue, fair) => {
    const i = fair || dice.chance(0.7) ? 0 : dice.below(queue.length)
    const frame = queue[i]
    if (fair || !dice.chance(0.1)) queue.splice(i, 1)
    return !fair && dice.chance(0.15) ? null : frame
  }
  const pump = fair => {
    if (toServer.length) { const f = take(toServer, fair); const a = f && server.answer(f); if (a) toClient.push(a) }
    if (toClient.length) { const f = take(toClient, fair); if (f) feed(f) }
  }

  server.add()
  reconnect()
  for (let i = 0; i < 150; i++) {
    const before = server.rev
    switch (dice.below(18)) {
      case 0: case 1: server.add(); break
      case 2: server.add({ way: "out", ...dice.pick(statuses) }); break
      case 3: case 4: server.touch(); break
      case 5: feed({ type: "fetchEarlier" }); break
      case 6: feed({ type: "write", id: "u" + ++texts, text: "w", seen: state.last, at: 0 }); break
      case 7: if (dice.chance(0.3)) reconnect(); break
      case 8: feed({ type: "resync" }); break
      case 9: toClient.push({ type: "beat", rev: server.rev }); break
      case 11: case 12: press(); break
      case 13: case 14: toClient.push(server.changePresence()); break
      case 15: case 16: toClient.push(server.changeAlert(i)); break
      case 17: if (state.alerts.length && dice.chance(0.2)) feed({ type: "dismiss", conversation: dice.pick(state.alerts).conversation }); break
      case 10: if (dice.chance(0.05)) { server.restore(); reconnect() } break
    }
    if (server.rev > before && dice.chance(0.8)) toClient.push(server.changedSince(Math.max(0, before - dice.below(2))))
    pump(false)
    pump(false)
  }

  reconnect()
  check(`seed ${seed}: presence is unknown after a reconnect`, state.people, null)
  toClient.push(server.changePresence(), ...[..."cdef"].map((_, n) => server.changeAlert(1000 + n)), ...server.alerts.values())
  for (let round = 0; round < 3; round++) {
    while (toServer.length || toClient.length) pump(true)
    feed({ type: "beat", rev: server.rev })
  }
  while (toServer.length || toClient.length) pump(true)
  check(`seed ${seed}: equal to the server`, visible(state), server.entries.slice(state.floor - 1))
  check(`seed ${seed}: presence`, state.people, server.people)
  const escalated = [...server.alerts.values()].filter(f => f.event === "escalated" && f.conversation !== "c" && Date.parse(f.at) >= 60_000_000)
  for (const { conversation } of escalated) check(`seed ${seed}: ${conversation} has an alert`, waiting(state.alerts).some(a => a.conversation === conversation && a.confirmed), true)
  for (const alert of waiting(state.alerts)) check(`seed ${seed}: an alert is escalated`, server.alerts.get(alert.conversation)?.event, "escalated")
  check(`seed ${seed}: conversation`, state.conversation, server.conversation)
  check(`seed ${seed}: nothing pending`, [state.outbox.filter(m => m.state !== "refused"), unanswered(state.decisions)], [[], []])
  for (let n = 1; n <= texts; n++) {
    check(`seed ${seed}: text ${n} once`, server.entries.filter(e => e.origin === "agent:u" + n).length, 1)
  }
  for (const id of repeated) {
    const times = server.entries.filter(e => e.origin === "agent:" + id).length
    if (times !== 1 && !(times === 0 && server.refusals.has(id))) throw new Error(`seed ${seed}: ${id} was sent again ${times} times`)
  }
  check(`seed ${seed}: announced`, visible(state).filter(e => undecided(e) && !announced.has(e.seq)), [])

  const [asked, [open]] = step({ ...blank, id: "c" }, { type: "connected" })
  const [fresh] = step(asked, server.answer(open))
  const from = Math.max(fresh.floor, state.floor)
  check(`seed ${seed}: equal to a new page`, visible(state).filter(e => e.seq >= from), visible(fresh).filter(e => e.seq >= from))
}

for (let seed = 1; seed <= 200; seed++) trial(seed)
