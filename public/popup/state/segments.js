// How many SMS a text takes, as Twilio's own calculator counts them. A text with only
// GSM 03.38 characters is sent as 7-bit septets, 160 to an SMS. One other character
// makes it 16-bit units, 70 to an SMS. sms/segments.go is the same for the server.

import { graphemes } from "./graphemes.js"

const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
const extended = "\f^{}\\[~]|€"

const septets = new Map([...[...basic].map(c => [c, 1]), ...[...extended].map(c => [c, 2])])
const alphabets = {
  "GSM-7": { single: 160, split: 153, costs: characters => characters.map(c => septets.get(c)) },
  "UCS-2": { single: 70, split: 67, costs: characters => graphemes(characters.join("")).map(g => g.length) },
}

// Characters that keyboards insert automatically, and GSM-7 characters that mean the
// same. Accents and emoji are left out, as they carry meaning.
const replacements = new Map([..."“”„«»"].map(c => [c, '"'])
  .concat([..."‘’`´"].map(c => [c, "'"]), [..."–—"].map(c => [c, "-"]),
    [..."\u00a0\t\u202f\u2009"].map(c => [c, " "]), [..."\u200b\u2060\ufeff"].map(c => [c, ""]),
    [["…", "..."], ["½", "1/2"]]))

// measure returns how a text is sent: the encoding, its length in that encoding's
// units, the number of SMS, the units left in the last of them, and the graphemes
// that are not GSM-7, each once and in order.
export function measure(text) {
  const characters = [...text.replaceAll("\r\n", "\n")]
  const unusual = characters.some(c => !septets.has(c)) ? graphemes(characters.join("")) : []
  const culprits = [...new Set(unusual.filter(g => [...g].some(c => !septets.has(c))))]
  const encoding = culprits.length ? "UCS-2" : "GSM-7"
  const { single, split, costs: costsOf } = alphabets[encoding]
  const costs = costsOf(characters)
  const units = costs.reduce((sum, n) => sum + n, 0)
  if (units <= single) return { encoding, units, segments: 1, left: single - units, culprits }
  const { segments, used } = pack(costs, split)
  return { encoding, units, segments, left: split - used, culprits }
}

// pack puts costs into SMS of size units and returns their number and the units used
// of the last. A grapheme is not cut: it moves to the next SMS and leaves the rest of
// this one unused. One that is larger than an SMS is cut.
function pack(costs, size) {
  let segments = 1, used = 0
  for (const n of costs) {
    if (used + n > size && used > 0) { segments++; used = 0 }
    used += n
    for (; used > size; used -= size) segments++
  }
  return { segments, used }
}

// toPlain replaces typographic characters by GSM-7 characters.
export function toPlain(text) {
  return [...text].map(c => replacements.get(c) ?? c).join("")
}
