import { clock, late, moment } from "../../common/calendar.js"
import { linked } from "../../common/links.js"
import { reveal, setIcon, cloneTemplate } from "../../common/template.js"
import { actionsForEntry, actionsForRefused } from "../state/actions.js"
import { statusOf } from "../state/text-status.js"
import { ActionButtons } from "./action-buttons.js"
import { MediaItem } from "./media.js"

const icons = { shopper: "person", automation: "automation", agent: "person", colleague: "person", note: "note", system: "note" }

// A Message is one text or note in the transcript: an entry, or a text of the outbox. It
// keeps its element when the second becomes the first. Events of the element: "choose"
// { action, id } or { action, seq }, "goto" { seq }.
export class Message {
  #parts = cloneTemplate("message")
  #buttons = new ActionButtons(this.#parts.choices, action => this.#dispatch("choose", { action, ...this.#target }))
  #target = {}       // what an action is about: { seq }, or { id } in the outbox
  #media = new Map() // MediaItems by id, or by index where there is none
  #text = ""
  needsDecision = false

  get element() { return this.#parts.root }

  // show puts an entry on the element. context has: voice and by (see voiceOf); leads
  // (it is the first of a run of this voice); newest (it is the newest text to the
  // shopper); resent (the seq of its repetition); closed and blocked (see statusOf); busy
  // (the action under way); refused (why the last action was refused).
  show(entry, context) {
    this.#target = { seq: entry.seq }
    this.#showText(entry.text ?? "", entry, context)
    this.#showMedia(entry.media ?? [], context.by)
    this.#showRelated(entry.again, context.resent, "Sent again: see the earlier one")
    const outgoing = entry.kind === "text" && entry.way === "out"
    const status = outgoing ? statusOf(entry, { resent: !!context.resent, closed: context.closed, blocked: context.blocked }) : null
    this.needsDecision = !!status?.needsDecision
    this.#showStatus(status, context.newest)
    this.#showProblem(status?.reason && status)
    this.#buttons.show(status ? actionsForEntry(entry, status) : [], { busy: context.busy, about: entry.text ?? "" })
    reveal(this.#parts.refused, context.refused)
  }

  // showPending puts a text of the outbox on the element.
  showPending(pending, context, live) {
    const { id, of, state, reason, newer } = pending
    const refused = state === "refused"
    this.#target = { id }
    this.#showText(pending.text, { at: pending.at }, context)
    this.#showMedia([], context.by)
    this.#showRelated(of, 0, "See the earlier one")
    this.#showProblem(refused && { icon: "failed", tone: "bad", reason: reason.text + " Nothing was sent." })
    this.#showNewer(refused ? newer ?? [] : [])
    this.#buttons.show(refused ? actionsForRefused(pending) : [], { about: pending.text })
    if (refused) this.#showStatus({ name: "refused" })
    else if (state === "kept") this.#showStatus(statusOf({ state: "saved" }), true)
    else this.#showStatus({ name: live ? "pending" : "waiting", icon: "clock", label: live ? "Sending…" : "Not sent yet" }, true)
  }

  #showText(text, { at, said }, context) {
    const { root, by, sign: icon, text: words } = this.#parts
    root.dataset.voice = context.voice
    root.toggleAttribute("data-leads", context.leads)
    setIcon(icon, icons[context.voice])
    by.textContent = context.by
    if (this.#text !== text) words.replaceChildren(...linked(text))
    this.#text = text
    words.hidden = !text
    const time = root.querySelector("time")
    const when = new Date(at)
    time.dateTime = when.toISOString()
    time.textContent = said ? late(new Date(said), when) : clock(when)
    time.title = moment(when)
    this.#parts.late.toggleAttribute("hidden", !said) // SVG elements have no .hidden
  }

  #showMedia(media, from) {
    const { media: list } = this.#parts
    list.hidden = !media.length
    if (!media.length && !this.#media.size) return
    const keyed = media.map((m, i) => [m.id || i, m])
    const items = new Map(keyed.map(([key]) => [key, this.#media.get(key) ?? new MediaItem()]))
    if ([...items.keys()].join() !== [...this.#media.keys()].join()) list.replaceChildren(...[...items.values()].map(item => item.element))
    this.#media = items
    for (const [key, m] of keyed) items.get(key).show(m, from)
  }

  // showStatus writes the status out if inFull, or if it is prominent. Otherwise it is an
  // icon, with words as its title and for screen readers.
  #showStatus(status, inFull) {
    const { state: holder, "state-sign": icon, "state-words": words } = this.#parts
    this.element.dataset.state = status?.name ?? ""
    holder.hidden = !status?.label
    if (holder.hidden) return
    setIcon(icon, status.icon)
    words.textContent = status.label
    words.className = inFull || status.prominent ? "" : "visually-hidden"
    holder.title = status.label
  }

  #showProblem(status) {
    const { problem, "problem-sign": icon, "problem-words": words, "problem-code": code, question } = this.#parts
    problem.hidden = !status
    this.#showNewer([])
    if (!status) return
    problem.dataset.tone = status.tone
    problem.toggleAttribute("data-needs-decision", !!status.needsDecision)
    question.hidden = !status.needsDecision
    setIcon(icon, status.icon)
    if (words.textContent !== status.reason) words.textContent = status.reason
    reveal(code, status.code)
  }

  // showNewer lists the entries that the agent had not seen when writing.
  #showNewer(entries) {
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

  // showRelated links a text with its repetition: the seq of the text that this one
  // repeats, and the seq of the one that repeats it.
  #showRelated(before, after, words) {
    const { before: toEarlier, after: toLater } = this.#parts
    this.#parts["before-words"].textContent = words
    for (const [button, seq] of [[toEarlier, before], [toLater, after]]) {
      button.hidden = !seq
      button.onclick = () => this.#dispatch("goto", { seq })
    }
  }

  #dispatch(name, detail) {
    this.element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }
}
