import { send } from "./send.js"

// Saves the settings whenever one changes, one request after the other, so that the last
// choice arrives last. Without JavaScript there is a button.
const form = document.getElementById("settings")
const status = document.getElementById("saving")
document.getElementById("save").hidden = true

let saved = current()
let queue = Promise.resolve()

function current() {
  return new URLSearchParams(new FormData(form)).toString()
}

form.addEventListener("change", () => {
  queue = queue.then(save)
})

async function save() {
  const now = current()
  if (now === saved) return
  status.textContent = "Saving …"
  try {
    await send("/settings", new URLSearchParams(now))
    saved = now
    status.textContent = "Saved."
    for (const notice of form.querySelectorAll(".notice")) notice.hidden = !noTickets()
  } catch (error) {
    status.textContent = error.message
    restore()
  }
}

// noTickets reports whether the settings can keep all texts from becoming tickets.
function noTickets() {
  return form.elements.auto_tickets.checked && form.elements.must_have_bought.checked
}

// restore shows the settings as they are saved.
function restore() {
  const values = new URLSearchParams(saved)
  for (const box of form.querySelectorAll("input")) box.checked = values.has(box.name)
  for (const list of form.querySelectorAll("select")) list.value = values.get(list.name)
}
