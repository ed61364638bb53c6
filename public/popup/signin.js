import { CodePage } from "./code.js"
import { PickPage } from "./pick.js"

// A SignIn asks who is there and has them prove that they can read the ticket:
// pick a name, read the code that was posted on it, enter it.
export class SignIn {
  #launch
  #gate

  constructor(launch, gate) {
    this.#launch = launch
    this.#gate = gate
  }

  // run returns when an agent is signed in. agents are the helpdesk's people; why
  // says for what reason the one at the screen was signed out, if there is one.
  async run(agents, why = "") {
    for (;;) {
      const pick = new PickPage(agents, why)
      this.#gate.show(pick.element)
      const { agent, challenge } = await pick.chosen(agent => this.#launch.challenge(agent.id))
      const code = new CodePage(agent, challenge, this.#launch)
      this.#gate.show(code.element)
      if (await code.entered()) return
    }
  }
}
