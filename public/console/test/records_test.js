import { pieces, records, separator } from "../records.js"
import { chance, check } from "../../popup/test/check.js"

const whole = text => [...records(text)].map(r => text.slice(r.from, r.to))

for (const [what, text, want] of [
  ["plain", "a,b\nc,d\n", ["a,b\n", "c,d\n"]],
  ["no last newline", "a\r\nb", ["a\r\n", "b"]],
  ["newline in quotes", 'a,"b\nc"\nd', ['a,"b\nc"\n', "d"]],
  ["quote in quotes", '"a""\nb"\nc', ['"a""\nb"\n', "c"]],
  ["quote in the middle opens nothing", 'a"b\nc', ['a"b\n', "c"]],
  ["a spoilt record ends with its line", '"a"b,"c\nd"\ne', ['"a"b,"c\n', 'd"\n', "e"]],
  ["never closed", 'a\n"b\nc\n', ["a\n", '"b\nc\n']],
  ["nothing", "", []],
]) check(what, whole(text), want)

check("comma", separator("a,b;c,d\n;;;;"), ",")
check("semicolon", separator('"a,,,";b;c\n'), ";")
check("tab", separator("\r\na\tb\n"), "\t")

// However a text is cut, no record is lost, doubled or moved to another line,
// and nothing is larger than it may be.
const encoder = new TextEncoder()
for (let seed = 1; seed <= 500; seed++) {
  const { below, pick } = chance(seed)
  const head = pick(["p,n\n", "p;n\r\n", '"p","n\nm"\n'])
  let text = head
  for (let i = below(80); i > 0; i--) text += pick(['"', '"', '""', ",", ";", "\n", "\n", "\r\n", "é", "😀", '\n"q\nq",z\n'])
  const room = pick([30, 45, 60])
  const lines = text.split("\n")
  let got = ""
  let to = head.length
  for (const piece of pieces(text, room)) {
    if (piece.tooLong) {
      got += text.slice(to, piece.to)
    } else {
      check(`${seed}: header`, piece.text.startsWith(head), true)
      check(`${seed}: size`, encoder.encode(piece.text).length <= room, true)
      const body = piece.text.slice(head.length)
      check(`${seed}: place`, body.split("\n")[0].trimEnd(), (lines[piece.offset + head.split("\n").length - 1] ?? "").trimEnd())
      got += body
    }
    check(`${seed}: how far`, piece.to >= to, true)
    to = piece.to
  }
  check(`${seed}: everything`, got, text.slice(head.length))
}
