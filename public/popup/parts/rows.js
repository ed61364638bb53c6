// Rows of the transcript that are not texts.
import { clock, dayWords, late, moment } from "../../common/calendar.js"
import { setIcon, cloneTemplate } from "../../common/template.js"
import { eventWords } from "../state/words.js"

export function makeDay() {
  const { root: element } = cloneTemplate("day")
  return { element, show: at => { element.firstElementChild.textContent = dayWords(at) } }
}

export function makeEvent() {
  const { root: element, words, detail } = cloneTemplate("event")
  const show = entry => {
    const at = new Date(entry.at)
    const [icon, eventName, eventDetail] = eventWords(entry)
    setIcon(element.querySelector("use"), icon)
    words.textContent = eventName
    detail.textContent = eventDetail
    detail.hidden = !eventDetail
    const time = element.querySelector("time")
    time.textContent = entry.said ? late(new Date(entry.said), at) : clock(at)
    time.title = moment(at)
  }
  return { element, show }
}
