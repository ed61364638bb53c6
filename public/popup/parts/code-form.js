import { webAddress } from "../../common/links.js"
import { cloneTemplate } from "../../common/template.js"

const codeLength = 6
const resendAfter = 30 // s

// A CodeForm is the step of the sign-in that takes the code posted on the ticket.
// finished resolves to true after the right code, to false if another agent is to be
// picked.
export class CodeForm {
  #parts = cloneTemplate("code-form")
  #agent
  #challenge
  #launch
  #resolve
  #checking = false
  #countdown = 0
  finished = new Promise(resolve => { this.#resolve = resolve })

  // posted is what Launch.requestCode returned.
  constructor(agent, posted, launch) {
    this.#agent = agent
    this.#launch = launch
    const { root, digits, back, resend } = this.#parts
    this.#parts["not-me"].textContent = `Not ${agent.name}?`
    root.addEventListener("submit", event => { event.preventDefault(); this.#check() })
    digits.addEventListener("input", () => this.#onInput())
    back.addEventListener("click", () => this.#finish(false))
    resend.addEventListener("click", () => this.#resend())
    this.#showPosted(posted)
  }

  get element() { return this.#parts.root }

  #showPosted({ challenge, ticket }) {
    this.#challenge = challenge
    const { ticket: link, "no-ticket": plain } = this.#parts
    const href = webAddress(ticket?.url)
    link.hidden = !href
    plain.hidden = !!href
    if (href) { link.href = href; link.textContent = `ticket #${ticket.id}` }
    this.#startCountdown(resendAfter)
  }

  #onInput() {
    const { digits } = this.#parts
    // NFKC turns full-width digits into ASCII; "Code: 123 456" may be pasted.
    const only = digits.value.normalize("NFKC").replace(/\D/g, "").slice(0, codeLength)
    if (digits.value !== only) digits.value = only
    if (only) this.#showProblem("")
    if (only.length === codeLength) this.#check()
  }

  async #check() {
    const { digits, root } = this.#parts
    if (this.#checking || digits.value.length !== codeLength) return
    this.#checking = true
    digits.readOnly = true
    root.toggleAttribute("data-checking", true)
    try {
      await this.#launch.submitCode(this.#challenge, digits.value)
      this.#finish(true)
    } catch (refusal) {
      this.#showRefusal(refusal)
    }
    this.#checking = false
    digits.readOnly = false
    root.toggleAttribute("data-checking", false)
  }

  #showRefusal(refusal) {
    const { digits } = this.#parts
    this.#showProblem(refusal.message)
    if (refusal.code !== "offline") digits.value = ""
    digits.focus()
    // After any other refusal only a new code helps.
    if (refusal.code !== "wrong_code" && refusal.code !== "offline") this.#startCountdown(refusal.wait)
  }

  async #resend() {
    const { resend } = this.#parts
    resend.disabled = true
    this.#showProblem("")
    try {
      this.#showPosted(await this.#launch.requestCode(this.#agent.id))
    } catch (refusal) {
      this.#showProblem(refusal.message)
      this.#startCountdown(refusal.wait || 5)
    }
    this.#parts.digits.focus()
  }

  // startCountdown offers a new code after some seconds.
  #startCountdown(seconds) {
    clearInterval(this.#countdown)
    const until = Date.now() + seconds * 1000
    const { resend, wait } = this.#parts
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000)
      resend.hidden = left > 0
      resend.disabled = false
      wait.textContent = left > 0 ? `Not there? You can request a new one in ${left} s.` : "Not there?"
      if (left <= 0) clearInterval(this.#countdown)
    }
    this.#countdown = setInterval(tick, 1000)
    tick()
  }

  #showProblem(words) {
    const { problem, digits } = this.#parts
    problem.textContent = words
    digits.setAttribute("aria-invalid", String(!!words))
  }

  #finish(signedIn) {
    clearInterval(this.#countdown)
    this.#resolve(signedIn)
  }
}
