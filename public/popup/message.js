import { clock, late, moment } from "../common/calendar.js"
import { linked } from "../common/links.js"
import { sign, stamp, reveal } from "../common/template.js"
import { Choices } from "./choices.js"
import { fateOf } from "./fate.js"
import { Medium } from "./medium.js"
import { offersFor, offersFrom } from "./offers.js"

const signs = { shopper: "person", automation: "automation", agent: "person", colleague: "person", note: "note", system: "note" }

// A Message is one text or note in the transcript: an entry, or a text of ours on
// its way to becoming one. It keeps its element while that happens. Events of the
// element: "choose" { does, id } or { does, seq }, "goto" { seq }.
export class Message {
  #parts = stamp("message")
  #choices = new Choices(this.#parts.choices, does => this.#tell("choose", { does, ...this.#about }))
  #about = {}       // the text that a choice is about: its seq, or its id in the outbox
  #media = new Map() // by id, or by place where there is none
  #said = ""
  asks = false      // it waits for a decision

  get element() { return this.#parts.root }

  // show puts an entry on the element. look: { voice, by, leads, newest, resent,
  // closed, behind, busy, refused } says who speaks to the reader, by what name, whether a
  // run of theirs starts here, whether this is the newest text to the shopper, at
  // which place it was sent again, whether texts can be sent at all, whether a text
  // before it holds it up, what was
  // decided about it and not answered, and why the last decision was not carried
  // out.
  show(entry, look) {
    this.#about = { seq: entry.seq }
    this.#frame(entry.text ?? "", entry, look)
    this.#attach(entry.media ?? [], look.by)
    this.#relate(entry.again, look.resent, "Sent again: see the earlier one")
    const outgoing = entry.kind === "text" && entry.way === "out"
    const fate = outgoing ? fateOf(entry, { resent: !!look.resent, closed: look.closed, behind: look.behind }) : null
    this.asks = !!fate?.asks
    this.#state(fate, look.newest)
    this.#problem(fate?.words && { ...fate, icon: fate.sign })
    this.#choices.show(fate ? offersFor(entry, fate) : [], { busy: look.busy, about: entry.text ?? "" })
    reveal(this.#parts.refused, look.refused)
  }

  // showPending puts a text of the outbox on the element.
  showPending(pending, look, live) {
    const { id, of, state, reason, newer } = pending
    const refused = state === "refused"
    this.#about = { id }
    this.#frame(pending.text, { at: pending.at }, look)
    this.#attach([], look.by)
    this.#relate(of, 0, "See the earlier one")
    this.#problem(refused && { icon: "failed", tone: "bad", words: reason.text + " Nothing was sent." })
    this.#newer(refused ? newer ?? [] : [])
    this.#choices.show(refused ? offersFrom(pending) : [], { about: pending.text })
    if (refused) this.#state({ name: "refused" })
    else if (state === "kept") this.#state(fateOf({ state: "saved" }), true)
    else this.#state({ name: live ? "pending" : "waiting", sign: "clock", short: live ? "Sending…" : "Not sent yet" }, true)
  }

  #frame(text, { at, said }, look) {
    const { root, by, sign: use, text: words } = this.#parts
    root.dataset.voice = look.voice
    root.toggleAttribute("data-leads", look.leads)
    sign(use, signs[look.voice])
    by.textContent = look.by
    if (this.#said !== text) words.replaceChildren(...linked(text))
    this.#said = text
    words.hidden = !text
    const time = root.querySelector("time")
    const when = new Date(at)
    time.dateTime = when.toISOString()
    time.textContent = said ? late(new Date(said), when) : clock(when)
    time.title = moment(when)
    this.#parts.late.toggleAttribute("hidden", !said) // an SVG element has no property of that name
  }

  #attach(media, from) {
    const { media: list } = this.#parts
    list.hidden = !media.length
    if (!media.length && !this.#media.size) return
    const keyed = media.map((m, i) => [m.id || i, m])
    const kept = new Map(keyed.map(([key]) => [key, this.#media.get(key) ?? new Medium()]))
    if ([...kept.keys()].join() !== [...this.#media.keys()].join()) list.replaceChildren(...[...kept.values()].map(m => m.element))
    this.#media = kept
    for (const [key, m] of keyed) kept.get(key).show(m, from)
  }

  // The newest text says its state in words, and so does one that needs some;
  // others by a sign, with words on hover and for screen readers.
  #state(fate, spelt) {
    const { state: holder, "state-sign": use, "state-words": words } = this.#parts
    this.element.dataset.state = fate?.name ?? ""
    holder.hidden = !fate?.short
    if (holder.hidden) return
    sign(use, fate.sign)
    words.textContent = fate.short
    words.className = spelt || fate.loud ? "" : "visually-hidden"
    holder.title = fate.short
  }

  #problem(trouble) {
    const { problem, "problem-sign": use, "problem-words": said, "problem-code": code, question } = this.#parts
    problem.hidden = !trouble
    this.#newer([])
    if (!trouble) return
    problem.dataset.tone = trouble.tone
    problem.toggleAttribute("data-asks", !!trouble.asks)
    question.hidden = !trouble.asks
    sign(use, trouble.icon)
    if (said.textContent !== trouble.words) said.textContent = trouble.words
    reveal(code, trouble.code)
  }

  #newer(entries) {
    const { newer } = this.#parts
    newer.hidden = !entries.length
    newer.replaceChildren(...entries.map(entry => {
      const item = document.createElement("li")
      const name = document.createElement("strong")
      const text = document.createElement("bdi")
      name.textContent = (entry.by?.name || "Automation") + ": "
      text.textContent = entry.text
      item.append(name, text)
      return item
    }))
  }

  // Two texts of which the second was sent in place of the first lead to each
  // other.
  #relate(before, after, words) {
    const { before: back, after: forth } = this.#parts
    this.#parts["before-words"].textContent = words
    for (const [button, seq] of [[back, before], [forth, after]]) {
      button.hidden = !seq
      button.onclick = () => this.#tell("goto", { seq })
    }
  }

  #tell(name, detail) {
    this.element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }
}
