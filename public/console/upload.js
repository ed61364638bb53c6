import { send } from "./send.js"
import { sign } from "../common/template.js"

const room = 60_000   // bytes of a piece: imported in well under a second
const head = 16_384   // bytes of the file that go with each piece: they name the columns
const tries = 5       // for a piece, while the server can't take it
const listed = 20     // problems that are shown

const form = document.getElementById("upload")
const file = document.getElementById("file")
const part = id => document.getElementById(id)
const number = new Intl.NumberFormat("en")

let stop = null

form.addEventListener("submit", event => {
  event.preventDefault()
  if (file.files[0] && !stop) upload(file.files[0])
})
part("cancel").addEventListener("click", () => stop?.abort())
file.addEventListener("change", clear)

const drop = part("drop")
drop.addEventListener("dragover", event => { event.preventDefault(); drop.dataset.over = "" })
drop.addEventListener("dragleave", () => { delete drop.dataset.over })
drop.addEventListener("drop", event => {
  event.preventDefault()
  delete drop.dataset.over
  if (event.dataTransfer.files.length !== 1 || stop) return
  file.files = event.dataTransfer.files
  clear()
})

// upload sends the file's bytes piece by piece. Only the server knows what they
// say: it answers how many it has read, and the next piece begins there.
async function upload(chosen) {
  const sum = { read: 0, new: 0, skipped: 0, noted: 0, problems: [] }
  stop = new AbortController()
  working(true)
  try {
    if (!chosen.size) throw new Error("The file is empty.")
    let at = 0, line = 0, list = ""
    while (at < chosen.size && !stop.signal.aborted) {
      const body = new FormData()
      body.set("region", form.elements.region.value)
      body.set("list", list)
      body.set("size", chosen.size)
      body.set("at", at)
      body.set("line", line)
      if (at) body.set("head", chosen.slice(0, head), "head.csv")
      body.set("file", chosen.slice(at, at + room), "piece.csv")
      const one = await patiently(() => send("/shoppers", body, stop.signal))
      if (!one.taken && at + room < chosen.size) throw new Error("The file can't be read.")
      for (const key of ["read", "new", "skipped", "noted"]) sum[key] += one[key]
      sum.problems.push(...one.problems)
      for (const key of ["all", "purchased"]) part(key).textContent = number.format(one[key])
      list = one.list
      line += one.lines
      at = at + room >= chosen.size ? chosen.size : at + one.taken
      far(at / chosen.size, sum)
    }
    tell(sum, stop.signal.aborted ? "Cancelled. Until then: " : "")
  } catch (error) {
    tell(sum, stop.signal.aborted ? "Cancelled. Until then: " : error.message + (sum.read ? " Until then: " : ""), !stop.signal.aborted)
  }
  stop = null
  working(false)
  part("result").focus()
}

// patiently tries again what may work later. Importing twice does no harm.
async function patiently(ask) {
  for (let left = tries - 1; ; left--) {
    try {
      return await ask()
    } catch (error) {
      if (!left || stop.signal.aborted || ![0, 429, 503].includes(error.status)) throw error
      await new Promise(resume => setTimeout(resume, 1000 * (tries - left)))
    }
  }
}

function working(on) {
  part("uploading").hidden = !on
  part("cancel").hidden = !on
  part("import").disabled = on
  file.disabled = on
  if (on) clear(), far(0, { read: 0 })
}

function far(share, sum) {
  part("bar").value = share
  part("far").textContent = sum.read ? `${number.format(sum.read)} rows so far` : "Reading the file …"
}

function clear() {
  part("result").hidden = true
  for (const old of form.querySelectorAll(".tally, form > .notice")) old.remove()
}

// tell shows what came of the file: only one of which every row was taken looks
// like a success.
function tell(sum, before, wrong = false) {
  if (!before && !wrong && sum.read === sum.skipped) {
    wrong = true
    before = sum.read ? "Nothing was imported: " : "The file has no rows, so nothing was imported."
  }
  part("outcome").dataset.tone = wrong ? "bad" : before || sum.noted ? "warn" : "accent"
  sign(part("outcome-sign"), wrong || before || sum.noted ? "warning" : "kept")
  part("outcome-words").textContent = before +
    (sum.read || !wrong ? `${number.format(sum.read)} read, ${number.format(sum.new)} new, ${number.format(sum.skipped)} skipped` : "")
  const lines = sum.problems.slice(0, listed).map(p => entry(`Line ${number.format(p.line)}`, p.why))
  const more = sum.noted - lines.length
  if (lines.length && more > 0) lines.push(entry("", `and ${number.format(more)} more`))
  part("problems").replaceChildren(...lines)
  part("result").hidden = false
}

function entry(line, why) {
  const item = document.createElement("li")
  if (line) {
    const place = document.createElement("span")
    place.className = "figures"
    place.textContent = line
    item.append(place, " ")
  }
  item.append(why)
  return item
}
