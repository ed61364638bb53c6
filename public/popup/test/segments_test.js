import { measure, plain } from "../segments.js"
import { check } from "./check.js"

const vectors = [
  ["", "GSM-7", 0, 1],
  ["a".repeat(160), "GSM-7", 160, 1],
  ["a".repeat(161), "GSM-7", 161, 2],
  ["a".repeat(306), "GSM-7", 306, 2],
  ["a".repeat(307), "GSM-7", 307, 3],
  ["a".repeat(459), "GSM-7", 459, 3],
  ["a".repeat(460), "GSM-7", 460, 4],
  ["€".repeat(80), "GSM-7", 160, 1],
  ["€".repeat(81), "GSM-7", 162, 2],
  ["a".repeat(158) + "€", "GSM-7", 160, 1],
  ["a".repeat(159) + "€", "GSM-7", 161, 2],
  ["a".repeat(152) + "€" + "a".repeat(151), "GSM-7", 305, 2],
  ["a".repeat(152) + "€" + "a".repeat(152), "GSM-7", 306, 3],
  ["é".repeat(70), "GSM-7", 70, 1],
  ["ê".repeat(70), "UCS-2", 70, 1],
  ["ê".repeat(71), "UCS-2", 71, 2],
  ["ê".repeat(134), "UCS-2", 134, 2],
  ["ê".repeat(135), "UCS-2", 135, 3],
  ["👍".repeat(35), "UCS-2", 70, 1],
  ["👍".repeat(36), "UCS-2", 72, 2],
  ["a".repeat(69) + "👍", "UCS-2", 71, 2],
  ["👍".repeat(66) + "a", "UCS-2", 133, 2],
  ["I’d like", "UCS-2", 8, 1],
  ["👨‍👩‍👧‍👦", "UCS-2", 11, 1],
  ["a\r\nb", "GSM-7", 3, 1],
  ["\f^{}\\[~]|€", "GSM-7", 20, 1],
  ["a".repeat(1600), "GSM-7", 1600, 11],
  ["ê".repeat(1600), "UCS-2", 1600, 24],
  ["`", "UCS-2", 1, 1], ["\t", "UCS-2", 1, 1], ["ç", "UCS-2", 1, 1], ["Ç", "GSM-7", 1, 1],
]
for (const [text, encoding, units, segments] of vectors) {
  const got = measure(text)
  check(`${text.slice(0, 12)} x${text.length}`, [got.encoding, got.units, got.segments], [encoding, units, segments])
}
// The calculator's own counts, which the server's test reads, too.
const fixture = await (await fetch(new URL("segments.json", import.meta.url))).json()
check("the fixture is whole", fixture.length > 1000, true)
for (const [text, encoding, units, segments] of fixture) {
  const got = measure(text)
  const codes = [...text].map(c => c.codePointAt(0).toString(16)).join(" ")
  check(`as Twilio counts: ${codes}`, [got.encoding, got.units, got.segments], [encoding, units, segments])
}
// Clusters that no SMS can hold, which the fixture leaves out.
for (const [marks, before, segments] of [[69, "", 1], [70, "", 2], [133, "", 2], [134, "", 3], [69, "x", 3], [1599, "", 24]]) {
  check(`a letter with ${marks} marks after "${before}"`, measure(before + "e" + "\u0301".repeat(marks)).segments, segments)
}
check("culprits, once each and in order", measure("“é” – “ê”").culprits, ["“", "”", "–", "ê"])
for (const emoji of ["❤️", "👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "e\u0301"]) {
  check(`one culprit: ${emoji}`, measure(`so ${emoji} good ${emoji}`).culprits, [emoji])
}
check("an invisible character by itself", measure("a\u200bb").culprits, ["\u200b"])
check("line ends are none", measure("a\r\n–\r\nb").culprits, ["–"])
check("no culprits", measure("a\r\n{€}").culprits, [])
check("room of one", measure("a").room, 160)
check("room of two", measure("a".repeat(161)).room, 306)
check("room of two, UCS-2", measure("ê".repeat(71)).room, 134)
check("plain", plain("“I’d\u00a0like”… — ½ ê 👍\u200b"), '"I\'d like"... - 1/2 ê 👍')
check("plain is GSM-7", measure(plain("I’d like")).encoding, "GSM-7")
