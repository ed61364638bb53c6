import { webAddress } from "../common/links.js"
import { stamp } from "../common/template.js"

const length = 6
const resendAfter = 30 // seconds

// A CodePage takes the six digits that were posted on the ticket.
export class CodePage {
  #parts = stamp("gate-code")
  #agent
  #challenge
  #launch
  #done
  #checking = false
  #counting = 0
  #finished = new Promise(resolve => { this.#done = resolve })

  constructor(agent, challenge, launch) {
    this.#agent = agent
    this.#launch = launch
    const { root, digits, back, resend } = this.#parts
    this.#parts["not-me"].textContent = `Not ${agent.name}?`
    root.addEventListener("submit", event => { event.preventDefault(); this.#check() })
    digits.addEventListener("input", () => this.#typed())
    back.addEventListener("click", () => this.#finish(false))
    resend.addEventListener("click", () => this.#resend())
    this.#posted(challenge)
  }

  get element() { return this.#parts.root }

  // entered resolves to true after the right code, to false when somebody else
  // wants to be picked.
  entered() { return this.#finished }

  #posted({ challenge, ticket }) {
    this.#challenge = challenge
    const { ticket: link, "no-ticket": plain } = this.#parts
    const href = webAddress(ticket?.url)
    link.hidden = !href
    plain.hidden = !!href
    if (href) { link.href = href; link.textContent = `ticket #${ticket.id}` }
    this.#countdown(resendAfter)
  }

  #typed() {
    const { digits } = this.#parts
    // Other scripts' digits are digits too; a pasted "Code: 123 456" is a code.
    const only = digits.value.normalize("NFKC").replace(/\D/g, "").slice(0, length)
    if (digits.value !== only) digits.value = only
    if (only) this.#say("")
    if (only.length === length) this.#check()
  }

  async #check() {
    const { digits, root } = this.#parts
    if (this.#checking || digits.value.length !== length) return
    this.#checking = true
    digits.readOnly = true
    root.toggleAttribute("data-checking", true)
    try {
      await this.#launch.answer(this.#challenge, digits.value)
      this.#finish(true)
    } catch (refusal) {
      this.#refused(refusal)
    }
    this.#checking = false
    digits.readOnly = false
    root.toggleAttribute("data-checking", false)
  }

  #refused(refusal) {
    const { digits } = this.#parts
    this.#say(refusal.message)
    if (refusal.code !== "offline") digits.value = ""
    digits.focus()
    // A wrong code may be tried again; with any other no, only a new code helps.
    if (refusal.code !== "wrong_code" && refusal.code !== "offline") this.#countdown(refusal.wait)
  }

  async #resend() {
    const { resend } = this.#parts
    resend.disabled = true
    this.#say("")
    try {
      this.#posted(await this.#launch.challenge(this.#agent.id))
    } catch (refusal) {
      this.#say(refusal.message)
      this.#countdown(refusal.wait || 5)
    }
    this.#parts.digits.focus()
  }

  #countdown(seconds) {
    clearInterval(this.#counting)
    const until = Date.now() + seconds * 1000
    const { resend, wait } = this.#parts
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000)
      resend.hidden = left > 0
      resend.disabled = false
      wait.textContent = left > 0 ? `Not there? You can have a new one posted in ${left} s.` : "Not there?"
      if (left <= 0) clearInterval(this.#counting)
    }
    this.#counting = setInterval(tick, 1000)
    tick()
  }

  #say(words) {
    const { problem, digits } = this.#parts
    problem.textContent = words
    digits.setAttribute("aria-invalid", String(!!words))
  }

  #finish(signedIn) {
    clearInterval(this.#counting)
    this.#done(signedIn)
  }
}
