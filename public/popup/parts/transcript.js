import { dayOf } from "../../common/calendar.js"
import { cloneTemplate } from "../../common/template.js"
import { originOf } from "../state/outbox.js"
import { blocksLater } from "../state/text-status.js"
import { voiceOf } from "../state/voice.js"
import { sentWords } from "../state/words.js"
import { Attention } from "./attention.js"
import { Message } from "./message.js"
import { makeDay, makeEvent } from "./rows.js"
import { ScrollAnchor } from "./scroll-anchor.js"

const runGap = 5 * 60_000 // ms; later texts of the same voice show its name again

// <side-transcript> shows a conversation in order and stays at its end, unless the
// reader has scrolled up. Events: "earlier", "choose" (see Message).
export class Transcript extends HTMLElement {
  #parts
  #items = new Map()    // by key: a Message, or the { element, show } of a day or an event
  #elements = new Map() // the texts' elements by seq
  #anchor
  #attention
  #last = 0             // the last seq shown
  #unread = 0
  #listeners            // an AbortController
  seen = 0              // the newest seq that was in front of the reader

  connectedCallback() {
    if (!this.#parts) this.#build()
    this.#anchor.connect()
    this.#listeners = new AbortController()
    document.addEventListener("visibilitychange", () => this.#update(), { signal: this.#listeners.signal })
  }

  disconnectedCallback() {
    this.#anchor.disconnect()
    this.#listeners.abort()
  }

  #build() {
    this.#parts = cloneTemplate("transcript")
    this.append(this.#parts.all)
    this.#parts.scroller = this.querySelector(".scroller")
    this.#anchor = new ScrollAnchor(this.#parts.scroller, this.querySelector(".inner"), () => this.#update())
    this.#attention = new Attention(this.#parts.scroller, this.#parts, element => this.#focus(element))
    this.#parts.pill.addEventListener("click", () => this.toEnd(true))
    this.#parts.earlier.addEventListener("click", () => this.dispatchEvent(new Event("earlier")))
    this.addEventListener("goto", ({ detail: { seq } }) => this.#focus(this.#elements.get(seq)))
  }

  // show makes the transcript consist of entries, then of the pending texts of the
  // outbox. me is the reader's id as an agent; decisions are those that the server has
  // not answered; closed: nothing can be sent.
  show({ entries, pending, decisions, me, live, closed, earlier, fetching, shopper }) {
    const rows = this.#parts.entries
    const release = this.#anchor.hold(rows.children, e => !e.matches(".day")) // earlier texts may come below a day's row
    const list = this.#arrange({ entries, pending, decisions, me, live, closed, shopper })
    this.#place(list)
    this.#parts.earlier.hidden = !earlier
    this.#parts.earlier.disabled = fetching
    this.#parts.earlier.textContent = fetching ? "Loading…" : "Load earlier"
    this.#parts.empty.hidden = list.length > 0
    this.#countUnread(entries)
    this.#attention.show([...this.#items.values()].filter(item => item.needsDecision).map(item => item.element))
    release()
    this.#update()
  }

  // speak announces to screen readers the shopper's last text, and texts that wait for
  // a decision.
  speak(name, news) {
    const last = news.findLast(e => e.way === "in")
    const words = news.filter(e => e.way === "out").map(e => `A text to ${name} needs a decision, as it may not have been sent: ${e.text}`)
    if (last) words.unshift(`${name}: ${last.text || sentWords(last.media ?? [])}`)
    this.#parts.spoken.textContent = words.join("\n")
  }

  toEnd(smooth = false) { this.#anchor.toEnd(smooth) }

  // arrange returns the elements in order, each brought up to date, and removes others.
  #arrange({ entries, pending, decisions, me, live, closed, shopper }) {
    const list = [], used = new Set()
    const use = (key, make) => {
      used.add(key)
      const item = this.#items.get(key) ?? make()
      this.#items.set(key, item)
      list.push(item.element)
      return item
    }
    const newest = entries.findLast(e => e.kind === "text" && e.way === "out")
    const resent = new Map(entries.filter(e => e.again).map(e => [e.again, e.seq]))
    let day = "", run = {}, blocked = false
    const startDay = at => {
      if (dayOf(at) === day) return
      day = dayOf(at)
      run = {}
      use("day " + day, makeDay).show(at)
    }
    for (const entry of entries) {
      const at = new Date(entry.at)
      startDay(at)
      if (entry.kind === "event") {
        run = {}
        use("event " + entry.seq, makeEvent).show(entry)
        continue
      }
      const context = { ...voiceOf(entry, me, shopper), ...requestFor(entry, pending, decisions), closed, blocked, resent: resent.get(entry.seq) }
      blocked ||= blocksLater(entry)
      context.newest = entry === newest && !pending.length
      context.leads = !(run.voice === context.voice + context.by && at - run.at < runGap)
      run = { voice: context.voice + context.by, at }
      const message = use(entry.origin?.startsWith("agent:") ? entry.origin : "entry " + entry.seq, () => new Message())
      message.show(entry, context)
      this.#elements.set(entry.seq, message.element)
    }
    for (const text of pending) {
      const at = new Date(text.at)
      startDay(at)
      const context = { voice: "agent", by: "You", leads: run.voice !== "agentYou" }
      run = { voice: "agentYou", at }
      use(originOf(text.id), () => new Message()).showPending(text, context, live)
    }
    for (const [key, item] of this.#items) if (!used.has(key)) { item.element.remove(); this.#items.delete(key) }
    return list
  }

  // place moves only elements that are out of place: the others keep the focus, the
  // selection and their scroll position.
  #place(list) {
    let next = this.#parts.entries.firstElementChild
    for (const element of list) {
      if (element === next) next = next.nextElementSibling
      else this.#parts.entries.insertBefore(element, next)
    }
  }

  // focus brings a text into the middle, and the focus to it.
  #focus(element) {
    if (!element?.isConnected) return
    element.scrollIntoView({ block: "center" })
    this.#anchor.check() // there is no scroll event if nothing had to move
    element.focus({ preventScroll: true })
    element.toggleAttribute("data-found", true)
    element.addEventListener("animationend", () => element.removeAttribute("data-found"), { once: true })
  }

  #countUnread(entries) {
    if (!this.#anchor.atEnd) this.#unread += entries.filter(e => e.seq > this.#last && e.kind === "text" && e.way === "in").length
    this.#last = entries.at(-1)?.seq ?? 0
  }

  #update() {
    const { atEnd } = this.#anchor
    if (atEnd) this.#unread = 0
    if (atEnd && !document.hidden) this.seen = this.#last
    this.#attention.update()
    const { pill, "pill-words": words } = this.#parts
    pill.hidden = atEnd
    pill.toggleAttribute("data-new", this.#unread > 0)
    words.textContent = this.#unread === 0 ? "To the end" : this.#unread === 1 ? "1 new text" : `${this.#unread} new texts`
  }
}

// requestFor returns what the agent asked for about an entry and the server has not
// answered, and why it refused the last request.
function requestFor({ seq }, pending, decisions) {
  const decision = decisions.find(d => d.seq === seq)
  const repeating = pending.some(m => m.of === seq && m.state !== "refused")
  return { busy: repeating ? "repeat" : decision && !decision.refused ? decision.action : "", refused: decision?.refused }
}

customElements.define("side-transcript", Transcript)
