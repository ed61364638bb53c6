import { hereWords, others, plain, typingWords } from "../people.js"
import { Typing } from "../typing.js"
import { check } from "./check.js"

const person = (id, name, typing) => ({ id, name, typing })
const [ana, ben, cara, dan, eve] = ["Ana", "Ben", "Cara", "Dan", "Eve"].map((name, i) => person("" + i, name))
const here = (...people) => plain(hereWords(others(people, "0")))

check("only me", here(ana), "")
check("one", here(ana, ben), "Ben is here too")
check("two", here(cara, ana, ben), "Ben and Cara are here too")
check("three", here(dan, cara, ana, ben), "Ben, Cara and Dan are here too")
check("four", here(eve, dan, cara, ana, ben), "Ben, Cara and 2 others are here too")
check("in two windows", here(ben, ana, ben), "Ben is here too")
check("without a name", here(person("9", "")), "A colleague is here too")
check("of the same name", here(person("8", "Ben"), ben), "Ben and Ben are here too")

const typing = (...people) => plain(typingWords(others(people, "0")))
check("nobody types", typing(ben, cara), "")
check("one types", typing({ ...ben, typing: true }, cara), "Ben is typing…")
check("two type", typing({ ...cara, typing: true }, { ...ben, typing: true }), "Ben and Cara are typing…")
check("I type", typing({ ...ana, typing: true }), "")
check("in one of two windows", typing(ben, { ...ben, typing: true }, ben), "Ben is typing…")

// What the box says, and when, against what is passed on.
function said(...steps) {
  let at = 0
  const list = [], typing = new Typing(on => list.push([at, on]), () => at)
  for (const [when, something] of steps) {
    at = when
    something === "again" ? typing.forget() : typing.wrote(something)
  }
  return list
}
check("typing: at most every 3 s", said([0, true], [100, true], [2999, true], [3000, true], [4000, true], [6000, true]), [[0, true], [3000, true], [6000, true]])
check("typing: over, once", said([0, true], [10, false], [20, false]), [[0, true], [10, false]])
check("typing: over, and begun anew", said([0, true], [10, false], [20, true]), [[0, true], [10, false], [20, true]])
check("typing: never begun", said([0, false]), [])
check("typing: on a new connection", said([0, true], [10, "again"], [20, true]), [[0, true], [20, true]])
