import { AgentPicker } from "./agent-picker.js"
import { CodeForm } from "./code-form.js"

// signIn lets an agent pick their name and enter the code that is posted on the ticket:
// the proof that they can read it. It returns when the agent is signed in. agents are the
// helpdesk's; why says why the agent was signed out, or "".
export async function signIn(launch, startScreen, agents, why = "") {
  for (;;) {
    const picker = new AgentPicker(agents, why)
    startScreen.show(picker.element)
    const { agent, posted } = await picker.chosen(agent => launch.requestCode(agent.id))
    const form = new CodeForm(agent, posted, launch)
    startScreen.show(form.element)
    if (await form.finished) return
  }
}
