import { webAddress } from "../../common/links.js"
import { clock } from "../../common/calendar.js"
import { initials, phoneWords } from "../../common/names.js"
import { reveal, setIcon, cloneTemplate } from "../../common/template.js"
import { holderWords, needWords } from "../state/words.js"

// <side-header> shows the shopper, who has the conversation and why, and who is signed
// in. Events: "handback", "signout", "detach", "bell" (detail: on or off).
export class Header extends HTMLElement {
  #parts

  connectedCallback() {
    if (this.#parts) return
    const parts = this.#parts = cloneTemplate("header")
    this.append(parts.all)
    const dispatch = name => () => this.dispatchEvent(new Event(name))
    parts.detach.addEventListener("click", dispatch("detach"))
    parts["sign-out"].addEventListener("click", () => { parts.root.querySelector("#me").hidePopover(); dispatch("signout")() })
    parts.bell.addEventListener("change", () => this.dispatchEvent(new CustomEvent("bell", { detail: parts.bell.checked })))
    parts["hand-back"].addEventListener("click", () => this.#confirm(true))
    parts["confirm-no"].addEventListener("click", () => this.#confirm(false))
    parts["confirm-yes"].addEventListener("click", () => { this.#confirm(false); dispatch("handback")() })
    parts.confirm.addEventListener("keydown", event => { if (event.key === "Escape") this.#confirm(false) })
  }

  set live(on) { this.#parts.live.hidden = !on }

  // show brings the header up to date. busy: a text is unanswered and would be lost by
  // signing out.
  show({ conversation, agent, handingBack, busy, detachable, bell }) {
    const { shopper } = conversation
    const parts = this.#parts
    const phone = phoneWords(shopper.phone)
    parts.name.textContent = shopper.name || phone
    parts.phone.textContent = shopper.name ? phone : ""
    parts.phone.title = `Texts go out from ${conversation.shop}, ${phoneWords(conversation.line)}`
    parts.initials.textContent = initials(shopper.name ?? "") || "#"
    // A purchase is evident from the last order, which is shown below.
    parts.purchased.textContent = !shopper.purchased ? "No purchase yet" : conversation.profile?.last_order ? "" : "Has purchased"
    parts["no-email"].hidden = !!shopper.email || conversation.opted_out // the composer says so instead
    parts["opted-out"].hidden = !conversation.opted_out
    parts.detach.hidden = !detachable
    parts["me-button"].hidden = !agent
    parts["me-name"].textContent = agent?.name ?? ""
    parts["me-initials"].textContent = initials(agent?.name ?? "")
    parts["me-button"].title = agent ? `You are ${agent.name}` : ""
    parts.bell.checked = bell
    parts["sign-out"].disabled = busy
    parts["sign-out"].title = busy ? "A text of yours is still being sent." : ""
    this.#showMode(conversation, handingBack, agent?.id)
    this.#showTicket(conversation.ticket)
  }

  #showMode(conversation, handingBack, me) {
    const parts = this.#parts
    const { mode, escalation } = conversation
    const human = mode === "human"
    parts.root.querySelector(".mode").dataset.mode = mode
    setIcon(parts["mode-sign"], human ? "person" : "automation")
    parts.mode.textContent = holderWords(conversation, me)
    const since = human && escalation
    const needs = needWords(since)
    parts.reason.textContent = needs.reasons
    parts.reason.title = since ? `Since ${clock(new Date(escalation.at))}` : ""
    reveal(parts.why, needs.why)
    const waiting = handingBack && !handingBack.refused
    parts["hand-back"].hidden = !human || !parts.confirm.hidden
    parts["hand-back"].disabled = !!waiting
    parts["hand-back"].textContent = waiting ? "Handing back…" : "Back to automation"
    if (!human) parts.confirm.hidden = true
    reveal(parts.refused, handingBack?.refused)
  }

  #showTicket(ticket) {
    const { ticket: link } = this.#parts
    const href = webAddress(ticket?.url)
    link.hidden = !href
    if (!href) return
    link.href = href
    link.textContent = `Ticket #${ticket.id}${ticket.open === false ? " (closed)" : ""}`
  }

  #confirm(open) {
    const parts = this.#parts
    parts.confirm.hidden = !open
    parts["hand-back"].hidden = open
    if (open) parts["confirm-yes"].focus()
    else parts["hand-back"].focus()
  }
}

customElements.define("side-header", Header)
