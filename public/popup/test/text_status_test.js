import { actionsForEntry, actionsForRefused } from "../state/actions.js"
import { decidable, undecided } from "../state/decisions.js"
import { statusOf } from "../state/text-status.js"
import { fileWords, sentWords, sizeWords } from "../state/words.js"
import { check } from "./check.js"

const text = (state, code, words = "Why.") => ({ kind: "text", way: "out", state, problem: code && { code, text: words } })
const summary = (entry, context) => {
  const { name, tone, reason, code, needsDecision, actions } = statusOf(entry, context)
  return [name, tone, reason, code, needsDecision, actions.join(" ")].join("/")
}

for (const [what, entry, context, want] of [
  ["saved", text("saved"), {}, "saved////false/"],
  ["saved, delayed", text("saved", "20429"), {}, "held//Why. It is sent automatically.//false/"],
  ["saved, behind a delayed text", text("saved"), { blocked: true }, "held//It is sent after the text before it.//false/"],
  ["sent, behind an unknown text", text("sent"), { blocked: true }, "sent////false/"],
  ["queued", text("queued"), {}, "queued////false/"],
  ["delivered", text("delivered"), {}, "delivered////false/"],
  ["failed", text("failed", "30003"), {}, "failed/bad/Why./30003/false/repeat"],
  ["failed, with a code of ours", text("failed", "too_late"), {}, "failed/bad/Why.//false/repeat"],
  ["failed, opted out", text("failed", "opted_out"), {}, "failed/bad/Why.//false/"],
  ["failed, sent again", text("failed", "30003"), { resent: true }, "failed/bad/Why./30003/false/"],
  ["failed, nothing can be sent", text("failed", "30003"), { closed: true }, "failed/bad/Why./30003/false/"],
  ["failed, without a reason", text("failed"), {}, "failed/bad/The carrier gave no reason.//false/repeat"],
  ["looking", text("unknown", "looking"), {}, "looking//Why.//false/"],
  ["missing", text("unknown", "missing"), {}, "undecided/warn/Why.//true/check repeat leave"],
  ["no evidence", text("unknown", "no_evidence"), {}, "undecided/warn/Why.//true/check repeat leave"],
  ["missing, nothing can be sent", text("unknown", "missing"), { closed: true }, "undecided/warn/Why.//true/check leave"],
  ["missing, sent again", text("unknown", "missing"), { resent: true }, "undecided//Why.//false/"],
  ["unknown, without a problem", text("unknown"), {}, "undecided/warn/The carrier could not say whether this text was sent.//true/check repeat leave"],
  ["unknown, with a new code", text("unknown", "comet"), {}, "undecided/warn/Why.//true/check repeat leave"],
  ["left", text("unknown", "left"), {}, "left//Why.//false/check repeat"],
  ["sent again", text("unknown", "again"), {}, "again//Why.//false/"],
]) check(what, summary(entry, context), want)

check("only texts to the shopper wait for decisions", [
  undecided(undefined), undecided({ ...text("unknown", "missing"), kind: "note" }), undecided({ ...text("unknown", "missing"), way: "in" }),
  undecided(text("failed", "missing")), undecided(text("unknown", "left")), decidable(text("unknown", "left")), undecided(text("unknown", "missing")),
], [false, false, false, false, false, true, true])

const withWarning = entry => actionsForEntry(entry, statusOf(entry)).filter(a => a.warning).map(a => a.action)
check("a text that may have been sent is not sent again without a warning",
  [text("unknown", "missing"), text("unknown", "left"), text("failed", "30003")].map(withWarning), [["repeat"], ["repeat"], []])

const refused = (of, code) => actionsForRefused({ of, reason: { code } }).map(a => a.action)
check("a refused text can be edited", refused(0, "too_long"), ["edit", "drop"])
check("a refused repetition can't be edited", refused(2, "newer"), ["anyway", "drop"])
check("a temporary problem can be retried", refused(2, "unavailable"), ["again", "drop"])

for (const [media, framed, want] of [
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
]) check(Object.values(media).join(" "), fileWords(media, framed), want)

for (const [types, want] of [
  [["image/png"], "sent a picture"],
  [["application/pdf"], "sent a PDF"],
  [["text/x-vcard"], "sent a contact card"],
  [["image/png", "image/jpeg"], "sent 2 pictures"],
  [["image/png", "audio/amr"], "sent 2 files"],
]) check(types.join(" "), sentWords(types.map(type => ({ type }))), want)
