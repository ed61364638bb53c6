import { eventWords, fileWords, holderWords, needWords, sentWords } from "../state/words.js"
import { check } from "./check.js"

const human = escalation => ({ mode: "human", escalation, opted_out: false })
const ben = { id: "2", name: "Ben" }
for (const [what, conversation, me, want] of [
  ["automation", { mode: "automated", escalation: null }, "1", "Automation is answering"],
  ["automation, after STOP", { mode: "automated", escalation: null, opted_out: true }, "1", "Texts are stopped"],
  ["not answered yet", human({ agent: null }), "1", "Waiting for you"],
  ["a server that sends no escalation", human(null), "1", "Waiting for you"],
  ["a colleague", human({ agent: ben }), "1", "With Ben"],
  ["the reader", human({ agent: ben }), "2", "With you"],
  ["an agent without a name", human({ agent: { id: "", name: "" } }), "", "With an agent"],
]) check(what, holderWords(conversation, me), want)

const need = (reason, why = "") => ({ reason, why })
for (const [what, escalation, reasons, why] of [
  ["none", null, "", ""],
  ["one", { ...need("unknown_keyword"), later: [] }, "The automation didn’t understand", ""],
  ["a later one", { ...need("unknown_keyword"), later: [need("end_subscription")] }, "The automation didn’t understand · Wants to end the subscription", ""],
  ["the same twice", { ...need("asked_for_change", "Skip my next order"), later: [need("asked_for_change", "Swap products")] }, "Asked for a change", "Skip my next order · Swap products"],
  ["a word that stops texts", { ...need("carrier_opt_out", "Texted CANCEL."), later: [] }, "", "Texted CANCEL."],
  ["a word that stops texts, as stored by earlier versions", { ...need("carrier_opt_out"), later: [] }, "Texted a word that stops all texts", ""],
  ["an agent took over", { ...need("taken_over"), later: [need("order_status")], agent: ben }, "Asked where an order is", ""],
  ["reopened", { ...need("taken_over"), later: [], agent: null }, "The ticket was reopened", ""],
  ["no reason left", { ...need(""), later: [] }, "", ""],
  ["a reason of a later server", { ...need("exploded"), later: [] }, "Needs a person", ""],
]) check("needs: " + what, needWords(escalation), { reasons, why })

const event = (name, text, by = { role: "system" }) => ({ event: name, text, by })
for (const [what, entry, want] of [
  ["a person is needed", event("escalated", "automation didn't understand"), ["hand", "Needs a person", "automation didn't understand"]],
  ["a take-over", event("escalated", "", { role: "agent", id: "2", name: "Ben" }), ["hand", "Ben took over", ""]],
  ["a take-over, as stored by earlier versions", event("escalated", "An agent is on it", { role: "agent", name: "" }), ["hand", "An agent took over", ""]],
  ["a later reason", event("need_added", "wants to end the subscription"), ["hand", "Also", "wants to end the subscription"]],
  ["STOP", event("opted_out", "Jane texted STOP."), ["stop", "Jane texted STOP. No texts can be sent.", ""]],
  ["STOP without more", event("opted_out"), ["stop", "No texts can be sent", ""]],
  ["handed back", event("handed_back", "", { role: "agent", name: "Ben" }), ["automation", "Handed back to automation by Ben", ""]],
  ["an event of a later server", event("constructor"), ["clock", "Something happened", ""]],
]) check("event: " + what, eventWords(entry), want)

const office = "application/vnd.openxmlformats-officedocument."
for (const [type, want] of [
  ["audio/mp4", "Voice message"], ["audio/3gpp", "Voice message"], ["audio/x-caf; rate=8000", "Voice message"], ["video/mp4", "Video"],
  [office + "wordprocessingml.document", "Document"], ["application/msword", "Document"], ["application/vnd.oasis.opendocument.text", "Document"],
  [office + "spreadsheetml.sheet", "Table"], ["text/csv", "Table"], ["application/vnd.ms-excel", "Table"],
  [office + "presentationml.presentation", "Presentation"], ["application/vnd.ms-powerpoint", "Presentation"],
  ["application/zip", "File, application/zip"],
]) check("file: " + type, fileWords({ type, size: 0, state: "kept" }), ["clip", want])
check("sent", sentWords([{ type: office + "wordprocessingml.document" }]), "sent a document")
