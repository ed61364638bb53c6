let named = 0

// Choices are the buttons beneath a text: what may be done about it. What can't
// be undone asks once more, in their place.
export class Choices {
  #root
  #tell
  #offers = []
  #busy = ""
  #asking = ""  // the choice that waits to be confirmed
  #built = ""
  #buttons = new Map()

  // tell is called with the choice that was made.
  constructor(root, tell) {
    this.#root = root
    this.#tell = tell
    root.addEventListener("keydown", event => {
      if (event.key !== "Escape" || !this.#asking) return
      event.stopPropagation()
      this.#ask("")
    })
  }

  // show offers { does, words, tone?, doing?, warning? }: doing is what the button
  // says while busy names its choice, warning what is asked before it is made.
  // about is the text, for people who hear the page.
  show(offers, { busy = "", about }) {
    this.#offers = offers
    this.#busy = busy
    this.#root.hidden = !offers.length
    this.#root.setAttribute("aria-label", `What to do about “${about.length > 40 ? about.slice(0, 40) + "…" : about}”`)
    if (busy || !offers.some(offer => offer.does === this.#asking)) this.#asking = ""
    this.#draw()
  }

  #draw() {
    const asked = this.#offers.find(offer => offer.does === this.#asking)
    const wanted = asked ? "? " + asked.does : this.#offers.map(offer => offer.does).join()
    if (wanted !== this.#built) {
      const held = this.#root.contains(document.activeElement)
      this.#built = wanted
      this.#buttons.clear()
      this.#root.replaceChildren(...asked ? this.#confirmation(asked) : this.#offers.map(offer => this.#button(offer.does, offer.tone, () => this.#choose(offer))))
      // Whoever pressed what is gone goes on from the transcript.
      if (held && !asked) this.#root.closest("[tabindex]")?.focus({ preventScroll: true })
    }
    for (const { does, words, doing } of asked ? [] : this.#offers) {
      const button = this.#buttons.get(does)
      button.disabled = !!this.#busy
      button.textContent = this.#busy === does && doing || words
    }
  }

  #choose(offer) {
    if (offer.warning) this.#ask(offer.does)
    else this.#tell(offer.does)
  }

  #ask(does) {
    const before = this.#asking
    this.#asking = does
    this.#draw()
    this.#buttons.get(does || before)?.focus()
  }

  #confirmation({ does, words, warning }) {
    const said = document.createElement("p")
    said.id = "warning-" + ++named
    said.textContent = warning
    const yes = this.#button(does, "accent", () => { this.#asking = ""; this.#tell(does) })
    yes.textContent = words
    yes.setAttribute("aria-describedby", said.id)
    const no = this.#button("no", "", () => this.#ask(""))
    no.textContent = "Don’t send"
    return [said, yes, no]
  }

  #button(does, tone, pressed) {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "button"
    if (tone) button.dataset.tone = tone
    button.addEventListener("click", pressed)
    this.#buttons.set(does, button)
    return button
  }
}
