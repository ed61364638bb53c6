import { askable, undecided } from "../decisions.js"
import { fateOf } from "../fate.js"
import { offersFor, offersFrom } from "../offers.js"
import { fileWords, sentWords, sizeWords } from "../words.js"
import { check } from "./check.js"

const text = (state, code, words = "Why.") => ({ kind: "text", way: "out", state, problem: code && { code, text: words } })
const short = (entry, around) => {
  const { name, tone, words, code, asks, offers } = fateOf(entry, around)
  return [name, tone, words, code, asks, offers.join(" ")].join("/")
}

for (const [what, entry, around, want] of [
  ["saved", text("saved"), {}, "saved////false/"],
  ["saved, and has to wait", text("saved", "20429"), {}, "held//Why. It goes out by itself.//false/"],
  ["saved, behind one that waits", text("saved"), { behind: true }, "held//It goes out after the text before it.//false/"],
  ["sent, behind one that is looked for", text("sent"), { behind: true }, "sent////false/"],
  ["queued", text("queued"), {}, "queued////false/"],
  ["delivered", text("delivered"), {}, "delivered////false/"],
  ["failed", text("failed", "30003"), {}, "failed/bad/Why./30003/false/repeat"],
  ["failed, by a word of ours", text("failed", "too_late"), {}, "failed/bad/Why.//false/repeat"],
  ["failed, opted out", text("failed", "opted_out"), {}, "failed/bad/Why.//false/"],
  ["failed, sent again", text("failed", "30003"), { resent: true }, "failed/bad/Why./30003/false/"],
  ["failed, and nothing can be sent", text("failed", "30003"), { closed: true }, "failed/bad/Why./30003/false/"],
  ["failed, nobody says why", text("failed"), {}, "failed/bad/The provider didn’t say why.//false/repeat"],
  ["looking", text("unknown", "looking"), {}, "looking//Why.//false/"],
  ["missing", text("unknown", "missing"), {}, "asks/warn/Why.//true/check repeat leave"],
  ["no evidence", text("unknown", "no_evidence"), {}, "asks/warn/Why.//true/check repeat leave"],
  ["missing, and nothing can be sent", text("unknown", "missing"), { closed: true }, "asks/warn/Why.//true/check leave"],
  ["missing, and the second is here already", text("unknown", "missing"), { resent: true }, "asks//Why.//false/"],
  ["unknown, from a server that does not say more", text("unknown"), {}, "asks/warn/Nobody could say whether this text was sent.//true/check repeat leave"],
  ["unknown, with a code from the future", text("unknown", "comet"), {}, "asks/warn/Why.//true/check repeat leave"],
  ["left", text("unknown", "left"), {}, "left//Why.//false/check repeat"],
  ["sent again", text("unknown", "again"), {}, "again//Why.//false/"],
]) check(what, short(entry, around), want)

check("only texts to the shopper wait for decisions", [
  undecided(undefined), undecided({ ...text("unknown", "missing"), kind: "note" }), undecided({ ...text("unknown", "missing"), way: "in" }),
  undecided(text("failed", "missing")), undecided(text("unknown", "left")), askable(text("unknown", "left")), undecided(text("unknown", "missing")),
], [false, false, false, false, false, true, true])

const warned = entry => offersFor(entry, fateOf(entry)).filter(o => o.warning).map(o => o.does)
check("what may have been sent asks before it is sent again", [warned(text("unknown", "missing")), warned(text("unknown", "left")), warned(text("failed", "30003"))], [["repeat"], ["repeat"], []])

const refusal = (of, code) => offersFrom({ of, reason: { code } }).map(o => o.does)
check("a refused text may be edited", refusal(0, "too_long"), ["edit", "drop"])
check("a refused repetition is not another text", refusal(2, "newer"), ["anyway", "drop"])
check("trouble may pass", refusal(2, "unavailable"), ["again", "drop"])

for (const [medium, framed, want] of [
  [{ type: "image/jpeg", state: "waiting" }, true, ["picture", "Picture on its way"]],
  [{ type: "image/heic", state: "kept", size: 1_430_000 }, false, ["picture", "Picture, " + sizeWords(1_430_000)]],
  [{ type: "audio/amr", state: "waiting" }, false, ["clip", "Voice message on its way"]],
  [{ type: "audio/amr; rate=8000", state: "kept", size: 1_430_000 }, false, ["clip", "Voice message, " + sizeWords(1_430_000)]],
  [{ type: "application/pdf", state: "kept", size: 1_430_000 }, false, ["clip", "PDF, " + sizeWords(1_430_000)]],
  [{ type: "application/zip", state: "kept", size: 1_430_000 }, false, ["clip", "File, application/zip, " + sizeWords(1_430_000)]],
  [{ type: "text/x-vcard", state: "waiting" }, false, ["clip", "Contact card on its way"]],
  [{ type: "video/3gpp", state: "failed" }, false, ["failed", "Video couldn’t be fetched."]],
  [{ type: "application/pdf", state: "failed", problem: "Too large." }, false, ["failed", "Too large."]],
  [{ type: "", state: "kept" }, false, ["clip", "File, "]],
]) check(form(medium), fileWords(medium, framed), want)

for (const [types, want] of [
  [["image/png"], "sent a picture"],
  [["application/pdf"], "sent a PDF"],
  [["text/x-vcard"], "sent a contact card"],
  [["image/png", "image/jpeg"], "sent 2 pictures"],
  [["image/png", "audio/amr"], "sent 2 files"],
]) check(types.join(" "), sentWords(types.map(type => ({ type }))), want)

function form(medium) { return Object.values(medium).join(" ") }
