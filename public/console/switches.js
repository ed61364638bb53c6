import { send } from "./send.js"

// Switches are kept at once, one request after the other, so that the last
// choice is also the last to arrive. Without scripts there is the button.
const form = document.getElementById("settings")
const said = document.getElementById("saving")
document.getElementById("save").hidden = true

let last = chosen()
let busy = Promise.resolve()

function chosen() {
  return new URLSearchParams(new FormData(form)).toString()
}

form.addEventListener("change", () => {
  busy = busy.then(save)
})

async function save() {
  const now = chosen()
  if (now === last) return
  said.textContent = "Saving …"
  try {
    await send("/settings", new URLSearchParams(now))
    last = now
    said.textContent = "Saved."
    for (const notice of form.querySelectorAll(".notice")) notice.hidden = !deaf()
  } catch (error) {
    said.textContent = error.message
    restore()
  }
}

function deaf() {
  return form.elements.auto_tickets.checked && form.elements.must_have_bought.checked
}

// What is shown is what is kept.
function restore() {
  const kept = new URLSearchParams(last)
  for (const box of form.querySelectorAll("input")) box.checked = kept.has(box.name)
  for (const list of form.querySelectorAll("select")) list.value = kept.get(list.name)
}
