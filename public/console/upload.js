import { send } from "./send.js"
import { setIcon } from "../common/template.js"

const pieceSize = 60_000 // bytes; imported in well under a second
const headSize = 16_384  // bytes of the file's start that go with each piece: they name the columns
const maxTries = 5       // for a piece, while the server is busy or can't be reached
const maxProblems = 20   // that are shown

const form = document.getElementById("upload")
const file = document.getElementById("file")
const find = id => document.getElementById(id)
const number = new Intl.NumberFormat("en")

let stop = null

form.addEventListener("submit", event => {
  event.preventDefault()
  if (file.files[0] && !stop) upload(file.files[0])
})
find("cancel").addEventListener("click", () => stop?.abort())
file.addEventListener("change", clear)

const drop = find("drop")
drop.addEventListener("dragover", event => { event.preventDefault(); drop.dataset.over = "" })
drop.addEventListener("dragleave", () => { delete drop.dataset.over })
drop.addEventListener("drop", event => {
  event.preventDefault()
  delete drop.dataset.over
  if (event.dataTransfer.files.length !== 1 || stop) return
  file.files = event.dataTransfer.files
  clear()
})

// upload sends the file piece by piece. Only the server knows its encoding,
// separators and rows: it answers how many bytes it has read, and the next piece begins
// there.
async function upload(chosen) {
  const total = { read: 0, new: 0, skipped: 0, noted: 0, problems: [] }
  stop = new AbortController()
  setWorking(true)
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
      if (at) body.set("head", chosen.slice(0, headSize), "head.csv")
      body.set("file", chosen.slice(at, at + pieceSize), "piece.csv")
      const answer = await withRetries(() => send("/shoppers", body, stop.signal))
      if (!answer.taken && at + pieceSize < chosen.size) throw new Error("The file can't be read.")
      for (const key of ["read", "new", "skipped", "noted"]) total[key] += answer[key]
      total.problems.push(...answer.problems)
      for (const key of ["all", "purchased"]) find(key).textContent = number.format(answer[key])
      list = answer.list
      line += answer.lines
      at = at + pieceSize >= chosen.size ? chosen.size : at + answer.taken
      showProgress(at / chosen.size, total)
    }
    showResult(total, stop.signal.aborted ? "Cancelled. Before that: " : "")
  } catch (error) {
    showResult(total, stop.signal.aborted ? "Cancelled. Before that: " : error.message + (total.read ? " Before that: " : ""), !stop.signal.aborted)
  }
  stop = null
  setWorking(false)
  find("result").focus()
}

// withRetries repeats a request that may succeed later. Importing a piece twice has no
// other effect than once.
async function withRetries(request) {
  for (let left = maxTries - 1; ; left--) {
    try {
      return await request()
    } catch (error) {
      if (!left || stop.signal.aborted || ![0, 429, 503].includes(error.status)) throw error
      await new Promise(resume => setTimeout(resume, 1000 * (maxTries - left)))
    }
  }
}

function setWorking(on) {
  find("uploading").hidden = !on
  find("cancel").hidden = !on
  find("import").disabled = on
  file.disabled = on
  if (on) clear(), showProgress(0, { read: 0 })
}

function showProgress(share, total) {
  find("bar").value = share
  find("upload-status").textContent = total.read ? `${number.format(total.read)} rows so far` : "Reading the file …"
}

function clear() {
  find("result").hidden = true
  for (const old of form.querySelectorAll(".import-result, form > .notice")) old.remove()
}

// showResult shows the counts, after the words before. It looks like a success only if
// every row was imported. tally.Nothing in the server has the same rule.
function showResult(total, before, wrong = false) {
  if (!before && !wrong && total.read === total.skipped) {
    wrong = true
    before = total.read ? "Nothing was imported: " : "The file has no rows, so nothing was imported."
  }
  find("outcome").dataset.tone = wrong ? "bad" : before || total.noted ? "warn" : "accent"
  setIcon(find("outcome-sign"), wrong || before || total.noted ? "warning" : "kept")
  find("outcome-words").textContent = before +
    (total.read || !wrong ? `${number.format(total.read)} read, ${number.format(total.new)} new, ${number.format(total.skipped)} skipped` : "")
  const lines = total.problems.slice(0, maxProblems).map(p => entry(`Line ${number.format(p.line)}`, p.why))
  const more = total.noted - lines.length
  if (lines.length && more > 0) lines.push(entry("", `and ${number.format(more)} more`))
  find("problems").replaceChildren(...lines)
  find("result").hidden = false
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
