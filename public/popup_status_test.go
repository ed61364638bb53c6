package public_test

import (
	"maps"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
)

// agentText is a text of Ana's in a state, with the code and the words of its problem.
func agentText(seq int, text, state string, problem ...string) object {
	e := textEntry(seq, "out", text, state, "")
	if len(problem) == 2 {
		e["problem"] = object{"code": problem[0], "text": problem[1]}
	}
	return e
}

func with(e object, more object) object {
	e = maps.Clone(e)
	maps.Copy(e, more)
	return e
}

// setEntries makes the conversation consist of these entries, numbered from 1.
func (s *fakeServer) setEntries(entries ...object) {
	for i, e := range entries {
		e["seq"], e["rev"] = i+1, i+1
	}
	snapshot := with(s.opened(), object{"rev": len(entries), "entries": entries})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshot = snapshot
}

const (
	notInList  = "The carrier's list does not have this text, so it was probably not sent."
	noEvidence = "The carrier could not say whether this text was sent."
)

// message waits for the text with these words.
func message(page *rod.Page, words string) *rod.Element {
	return page.MustElementR("li.message", words)
}

func button(e *rod.Element, words string) *rod.Element {
	return e.MustElementR(".choices .button", words)
}

// TestStatuses shows a text of every status in one conversation.
func TestStatuses(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	server.setEntries(
		textEntry(1, "in", "hello", "", ""),
		agentText(0, "This one has arrived", "delivered"),
		agentText(0, "This one waits", "saved", "20429", "Twilio is taking no more texts for a moment."),
		agentText(0, "This one is being looked for", "unknown", "looking", "Delivery unknown. Checking with the carrier."),
		agentText(0, "This one is not in the list", "unknown", "missing", notInList),
		with(textEntry(0, "in", "Hello again?", "", ""), object{"said": "2026-11-22T09:42:00Z"}),
		agentText(0, "This one has no evidence", "unknown", "no_evidence", noEvidence),
		agentText(0, "This one was left", "unknown", "left", "Ana Ruiz kept it as it is. It is not known whether it was sent."),
		agentText(0, "This one was sent twice", "unknown", "again", "Ana Ruiz sent it again. It is not known whether this one was sent."),
		agentText(0, "This one failed", "failed", "30003", "The phone is switched off or out of reach."),
		agentText(0, "This one was not wanted", "failed", "opted_out", "Not sent: the shopper asked this number to stop texting."),
		with(agentText(0, "This one was sent twice", "sent"), object{"again": 9}),
	)
	page := server.open(t)
	page.MustElementR(".text", "twice")
	const see = `() => [...document.querySelectorAll("li.message")].map(m => {
		const words = s => [...m.querySelectorAll(s)].filter(e => e.checkVisibility()).map(e => e.innerText.trim()).join(" | ")
		return [words(".text"), words(".stamp .state"), words(".problem > p:not(.refused)"), words(".choices .button"), words(".related")].join(" / ") }).join("\n")`
	want := `hello /  /  /  / 
This one has arrived / Delivered /  /  / 
This one waits / Waiting / Twilio is taking no more texts for a moment. It is sent automatically. /  / 
This one is being looked for / Checking / Delivery unknown. Checking with the carrier. /  / 
This one is not in the list / Unknown / Was this sent? The carrier's list does not have this text, so it was probably not sent. / Check again | Send again | Keep as it is / 
Hello again? /  /  /  / 
This one has no evidence / Unknown / Was this sent? The carrier could not say whether this text was sent. / Check again | Send again | Keep as it is / 
This one was left / Kept as it is / Ana Ruiz kept it as it is. It is not known whether it was sent. / Check again | Send again / 
This one was sent twice / Unknown / Ana Ruiz sent it again. It is not known whether this one was sent. /  / Sent again below
This one failed / Not delivered / The phone is switched off or out of reach. 30003 / Send again / 
This one was not wanted / Not delivered / Not sent: the shopper asked this number to stop texting. /  / 
This one was sent twice / Sent /  /  / Sent again: see the earlier one`
	if got := page.MustEval(see).Str(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	message(page, "Hello again").MustElementR("time", "^Sent .*9:42.*, arrived late at .*10:00")
	screenshot(t, page, "statuses-end")
	page.MustEval(`() => { document.querySelector(".scroller").scrollTop = 260 }`)
	screenshot(t, page, "statuses-middle")
	page.MustEval(`() => { document.querySelector(".scroller").scrollTop = 0 }`)
	screenshot(t, page, "statuses-start")
}

// TestDecision: a decision is sent once, shown as under way, sent again after the
// connection was lost, and can be made again when refused.
func TestDecision(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	server.setEntries(textEntry(1, "in", "hello", "", ""), agentText(0, "Are you there?", "unknown", "missing", notInList))
	page := server.open(t)
	text := message(page, "Are you there")
	page.MustElementR("[role=status]", "A text to Jane Doe needs a decision.*Are you there")

	button(text, "Check again").MustClick()
	asked := server.waitFor(t, "check")
	if asked["seq"] != 2.0 || len(asked) != 3 {
		t.Errorf("sent %v", asked)
	}
	page.MustElementR(".button:disabled", "Checking")
	if n := len(text.MustElements(".choices .button:not(:disabled)")); n != 0 {
		t.Errorf("%d buttons can be pressed while the decision is unanswered", n)
	}
	server.disconnect(4001)
	if again := server.waitFor(t, "check"); again["id"] != asked["id"] {
		t.Errorf("sent %v, then %v", asked, again)
	}
	server.send(object{"type": "refused", "id": asked["id"], "code": "unavailable", "text": "That can't be done right now."})
	page.MustElementR(".refused:not([hidden])", "can't be done right now")
	screenshot(t, page, "decision-refused")
	button(text, "Keep as it is").MustClick()
	left := server.waitFor(t, "leave")
	server.send(object{"type": "saved", "id": left["id"], "seq": 0})
	server.send(server.changed(2, with(agentText(2, "Are you there?", "unknown", "left", "Ana Ruiz kept it as it is."), object{"rev": 3})))
	page.MustElementR(".problem", "Ana Ruiz kept it")
	if text.MustHas("[data-needs-decision]") || text.MustHas(".refused:not([hidden])") {
		t.Error("the text still needs a decision")
	}
}

// TestSendAgain: an unknown text is sent again after a second click, and once even if
// the answer is lost. Both texts stay and link to each other.
func TestSendAgain(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	server.setEntries(textEntry(1, "in", "hello", "", ""), agentText(0, "Are you there?", "unknown", "no_evidence", noEvidence))
	page := server.open(t)
	first := message(page, "Are you there")
	button(first, "Send again").MustClick()
	first.MustElementR(".choices p", "may get it twice")
	if got := page.MustEval(`() => document.activeElement.textContent`).Str(); got != "Send again" {
		t.Errorf("the focus is on %q", got)
	}
	page.Keyboard.MustType(input.Escape)
	button(first, "Keep as it is")
	button(first, "Send again").MustClick()
	screenshot(t, page, "confirm")
	button(first, "Don’t send").MustClick()
	button(first, "Send again").MustType(input.Enter)
	first.MustElement(".choices p")
	page.Keyboard.MustType(input.Enter)

	asked := server.waitFor(t, "again")
	if asked["seq"] != 2.0 || asked["seen"] != 2.0 || asked["anyway"] != false || len(asked) != 5 {
		t.Errorf("sent %v", asked)
	}
	first.MustElementR(".button:disabled", "Sending…")
	page.MustElementR(`[data-state="pending"]`, "Are you there")
	screenshot(t, page, "again-pending")
	server.disconnect(4001)
	if again := server.waitFor(t, "again"); again["id"] != asked["id"] {
		t.Errorf("sent %v, then %v", asked, again)
	}
	server.send(object{"type": "saved", "id": asked["id"], "seq": 3})
	second := with(agentText(3, "Are you there?", "sent"), object{"again": 2, "rev": 4, "origin": "agent:" + asked["id"].(string)})
	frame := server.changed(2, second)
	frame["rev"] = 4
	frame["entries"] = []object{with(agentText(2, "Are you there?", "unknown", "again", "Ana Ruiz sent it again."), object{"rev": 3}), second}
	server.send(frame)
	page.MustElement(`[data-state="sent"]`)
	if n := len(page.MustElements("li.message")); n != 3 {
		t.Errorf("%d messages on screen, want 3", n)
	}
	if first.MustHas(".choices:not([hidden])") {
		t.Error("the first can be sent again a second time")
	}
	screenshot(t, page, "again")
	page.MustElementR(".related:not([hidden])", "see the earlier one").MustClick()
	if !first.MustMatches(":focus") {
		t.Error("the second does not link to the first")
	}
	first.MustElementR(".related:not([hidden])", "Sent again below").MustClick()
	page.MustElement(`[data-state="sent"]:focus`)
}

// TestSendAgainRefused: a colleague answered in the meantime.
func TestSendAgainRefused(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	server.setEntries(textEntry(1, "in", "hello", "", ""), agentText(0, "Are you there?", "failed", "30003", "The phone is switched off."))
	page := server.open(t)
	button(message(page, "Are you there"), "Send again").MustClick() // it failed for certain: no warning
	asked := server.waitFor(t, "again")
	server.send(object{"type": "refused", "id": asked["id"], "code": "newer", "text": "Ben answered meanwhile.",
		"newer": []object{textEntry(3, "out", "I was faster", "sent", "")}})
	page.MustElementR(".newer", "I was faster")
	page.MustElementR(`[data-state="failed"] .button:not(:disabled)`, "Send again") // it can still be sent
	page.MustElementR(".choices .button", "Send anyway").MustClick()
	if again := server.waitFor(t, "again"); again["id"] != asked["id"] || again["anyway"] != true {
		t.Errorf("sent %v", again)
	}
}

// TestDecisionOutOfSight: a text that needs a decision is pointed out while another part
// of the conversation, or another window, is on screen.
func TestDecisionOutOfSight(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	entries := []object{agentText(0, "Are you there?", "unknown", "looking", "Being checked.")}
	for range 40 {
		entries = append(entries, textEntry(0, "in", "word after word", "", ""))
	}
	server.setEntries(entries...)
	page := server.open(t)
	page.MustEval(`() => { Object.defineProperty(document, "hidden", { get: () => true, configurable: true }) }`)
	server.send(server.changed(41, with(agentText(1, "Are you there?", "unknown", "missing", notInList), object{"rev": 42})))
	pointer := page.MustElementR("[data-part=attention]:not([hidden])", "1 text needs a decision")
	if title := page.MustEval(`() => document.title`).Str(); title != "(1) Jane Doe · Sidetext" {
		t.Errorf("the title is %q", title)
	}
	screenshot(t, page, "attention")
	pointer.MustClick()
	page.MustElement("[data-part=attention][hidden]")
	if !message(page, "Are you there").MustMatches(":focus") {
		t.Error("the text does not have the focus")
	}
}

// TestDraftIsGuarded: the browser asks before it closes a page with a draft, and only
// then.
func TestDraftIsGuarded(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	text := page.MustElement("textarea")
	text.MustInput("half a thou").MustType(input.KeyG)
	wait, handle := page.MustHandleDialog()
	page.MustEval(`() => { setTimeout(() => location.reload()) }`)
	if asked := wait(); asked.Type != "beforeunload" {
		t.Errorf("sent %v", asked)
	}
	handle(false, "")
	if got := page.MustElement("textarea").MustProperty("value").Str(); got != "half a thoug" {
		t.Errorf("the draft is %q", got)
	}
	text.MustSelectAllText().MustType(input.Backspace)
	page.MustReload()
	page.MustElement("main:not([hidden]) .message")
}
