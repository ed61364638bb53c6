import { call } from "../common/api.js"
import { webAddress } from "../common/links.js"
import { setIcon, cloneTemplate } from "../common/template.js"

const pollInterval = 700 // ms
const icons = { done: "kept", failed: "failed", warned: "warning", waiting: "clock", doing: "clock" }
const page = document.getElementById("progress")
const list = document.getElementById("steps")
const items = new Map() // by step id: { parts, shown }; shown is the step as JSON

function show(step) {
  let item = items.get(step.id)
  if (!item) {
    if (items.size === 0) list.replaceChildren()
    item = { parts: cloneTemplate("step"), shown: "" }
    items.set(step.id, item)
    list.append(item.parts.root)
  }
  const json = JSON.stringify(step)
  if (json === item.shown) return // screen readers announce text again that is set again
  item.shown = json
  const { root, name, state, detail, fix, link, sign: use } = item.parts
  root.dataset.state = step.state
  setIcon(use, icons[step.state] ?? "clock")
  name.textContent = step.name
  state.textContent = ": " + step.state
  detail.textContent = step.detail ?? ""
  fix.textContent = step.fix ?? ""
  const address = webAddress(step.link)
  link.hidden = !address
  if (address) link.href = address
}

// watch polls until the job is over; the reloaded page shows the result.
async function watch() {
  const aside = document.getElementById("aside")
  const hint = aside.textContent
  for (;;) {
    try {
      const answer = await call("GET", "/api/setup/" + page.dataset.of)
      aside.textContent = hint
      for (const step of answer.steps) show(step)
      if (answer.state !== "doing") return location.replace(location.pathname)
    } catch (refusal) {
      if (refusal.status === 401) return location.reload()
      aside.textContent = refusal.message
    }
    await new Promise(resume => setTimeout(resume, pollInterval))
  }
}

if (page) watch()
