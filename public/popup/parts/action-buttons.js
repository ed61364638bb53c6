let warnings = 0 // for their ids

// ActionButtons are the buttons beneath a text: what an agent can do about it. An action
// with a warning needs a second click, on buttons in place of the first.
export class ActionButtons {
  #root
  #onAction
  #actions = []
  #busy = ""
  #confirming = ""  // the action that waits for the second click
  #built = ""       // which buttons are there
  #buttons = new Map()

  // onAction is called with the name of the chosen action.
  constructor(root, onAction) {
    this.#root = root
    this.#onAction = onAction
    root.addEventListener("keydown", event => {
      if (event.key !== "Escape" || !this.#confirming) return
      event.stopPropagation()
      this.#confirm("")
    })
  }

  // show takes the actions (see state/actions.js). busy is the one that is under way;
  // about is the text, for screen readers.
  show(actions, { busy = "", about }) {
    this.#actions = actions
    this.#busy = busy
    this.#root.hidden = !actions.length
    this.#root.setAttribute("aria-label", `What to do about “${about.length > 40 ? about.slice(0, 40) + "…" : about}”`)
    if (busy || !actions.some(({ action }) => action === this.#confirming)) this.#confirming = ""
    this.#draw()
  }

  #draw() {
    const confirming = this.#actions.find(({ action }) => action === this.#confirming)
    const wanted = confirming ? "? " + confirming.action : this.#actions.map(({ action }) => action).join()
    if (wanted !== this.#built) {
      const hadFocus = this.#root.contains(document.activeElement)
      this.#built = wanted
      this.#buttons.clear()
      this.#root.replaceChildren(...confirming ? this.#confirmation(confirming)
        : this.#actions.map(item => this.#button(item.action, item.tone, () => this.#choose(item))))
      // The focused button is gone: keyboard users continue from the transcript.
      if (hadFocus && !confirming) this.#root.closest("[tabindex]")?.focus({ preventScroll: true })
    }
    for (const { action, label, busyLabel } of confirming ? [] : this.#actions) {
      const button = this.#buttons.get(action)
      button.disabled = !!this.#busy
      button.textContent = this.#busy === action && busyLabel || label
    }
  }

  #choose({ action, warning }) {
    if (warning) this.#confirm(action)
    else this.#onAction(action)
  }

  #confirm(action) {
    const before = this.#confirming
    this.#confirming = action
    this.#draw()
    this.#buttons.get(action || before)?.focus()
  }

  #confirmation({ action, label, warning }) {
    const words = document.createElement("p")
    words.id = "warning-" + ++warnings
    words.textContent = warning
    const yes = this.#button(action, "accent", () => { this.#confirming = ""; this.#onAction(action) })
    yes.textContent = label
    yes.setAttribute("aria-describedby", words.id)
    const no = this.#button("no", "", () => this.#confirm(""))
    no.textContent = "Don’t send"
    return [words, yes, no]
  }

  #button(action, tone, onClick) {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "button"
    if (tone) button.dataset.tone = tone
    button.addEventListener("click", onClick)
    this.#buttons.set(action, button)
    return button
  }
}
