import { dayOf } from "../common/calendar.js"
import { stamp } from "../common/template.js"
import { Calls } from "./calls.js"
import { holds } from "./fate.js"
import { Message } from "./message.js"
import { originOf } from "./outbox.js"
import { makeDay, makeEvent, voiceOf } from "./rows.js"
import { sentWords } from "./words.js"

const runLasts = 5 * 60_000
const near = 48 // px from the end that count as being there

// <side-transcript> shows a conversation in order and stays at its end, unless
// the reader has scrolled up. Events: "earlier", "choose" (see Message).
export class Transcript extends HTMLElement {
  #parts
  #items = new Map() // by key: a Message, or an { element } of a day or an event
  #places = new Map() // the texts' elements by their place
  #calls
  #atEnd = true
  #last = 0          // the last place shown
  #unseen = 0
  #size = ""         // of the scroller when last looked at
  #top = 0           // and where it began
  #resized
  #watch
  seen = 0           // the newest place that was in front of the reader

  connectedCallback() {
    this.#parts ??= stamp("transcript")
    this.append(this.#parts.all)
    this.#parts.scroller = this.querySelector(".scroller")
    this.#parts.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true })
    this.#parts.pill.addEventListener("click", () => this.toEnd(true))
    this.#parts.earlier.addEventListener("click", () => this.dispatchEvent(new Event("earlier")))
    this.#calls ??= new Calls(this.#parts.scroller, this.#parts, element => this.#go(element))
    this.addEventListener("goto", ({ detail: { seq } }) => this.#go(this.#places.get(seq)))
    this.#resized = new ResizeObserver(() => this.#moved())
    this.#resized.observe(this.#parts.scroller)
    this.#resized.observe(this.querySelector(".inner"))
    this.#watch = new AbortController()
    document.addEventListener("visibilitychange", () => this.#looked(), { signal: this.#watch.signal })
  }

  disconnectedCallback() {
    this.#resized.disconnect()
    this.#watch.abort()
  }

  // show makes the transcript be entries, then what is pending. me is the
  // reader's id as an agent; decisions are what was decided about entries and not
  // answered; closed: nothing can be sent.
  show({ entries, pending, decisions, me, live, closed, earlier, fetching, shopper }) {
    const hold = this.#hold(entries)
    const list = this.#arrange({ entries, pending, decisions, me, live, closed, shopper })
    this.#place(list)
    this.#parts.earlier.hidden = !earlier
    this.#parts.earlier.disabled = fetching
    this.#parts.earlier.textContent = fetching ? "Loading…" : "Load earlier"
    this.#parts.empty.hidden = list.length > 0
    this.#count(entries)
    this.#calls.show([...this.#items.values()].filter(item => item.asks).map(item => item.element))
    if (this.#atEnd) this.toEnd()
    else hold()
    this.#looked()
  }

  // speak tells a screen reader what is new: the shopper's last text, and texts
  // that wait for a decision.
  speak(name, news) {
    const said = news.findLast(e => e.way === "in")
    const words = news.filter(e => e.way === "out").map(e => `A text to ${name} needs a decision, as it may not have been sent: ${e.text}`)
    if (said) words.unshift(`${name}: ${said.text || sentWords(said.media ?? [])}`)
    this.#parts.spoken.textContent = words.join("\n")
  }

  toEnd(gently = false) {
    const { scroller } = this.#parts
    this.#atEnd = true
    const behavior = gently && scroller.scrollHeight - scroller.scrollTop < 4000 ? "smooth" : "instant"
    scroller.scrollTo({ top: scroller.scrollHeight, behavior })
    this.#looked()
  }

  #arrange({ entries, pending, decisions, me, live, closed, shopper }) {
    const list = [], kept = new Set()
    const keep = (key, make) => {
      kept.add(key)
      const item = this.#items.get(key) ?? make()
      this.#items.set(key, item)
      list.push(item.element)
      return item
    }
    const newest = entries.findLast(e => e.kind === "text" && e.way === "out")
    const resent = new Map(entries.filter(e => e.again).map(e => [e.again, e.seq]))
    let day = "", run = {}, behind = false
    const startDay = at => {
      if (dayOf(at) === day) return
      day = dayOf(at)
      run = {}
      keep("day " + day, makeDay).show(at)
    }
    for (const entry of entries) {
      const at = new Date(entry.at)
      startDay(at)
      if (entry.kind === "event") {
        run = {}
        keep("event " + entry.seq, makeEvent).show(entry)
        continue
      }
      const look = { ...voiceOf(entry, me, shopper), ...wishesFor(entry, pending, decisions), closed, behind, resent: resent.get(entry.seq) }
      behind ||= holds(entry)
      look.newest = entry === newest && !pending.length
      look.leads = !(run.who === look.voice + look.by && at - run.at < runLasts)
      run = { who: look.voice + look.by, at }
      const message = keep(entry.origin?.startsWith("agent:") ? entry.origin : "entry " + entry.seq, () => new Message())
      message.show(entry, look)
      this.#places.set(entry.seq, message.element)
    }
    for (const text of pending) {
      const at = new Date(text.at)
      startDay(at)
      const look = { voice: "agent", by: "You", leads: run.who !== "agentYou" }
      run = { who: "agentYou", at }
      keep(originOf(text.id), () => new Message()).showPending(text, look, live)
    }
    for (const [key, item] of this.#items) if (!kept.has(key)) { item.element.remove(); this.#items.delete(key) }
    return list
  }

  // Elements that are in place are left alone: focus, selection and scroll
  // positions survive.
  #place(list) {
    let next = this.#parts.entries.firstElementChild
    for (const element of list) {
      if (element === next) next = next.nextElementSibling
      else this.#parts.entries.insertBefore(element, next)
    }
  }

  // go brings a text into the middle and to the reader's attention.
  #go(element) {
    if (!element?.isConnected) return
    element.scrollIntoView({ block: "center" })
    this.#scrolled() // nothing may have had to move
    element.focus({ preventScroll: true })
    element.toggleAttribute("data-found", true)
    element.addEventListener("animationend", () => element.removeAttribute("data-found"), { once: true })
  }

  // hold remembers what the reader looks at; the function it returns brings that
  // back to the same spot after entries were put before it.
  #hold(entries) {
    const { scroller } = this.#parts
    if (this.#atEnd || !entries.length) return () => {}
    const top = scroller.getBoundingClientRect().top
    const anchor = [...this.#parts.entries.children].find(e => e.getBoundingClientRect().bottom > top && !e.matches(".day"))
    const was = anchor?.getBoundingClientRect().top
    return () => { if (anchor?.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - was }
  }

  #count(entries) {
    const last = entries.at(-1)?.seq ?? 0
    if (!this.#atEnd) this.#unseen += entries.filter(e => e.seq > this.#last && e.kind === "text" && e.way === "in").length
    this.#last = last
  }

  // A scroll that comes with a change of size is the layout's, not the reader's.
  #scrolled() {
    const { scroller } = this.#parts
    const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < near
    if (atEnd || this.#size === this.#sized()) this.#atEnd = atEnd
    this.#looked()
  }

  // The composer grows, the window shrinks, a notice comes: the end stays the end,
  // and what is read where it is.
  #moved() {
    const { scroller } = this.#parts, { top } = scroller.getBoundingClientRect()
    this.#size = this.#sized()
    if (this.#atEnd) this.toEnd()
    else scroller.scrollTop += top - this.#top
    this.#top = top
  }

  #sized() {
    const { clientHeight, scrollHeight } = this.#parts.scroller
    return clientHeight + " " + scrollHeight
  }

  #looked() {
    if (this.#atEnd) this.#unseen = 0
    if (this.#atEnd && !document.hidden) this.seen = this.#last
    this.#calls.look()
    const { pill, "pill-words": words } = this.#parts
    pill.hidden = this.#atEnd
    pill.toggleAttribute("data-new", this.#unseen > 0)
    words.textContent = this.#unseen === 0 ? "To the end" : this.#unseen === 1 ? "1 new text" : `${this.#unseen} new texts`
  }
}

// wishesFor says what was asked for about an entry: what is under way, and why the
// last was refused.
function wishesFor({ seq }, pending, decisions) {
  const decision = decisions.find(d => d.seq === seq)
  const again = pending.some(m => m.of === seq && m.state !== "refused")
  return { busy: again ? "repeat" : decision && !decision.refused ? decision.does : "", refused: decision?.refused }
}

customElements.define("side-transcript", Transcript)
