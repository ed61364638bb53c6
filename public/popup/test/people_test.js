import { hereSentence, others, plainText, typingSentence } from "../state/people.js"
import { Typing } from "../state/typing.js"
import { check } from "./check.js"

const person = (id, name, typing) => ({ id, name, typing })
const [ana, ben, cara, dan, eve] = ["Ana", "Ben", "Cara", "Dan", "Eve"].map((name, i) => person("" + i, name))
const here = (...people) => plainText(hereSentence(others(people, "0")))

check("here: only me", here(ana), "")
check("here: one", here(ana, ben), "Ben is here too")
check("here: two", here(cara, ana, ben), "Ben and Cara are here too")
check("here: three", here(dan, cara, ana, ben), "Ben, Cara and Dan are here too")
check("here: four", here(eve, dan, cara, ana, ben), "Ben, Cara and 2 others are here too")
check("here: in two windows", here(ben, ana, ben), "Ben is here too")
check("here: without a name", here(person("9", "")), "A colleague is here too")
check("here: of the same name", here(person("8", "Ben"), ben), "Ben and Ben are here too")

const typing = (...people) => plainText(typingSentence(others(people, "0")))
check("typing: none", typing(ben, cara), "")
check("typing: one", typing({ ...ben, typing: true }, cara), "Ben is typing…")
check("typing: two", typing({ ...cara, typing: true }, { ...ben, typing: true }), "Ben and Cara are typing…")
check("typing: I do", typing({ ...ana, typing: true }), "")
check("typing: in one of two windows", typing(ben, { ...ben, typing: true }, ben), "Ben is typing…")

// reports returns [time, on] of every report. A step is the time and whether the box
// holds text, or "reset".
function reports(...steps) {
  let now = 0
  const list = [], typing = new Typing(on => list.push([now, on]), () => now)
  for (const [at, step] of steps) {
    now = at
    step === "reset" ? typing.reset() : typing.changed(step)
  }
  return list
}
check("reports: at most every 3 s", reports([0, true], [100, true], [2999, true], [3000, true], [4000, true], [6000, true]), [[0, true], [3000, true], [6000, true]])
check("reports: the end, once", reports([0, true], [10, false], [20, false]), [[0, true], [10, false]])
check("reports: ended and begun again", reports([0, true], [10, false], [20, true]), [[0, true], [10, false], [20, true]])
check("reports: never begun", reports([0, false]), [])
check("reports: again on a new connection", reports([0, true], [10, "reset"], [20, true]), [[0, true], [20, true]])
