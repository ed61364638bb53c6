import { send } from "./send.js"
import { sign } from "../common/template.js"
import { pieces } from "./records.js"

const room = 60_000            // bytes of a piece: kept in well under a second
const tries = 5                // for a piece, while the server can't take it
const largest = 100 * 2 ** 20  // bytes of a file: it is read at once
const listed = 20              // problems that are shown

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

async function upload(chosen) {
  const sum = { read: 0, new: 0, skipped: 0, problems: [] }
  stop = new AbortController()
  working(true)
  try {
    const text = await content(chosen)
    let any = false
    for (const piece of pieces(text, room)) {
      if (stop.signal.aborted) break
      any = true
      await carry(piece, sum)
      far(piece.to / text.length, sum)
    }
    if (!any) throw new Error("The file is empty.")
    tell(sum, stop.signal.aborted ? "Cancelled. Until then: " : "")
  } catch (error) {
    tell(sum, stop.signal.aborted ? "Cancelled. Until then: " : error.message + (sum.read ? " Until then: " : ""), !stop.signal.aborted)
  }
  stop = null
  working(false)
  part("result").focus()
}

async function carry(piece, sum) {
  if (piece.tooLong) {
    sum.read++
    sum.skipped++
    sum.problems.push({ line: piece.tooLong, why: "This row is too long. Maybe a quotation mark is missing." })
    return
  }
  const body = new FormData()
  body.set("region", form.elements.region.value)
  body.set("offset", piece.offset)
  body.set("file", new Blob([piece.text], { type: "text/csv" }), "piece.csv")
  const one = await patiently(() => send("/shoppers", body, stop.signal))
  for (const key of ["read", "new", "skipped"]) sum[key] += one[key]
  sum.problems.push(...one.problems)
  for (const key of ["all", "purchased"]) part(key).textContent = number.format(one[key])
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

// content is the file's text. Older spreadsheets don't write UTF-8.
async function content(chosen) {
  if (chosen.size > largest) throw new Error("This file is very large. Please split it, or ask whoever runs this server to import it there.")
  const bytes = new Uint8Array(await chosen.arrayBuffer())
  if (bytes.subarray(0, 65536).includes(0)) throw new Error("This is not a plain CSV file. Please save it as “CSV UTF-8” and try again.")
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder("windows-1252").decode(bytes)
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

function tell(sum, before, wrong = false) {
  part("outcome").dataset.tone = wrong ? "bad" : before ? "warn" : "accent"
  sign(part("outcome-sign"), wrong || before ? "warning" : "kept")
  part("outcome-words").textContent = before +
    (sum.read || !wrong ? `${number.format(sum.read)} read, ${number.format(sum.new)} new, ${number.format(sum.skipped)} skipped` : "")
  const lines = sum.problems.slice(0, listed).map(p => entry(`Line ${number.format(p.line)}`, p.why))
  const more = sum.skipped - lines.length
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
