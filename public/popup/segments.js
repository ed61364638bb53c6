// How many SMS a text is, as Twilio's own calculator counts them. A text whose
// every character is in the GSM 03.38 tables travels in 7-bit septets; one
// character outside, and the whole text travels in 16-bit units, 70 to an SMS
// instead of 160.

import { graphemes } from "./graphemes.js"

const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
const extended = "\f^{}\\[~]|€"

const septets = new Map([...[...basic].map(c => [c, 1]), ...[...extended].map(c => [c, 2])])
const alphabets = {
  "GSM-7": { single: 160, split: 153, costs: characters => characters.map(c => septets.get(c)) },
  "UCS-2": { single: 70, split: 67, costs: characters => graphemes(characters.join("")).map(g => g.length) },
}

// What a phone's keyboard typesets by itself, and the plain character that
// means the same. Accents and emoji are not here: they say something.
const plainer = new Map([..."“”„«»"].map(c => [c, '"'])
  .concat([..."‘’`´"].map(c => [c, "'"]), [..."–—"].map(c => [c, "-"]),
    [..."\u00a0\t\u202f\u2009"].map(c => [c, " "]), [..."\u200b\u2060\ufeff"].map(c => [c, ""]),
    [["…", "..."], ["½", "1/2"]]))

// measure says how text travels: the encoding, its length in that encoding's
// units, the number of SMS, how many units those could hold, and what keeps it out
// of GSM-7: the graphemes, each once and in order.
export function measure(text) {
  const characters = [...text.replaceAll("\r\n", "\n")]
  const unusual = characters.some(c => !septets.has(c)) ? graphemes(characters.join("")) : []
  const culprits = [...new Set(unusual.filter(g => [...g].some(c => !septets.has(c))))]
  const encoding = culprits.length ? "UCS-2" : "GSM-7"
  const { single, split, costs: costsOf } = alphabets[encoding]
  const costs = costsOf(characters)
  const units = costs.reduce((sum, n) => sum + n, 0)
  const segments = units <= single ? 1 : pack(costs, split)
  return { encoding, units, segments, room: segments === 1 ? single : segments * split, culprits }
}

// pack counts the SMS of size units that hold costs in order. What a reader takes
// for one character is not cut: it moves to the next SMS and leaves room unused.
// What no SMS can hold is cut all the same.
function pack(costs, size) {
  let segments = 1, used = 0
  for (const n of costs) {
    if (used + n > size && used > 0) { segments++; used = 0 }
    used += n
    for (; used > size; used -= size) segments++
  }
  return segments
}

// plain is text with typographic look-alikes replaced by GSM-7 characters.
export function plain(text) {
  return [...text].map(c => plainer.get(c) ?? c).join("")
}
