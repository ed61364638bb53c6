import { call } from "../common/api.js"
import { webAddress } from "../common/links.js"
import { sign, stamp } from "../common/template.js"

const every = 700
const signs = { done: "kept", failed: "failed", warned: "warning", waiting: "clock", doing: "clock" }
const page = document.getElementById("progress")
const list = document.getElementById("steps")
const shown = new Map() // by step: its parts, and what they say

function show(step) {
  let item = shown.get(step.id)
  if (!item) {
    if (shown.size === 0) list.replaceChildren()
    item = { parts: stamp("step"), says: "" }
    shown.set(step.id, item)
    list.append(item.parts.root)
  }
  const says = JSON.stringify(step)
  if (says === item.says) return // a screen reader says again what is written again
  item.says = says
  const { root, name, state, detail, link, sign: use } = item.parts
  root.dataset.state = step.state
  sign(use, signs[step.state] ?? "clock")
  name.textContent = step.name
  state.textContent = ": " + step.state
  detail.textContent = step.detail ?? ""
  const address = webAddress(step.link)
  link.hidden = !address
  if (address) link.href = address
}

// watch asks until it is over; the server then writes the page that says how.
async function watch() {
  const aside = document.getElementById("aside")
  const calm = aside.textContent
  for (;;) {
    try {
      const answer = await call("GET", "/api/setup/" + page.dataset.of)
      aside.textContent = calm
      for (const step of answer.steps) show(step)
      if (answer.state !== "doing") return location.replace(location.pathname)
    } catch (refusal) {
      if (refusal.status === 401) return location.reload()
      aside.textContent = refusal.message
    }
    await new Promise(resume => setTimeout(resume, every))
  }
}

if (page) watch()
