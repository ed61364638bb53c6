import { measure, toPlain } from "../state/segments.js"
import { check } from "./check.js"

// fixture loads a table that the server's tests (sms/segments_test.go) read, too.
const fixture = async name => (await fetch(new URL(name, import.meta.url))).json()

const counted = await fixture("segments.json")
check("number of texts counted by Twilio's calculator", counted.length > 1000, true)
for (const [text, encoding, units, segments] of counted) {
  const got = measure(text)
  const codes = [...text].map(c => c.codePointAt(0).toString(16)).join(" ")
  check(`segments of ${codes}`, [got.encoding, got.units, got.segments], [encoding, units, segments])
}
for (const [what, parts, encoding, segments, left] of await fixture("segments_left.json")) {
  const got = measure(parts.map(([text, count]) => text.repeat(count)).join(""))
  check(`left: ${what}`, [got.encoding, got.segments, got.left], [encoding, segments, left])
}

check("a line end is one character", measure("a\r\nb").units, 3)
check("culprits, once each and in order", measure("“é” – “ê”").culprits, ["“", "”", "–", "ê"])
for (const emoji of ["❤️", "👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "e\u0301"]) {
  check(`one culprit: ${emoji}`, measure(`so ${emoji} good ${emoji}`).culprits, [emoji])
}
check("an invisible character is a culprit", measure("a\u200bb").culprits, ["\u200b"])
check("line ends are no culprits", measure("a\r\n–\r\nb").culprits, ["–"])
check("no culprits", measure("a\r\n{€}").culprits, [])
check("plain", toPlain("“I’d\u00a0like”… — ½ ê 👍\u200b"), '"I\'d like"... - 1/2 ê 👍')
check("plain is GSM-7", measure(toPlain("I’d like")).encoding, "GSM-7")
