import { clock, moment } from "../common/calendar.js"
import { linked } from "../common/links.js"
import { sign, stamp, reveal } from "../common/template.js"
import { mediumWords, stateWords } from "./words.js"

const signs = { shopper: "person", automation: "automation", agent: "person", colleague: "person", note: "note", system: "note" }

// A Message is one text or note in the transcript: an entry, or a text of ours on
// its way to becoming one. It keeps its element while that happens.
export class Message {
  #parts = stamp("message")
  #shown = {}

  get element() { return this.#parts.root }

  // show puts an entry on the element. look: { voice, by, leads, newest } says who
  // speaks to the reader, by what name, whether a run of theirs starts here, and
  // whether this is the newest text to the shopper.
  show(entry, look) {
    this.#frame(entry.text ?? "", new Date(entry.at), look)
    this.#media(entry.media ?? [])
    const outgoing = entry.kind === "text" && entry.way === "out"
    this.#state(outgoing ? entry.state : "", look.newest)
    if (outgoing && entry.state === "failed") {
      this.#problem("failed", "bad", "Not delivered. " + (entry.problem?.text ?? "The provider didn’t say why."), entry.problem?.code)
    } else if (outgoing && entry.state === "unknown") {
      this.#problem("question", "warn", "We can’t tell whether this was sent. It won’t be sent again by itself.", entry.problem?.code)
    } else this.#problem()
  }

  // showPending puts a text of the outbox on the element.
  showPending(pending, look, live) {
    this.#frame(pending.text, new Date(pending.at), look)
    this.#media([])
    if (pending.state === "refused") {
      this.#state("", false)
      this.element.dataset.state = "refused"
      this.#problem("failed", "bad", pending.reason.text + " Nothing was sent.")
      this.#newer(pending.newer ?? [])
      this.#choices(pending)
      return
    }
    this.#problem()
    if (pending.state === "kept") return this.#state("saved", true)
    this.#parts.state.hidden = false
    sign(this.#parts["state-sign"], "clock")
    this.#parts.state.title = ""
    this.#parts["state-words"].className = ""
    this.#parts["state-words"].textContent = live ? "Sending…" : "Not sent yet"
    this.element.dataset.state = live ? "pending" : "waiting"
  }

  #frame(text, at, look) {
    const { root, by, sign: use, text: said } = this.#parts
    root.dataset.voice = look.voice
    root.toggleAttribute("data-leads", look.leads)
    sign(use, signs[look.voice])
    by.textContent = look.by
    if (this.#shown.text !== text) said.replaceChildren(...linked(text))
    this.#shown.text = text
    said.hidden = !text
    const time = root.querySelector("time")
    time.dateTime = at.toISOString()
    time.textContent = clock(at)
    time.title = moment(at)
  }

  #media(media) {
    const { media: list } = this.#parts
    list.hidden = !media.length
    if (list.childElementCount === media.length) return
    list.replaceChildren(...media.map(medium => {
      const { root } = stamp("medium")
      const [icon, words] = mediumWords(medium.type)
      sign(root.querySelector("use"), icon)
      root.querySelector("span").textContent = words
      return root
    }))
  }

  // The newest text says its state in words; older ones by sign, words on hover
  // and for screen readers.
  #state(state, spelt) {
    const { state: holder, "state-sign": use, "state-words": words } = this.#parts
    this.element.dataset.state = state
    holder.hidden = !state
    if (!state) return
    const [icon, said] = stateWords(state)
    sign(use, icon)
    words.textContent = said
    words.className = spelt ? "" : "visually-hidden"
    holder.title = said
  }

  #problem(icon, tone, words, code) {
    const { problem, "problem-sign": use, "problem-words": said, "problem-code": small, newer, choices } = this.#parts
    newer.hidden = choices.hidden = true
    problem.hidden = !words
    if (!words) return
    problem.dataset.tone = tone
    sign(use, icon)
    said.textContent = words
    reveal(small, code)
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

  #choices({ id, reason }) {
    const { choices } = this.#parts
    if (!choices.hidden && this.#shown.choices === reason.code) return
    const offers = [["edit", "Edit"], ["drop", "Discard"]]
    if (reason.code === "newer") offers.unshift(["anyway", "Send anyway"])
    if (["unavailable", "other_agent"].includes(reason.code)) offers.unshift(["again", "Try again"])
    choices.replaceChildren(...offers.map(([does, words], i) => {
      const button = document.createElement("button")
      button.className = "button"
      button.textContent = words
      if (i === 0 && offers.length > 2) button.dataset.tone = "accent"
      button.onclick = () => this.element.dispatchEvent(new CustomEvent("choose", { bubbles: true, detail: { does, id } }))
      return button
    }))
    this.#shown.choices = reason.code
    choices.hidden = false
  }
}
