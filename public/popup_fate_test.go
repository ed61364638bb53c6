package public_test

import (
	"maps"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
)

// sent is a text of Ana's in some state; problem is its code and words.
func sent(seq int, text, state string, problem ...string) object {
	e := said(seq, "out", text, state, "")
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

// holds makes the conversation consist of these entries, numbered from 1.
func (d *desk) holds(entries ...object) {
	for i, e := range entries {
		e["seq"], e["rev"] = i+1, i+1
	}
	whole := with(d.opened(), object{"rev": len(entries), "entries": entries})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.whole = whole
}

const (
	notThere = "The carrier's list does not have this text, so it was probably not sent."
	noWord   = "The carrier could not say whether this text was sent."
)

// message waits for the text with these words.
func message(page *rod.Page, words string) *rod.Element {
	return page.MustElementR("li.message", words)
}

func button(e *rod.Element, words string) *rod.Element {
	return e.MustElementR(".choices .button", words)
}

// TestEveryFate shows everything that may become of a text in one conversation.
func TestEveryFate(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	desk.holds(
		said(1, "in", "hello", "", ""),
		sent(0, "This one has arrived", "delivered"),
		sent(0, "This one waits", "saved", "20429", "Twilio is taking no more texts for a moment."),
		sent(0, "This one is being looked for", "unknown", "looking", "Nobody knows yet whether this was sent. The carrier is being asked."),
		sent(0, "This one is not in the list", "unknown", "missing", notThere),
		with(said(0, "in", "Is anybody there?", "", ""), object{"said": "2026-11-22T09:42:00Z"}),
		sent(0, "This one nobody can tell", "unknown", "no_evidence", noWord),
		sent(0, "This one was left", "unknown", "left", "Ana Ruiz left it as it is. Nobody knows whether it was sent."),
		sent(0, "This one was sent twice", "unknown", "again", "Ana Ruiz sent it again. Nobody knows whether this one was sent."),
		sent(0, "This one failed", "failed", "30003", "The phone is switched off or out of reach."),
		sent(0, "This one was not wanted", "failed", "opted_out", "Not sent: the shopper asked this number to stop texting."),
		with(sent(0, "This one was sent twice", "sent"), object{"again": 9}),
	)
	page := desk.open(t)
	page.MustElementR(".said", "twice")
	const see = `() => [...document.querySelectorAll("li.message")].map(m => {
		const words = s => [...m.querySelectorAll(s)].filter(e => e.checkVisibility()).map(e => e.innerText.trim()).join(" | ")
		return [words(".said"), words(".stamp .state"), words(".problem > p:not(.refused)"), words(".choices .button"), words(".related")].join(" / ") }).join("\n")`
	want := `hello /  /  /  / 
This one has arrived / Delivered /  /  / 
This one waits / Waiting / Twilio is taking no more texts for a moment. It goes out by itself. /  / 
This one is being looked for / Not known yet / Nobody knows yet whether this was sent. The carrier is being asked. /  / 
This one is not in the list / Not known / Was this sent? The carrier's list does not have this text, so it was probably not sent. / Check again | Send again | Leave / 
Is anybody there? /  /  /  / 
This one nobody can tell / Not known / Was this sent? The carrier could not say whether this text was sent. / Check again | Send again | Leave / 
This one was left / Left as it is / Ana Ruiz left it as it is. Nobody knows whether it was sent. / Check again | Send again / 
This one was sent twice / Not known / Ana Ruiz sent it again. Nobody knows whether this one was sent. /  / Sent again below
This one failed / Not delivered / The phone is switched off or out of reach. 30003 / Send again / 
This one was not wanted / Not delivered / Not sent: the shopper asked this number to stop texting. /  / 
This one was sent twice / Sent /  /  / Sent again: see the earlier one`
	if got := page.MustEval(see).Str(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	message(page, "Is anybody there").MustElementR("time", "^Sent .*9:42.*, arrived late at .*10:00")
	shoot(t, page, "fates-end")
	page.MustEval(`() => { document.querySelector(".scroller").scrollTop = 260 }`)
	shoot(t, page, "fates-middle")
	page.MustEval(`() => { document.querySelector(".scroller").scrollTop = 0 }`)
	shoot(t, page, "fates-start")
}

// TestDecision: what an agent decides is asked for once, shown as under way, said
// again after the connection was lost, and may be decided anew when refused.
func TestDecision(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	desk.holds(said(1, "in", "hello", "", ""), sent(0, "Are you there?", "unknown", "missing", notThere))
	page := desk.open(t)
	text := message(page, "Are you there")
	page.MustElementR("[role=status]", "A text to Jane Doe needs a decision.*Are you there")

	button(text, "Check again").MustClick()
	asked := desk.await(t, "check")
	if asked["seq"] != 2.0 || len(asked) != 3 {
		t.Errorf("asked %v", asked)
	}
	page.MustElementR(".button:disabled", "Checking")
	if n := len(text.MustElements(".choices .button:not(:disabled)")); n != 0 {
		t.Errorf("%d buttons can be pressed meanwhile", n)
	}
	desk.hangUp(4001)
	if again := desk.await(t, "check"); again["id"] != asked["id"] {
		t.Errorf("asked %v, then %v", asked, again)
	}
	desk.say(object{"type": "refused", "id": asked["id"], "code": "unavailable", "text": "That can't be done right now."})
	page.MustElementR(".refused:not([hidden])", "can't be done right now")
	shoot(t, page, "decision-refused")
	button(text, "Leave").MustClick()
	left := desk.await(t, "leave")
	desk.say(object{"type": "saved", "id": left["id"], "seq": 0})
	desk.say(desk.changed(2, with(sent(2, "Are you there?", "unknown", "left", "Ana Ruiz left it as it is."), object{"rev": 3})))
	page.MustElementR(".problem", "Ana Ruiz left it")
	if text.MustHas("[data-asks]") || text.MustHas(".refused:not([hidden])") {
		t.Error("it still asks for a decision")
	}
}

// TestSendAgain: not without a second click, and not doubled by a lost answer.
// Both texts stay, and lead to each other.
func TestSendAgain(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	desk.holds(said(1, "in", "hello", "", ""), sent(0, "Are you there?", "unknown", "no_evidence", noWord))
	page := desk.open(t)
	first := message(page, "Are you there")
	button(first, "Send again").MustClick()
	first.MustElementR(".choices p", "may get it twice")
	if got := page.MustEval(`() => document.activeElement.textContent`).Str(); got != "Send again" {
		t.Errorf("the focus is on %q", got)
	}
	page.Keyboard.MustType(input.Escape)
	button(first, "Leave")
	button(first, "Send again").MustClick()
	shoot(t, page, "confirm")
	button(first, "Don’t send").MustClick()
	button(first, "Send again").MustType(input.Enter)
	first.MustElement(".choices p")
	page.Keyboard.MustType(input.Enter)

	asked := desk.await(t, "again")
	if asked["seq"] != 2.0 || asked["seen"] != 2.0 || asked["anyway"] != false || len(asked) != 5 {
		t.Errorf("asked %v", asked)
	}
	first.MustElementR(".button:disabled", "Sending…")
	page.MustElementR(`[data-state="pending"]`, "Are you there")
	shoot(t, page, "again-pending")
	desk.hangUp(4001)
	if again := desk.await(t, "again"); again["id"] != asked["id"] {
		t.Errorf("asked %v, then %v", asked, again)
	}
	desk.say(object{"type": "saved", "id": asked["id"], "seq": 3})
	second := with(sent(3, "Are you there?", "sent"), object{"again": 2, "rev": 4, "origin": "agent:" + asked["id"].(string)})
	frame := desk.changed(2, second)
	frame["rev"] = 4
	frame["entries"] = []object{with(sent(2, "Are you there?", "unknown", "again", "Ana Ruiz sent it again."), object{"rev": 3}), second}
	desk.say(frame)
	page.MustElement(`[data-state="sent"]`)
	if n := len(page.MustElements("li.message")); n != 3 {
		t.Errorf("%d messages on screen, want 3", n)
	}
	if first.MustHas(".choices:not([hidden])") {
		t.Error("the first can be sent again once more")
	}
	shoot(t, page, "again")
	page.MustElementR(".related:not([hidden])", "see the earlier one").MustClick()
	if !first.MustMatches(":focus") {
		t.Error("the second does not lead to the first")
	}
	first.MustElementR(".related:not([hidden])", "Sent again below").MustClick()
	page.MustElement(`[data-state="sent"]:focus`)
}

// TestSendAgainRefused: a colleague answered meanwhile.
func TestSendAgainRefused(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	desk.holds(said(1, "in", "hello", "", ""), sent(0, "Are you there?", "failed", "30003", "The phone is switched off."))
	page := desk.open(t)
	button(message(page, "Are you there"), "Send again").MustClick() // failed for certain: nothing to confirm
	asked := desk.await(t, "again")
	desk.say(object{"type": "refused", "id": asked["id"], "code": "newer", "text": "Ben answered meanwhile.",
		"newer": []object{said(3, "out", "I was faster", "sent", "")}})
	page.MustElementR(".newer", "I was faster")
	page.MustElementR(`[data-state="failed"] .button:not(:disabled)`, "Send again") // may be wanted all the same
	page.MustElementR(".choices .button", "Send anyway").MustClick()
	if again := desk.await(t, "again"); again["id"] != asked["id"] || again["anyway"] != true {
		t.Errorf("asked %v", again)
	}
}

// TestDecisionOutOfSight: what waits for a decision is not lost to whoever reads
// elsewhere, in the conversation or in another window.
func TestDecisionOutOfSight(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	entries := []object{sent(0, "Are you there?", "unknown", "looking", "Being asked.")}
	for range 40 {
		entries = append(entries, said(0, "in", "word after word", "", ""))
	}
	desk.holds(entries...)
	page := desk.open(t)
	page.MustEval(`() => { Object.defineProperty(document, "hidden", { get: () => true, configurable: true }) }`)
	desk.say(desk.changed(41, with(sent(1, "Are you there?", "unknown", "missing", notThere), object{"rev": 42})))
	call := page.MustElementR("[data-part=calls]:not([hidden])", "1 text needs a decision")
	if title := page.MustEval(`() => document.title`).Str(); title != "(1) Jane Doe · Sidetext" {
		t.Errorf("the title is %q", title)
	}
	shoot(t, page, "call")
	call.MustClick()
	page.MustElement("[data-part=calls][hidden]")
	if !message(page, "Are you there").MustMatches(":focus") {
		t.Error("the text is not shown")
	}
}

// TestDraftIsNotLost: closing the page with a text begun asks first, and does
// not once nothing would be lost.
func TestDraftIsNotLost(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	text := page.MustElement("textarea")
	text.MustInput("half a thou").MustType(input.KeyG)
	wait, handle := page.MustHandleDialog()
	page.MustEval(`() => { setTimeout(() => location.reload()) }`)
	if asked := wait(); asked.Type != "beforeunload" {
		t.Errorf("asked %v", asked)
	}
	handle(false, "")
	if got := page.MustElement("textarea").MustProperty("value").Str(); got != "half a thoug" {
		t.Errorf("the draft is %q", got)
	}
	text.MustSelectAllText().MustType(input.Backspace)
	page.MustReload()
	page.MustElement("main:not([hidden]) .message")
}
