// Grapheme clusters (what a reader sees as one character), by the rules of
// grapheme-splitter 1.0.4, which Twilio's segment calculator uses. Browsers'
// Intl.Segmenter has a newer Unicode: it keeps some emoji together that Twilio's
// calculator cuts, and so would count other segments. sms/grapheme.go is the same for
// the server.

import { ranges } from "./grapheme-table.js"

const table = Object.entries(ranges).flatMap(([name, text]) => {
  let end = 0
  return text.split(" ").map(item => {
    const [distance, length = "0"] = item.split("+")
    const from = end + parseInt(distance, 36)
    end = from + parseInt(length, 36)
    return { from, end, name }
  })
}).sort((a, b) => a.from - b.from)

function classOf(code) {
  if (code >= 0x20 && code <= 0x7e) return "Other"
  if (code === 0x0d || code === 0x0a) return "Control"
  if (code === 0x200d) return "Joiner"
  if (code >= 0xac00 && code <= 0xd7a3) return (code - 0xac00) % 28 ? "LVT" : "LV"
  let low = 0, high = table.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (table[middle].end < code) low = middle + 1
    else high = middle
  }
  return table[low]?.from <= code ? table[low].name : "Other"
}

const isBase = name => name === "Base" || name === "GlueBase"
const hangul = { L: ["L", "V", "LV", "LVT"], LV: ["V", "T"], V: ["V", "T"], LVT: ["T"], T: ["T"] }

// A Cluster is a grapheme cluster while it is read, one code point at a time.
class Cluster {
  constructor(first) {
    this.first = this.last = first
    this.size = 1
    this.before = ""                       // class of the code point before the last
    this.extends = true                    // every code point after the first is Extend
    this.extended = first === "Extend"     // some code point is Extend
    this.flags = 0                         // number of Regional code points after the first
    this.flagsFirst = true                 // they follow the first without another class between
  }

  add(name) {
    this.extends &&= name === "Extend"
    this.extended ||= name === "Extend"
    if (name === "Regional") this.flagsFirst = this.flagsFirst && this.flags++ === this.size - 1
    this.before = this.last
    this.last = name
    this.size++
  }

  // endsBefore reports whether the cluster ends before a code point of class next.
  endsBefore(next) {
    const { first, before, last } = this
    const inFlag = last === "Prepend" || last === "Regional"
    if (next === "Modifier" && this.size > 1 && this.extends && first !== "Extend" && !isBase(first)) return true
    if (next === "Regional" ? this.size === 1 && !inFlag : this.flags && this.flagsFirst && !inFlag) return true
    if (last === "Control" || next === "Control") return true
    if (hangul[last]?.includes(next)) return false
    if (next === "Extend" || next === "Joiner" || next === "Spacing" || last === "Prepend") return false
    if (next === "Modifier" && (this.extended ? last === "Extend" && isBase(before) : isBase(last))) return false
    if (last === "Joiner" && (next === "Glue" || next === "GlueBase")) return false
    return !(last === "Regional" && next === "Regional" && !this.flags)
  }
}

// graphemes returns the grapheme clusters of text.
export function graphemes(text) {
  const found = []
  let cluster = null
  for (const character of text) {
    const name = classOf(character.codePointAt(0))
    if (cluster && !cluster.endsBefore(name)) {
      cluster.add(name)
      found[found.length - 1] += character
    } else {
      cluster = new Cluster(name)
      found.push(character)
    }
  }
  return found
}
