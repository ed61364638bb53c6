// Rows of the transcript that are not texts, and whose voice a text is.
import { clock, dayWords, late, moment } from "../common/calendar.js"
import { sign, stamp } from "../common/template.js"
import { eventWords } from "./words.js"

// voiceOf says whose voice an entry is to the agent me.
export function voiceOf(entry, me, shopper) {
  if (entry.kind === "note") return { voice: "note", by: `Note${entry.by.name ? " by " + entry.by.name : ""}: only agents see this` }
  switch (entry.by.role) {
    case "shopper": return { voice: "shopper", by: shopper }
    case "automation": return { voice: "automation", by: "Automation" }
    case "agent": return entry.by.id && entry.by.id === me ? { voice: "agent", by: "You" } : { voice: "colleague", by: entry.by.name || "A colleague" }
    default: return { voice: "system", by: "Sidetext" }
  }
}

export function makeDay() {
  const { root: element } = stamp("day")
  return { element, show: at => { element.firstElementChild.textContent = dayWords(at) } }
}

export function makeEvent() {
  const { root: element, words, detail } = stamp("event")
  const show = entry => {
    const at = new Date(entry.at)
    const [icon, said, about] = eventWords(entry)
    sign(element.querySelector("use"), icon)
    words.textContent = said
    detail.textContent = about
    detail.hidden = !about
    const time = element.querySelector("time")
    time.textContent = entry.said ? late(new Date(entry.said), at) : clock(at)
    time.title = moment(at)
  }
  return { element, show }
}
