package public_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	server.signedOut.Store(true)
	page := server.open(t)
	page.MustElement("#agent-search").MustInput("ber")
	if gap := page.MustEval(`() => {
		const why = document.querySelector(".agent-picker [data-part=why]"), title = document.querySelector(".agent-picker h1")
		why.hidden = false
		why.textContent = "You were signed out."
		return title.getBoundingClientRect().top - why.getBoundingClientRect().bottom
	}`).Num(); gap < 8 {
		t.Errorf("the reason for the sign-out ends %v pixels above the heading", gap)
	}
	page.MustElement("#agent-search").MustType(input.Enter)
	code := page.MustElement("#code")
	code.MustInput("999999")
	page.MustElementR("#code-problem", "not the code")
	code.MustInput("Code: 123 456")
	page.MustElementR("h1", "Jane Doe")
	if url := page.MustInfo().URL; strings.Contains(url, "launchtoken") {
		t.Errorf("the token stayed in the address: %s", url)
	}
	if got := page.MustEval(`() => localStorage.length + sessionStorage.length`).Int(); got != 0 {
		t.Errorf("%d items left in storage", got)
	}
}

// TestNotSentTwice: if the answer is lost with the connection, the text is sent again
// with the same id, and is pending until it is answered.
func TestNotSentTwice(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	page.MustElement("textarea").MustInput("On its way").MustType(input.Enter)
	first := server.waitFor(t, "send")
	page.MustElement(`[data-state="pending"]`)
	server.disconnect(4001)
	second := server.waitFor(t, "send")
	if first["id"] != second["id"] || second["text"] != "On its way" {
		t.Errorf("sent %v, then %v", first, second)
	}
	origin := "agent:" + second["id"].(string)
	server.send(object{"type": "saved", "id": second["id"], "seq": 2})
	server.send(server.changed(1, textEntry(2, "out", "On its way", "delivered", origin)))
	page.MustElement(`[data-state="delivered"]`)
	if n := len(page.MustElements(".message")); n != 2 {
		t.Errorf("%d messages on screen, want 2", n)
	}
}

func TestColleagueAnsweredFirst(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	page.MustElement("textarea").MustInput("Me first").MustType(input.Enter)
	sent := server.waitFor(t, "send")
	server.send(object{"type": "refused", "id": sent["id"], "code": "newer", "text": "Ben answered meanwhile.",
		"newer": []object{textEntry(2, "out", "I was faster", "sent", "")}})
	page.MustElementR(".newer", "I was faster")
	page.MustElementR(".choices .button", "Send anyway").MustClick()
	again := server.waitFor(t, "send")
	if again["id"] != sent["id"] || again["anyway"] != true {
		t.Errorf("got %v", again)
	}
}

// TestDraftSurvivesSignOut: the session ends while a text is unanswered and another
// begun.
func TestDraftSurvivesSignOut(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	page.MustElement("textarea").MustInput("sent but unanswered").MustType(input.Enter)
	sent := server.waitFor(t, "send")
	page.MustElement("textarea").MustInput("half a thou")
	server.signedOut.Store(true)
	server.disconnect(4401)
	page.MustElementR(".agent", "Ana").MustClick()
	page.MustElement("#code").MustInput("123456")
	if again := server.waitFor(t, "send"); again["id"] != sent["id"] {
		t.Errorf("sent again as %v", again)
	}
	if got := page.MustElement("textarea").MustProperty("value").Str(); got != "half a thou" {
		t.Errorf("the draft is %q", got)
	}
}

// TestTextIsEscaped: nothing in a text becomes markup or a dangerous link, and the page
// does not violate its content security policy.
func TestTextIsEscaped(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	page.MustEval(`() => { window.broken = []; addEventListener("securitypolicyviolation", e => broken.push(e.blockedURI)) }`)
	evil := "<img src=x onerror=alert(1)><script>alert(1)</script> javascript:alert(1) " +
		"data:text/html,x see (https://ok.example/a?b=c). \u202egnp.exe http://user@evil.example/"
	server.send(server.changed(1, textEntry(2, "in", evil, "", "")))
	page.MustElementR(".text", "onerror")
	var got struct{ Links, Rels, Broken []string }
	raw := page.MustEval(`() => JSON.stringify({
		links: [...document.querySelectorAll(".text a")].map(a => a.href),
		rels: [...document.querySelectorAll(".text a")].map(a => a.rel + a.target), broken })`).Str()
	if err := json.Unmarshal([]byte(raw), &got); err != nil {
		t.Fatal(err)
	}
	if want := "https://ok.example/a?b=c http://user@evil.example/"; strings.Join(got.Links, " ") != want {
		t.Errorf("links %q, want %q", got.Links, want)
	}
	for _, rel := range got.Rels {
		if rel != "noopener noreferrer nofollow_blank" {
			t.Errorf("rel %q", rel)
		}
	}
	if n := len(page.MustElements(".text img, .text script")); n+len(got.Broken) != 0 {
		t.Errorf("%d elements were made from text; %v blocked", n, got.Broken)
	}
}

// TestLiveOnlyWhileLive: "Live" is shown only while the connection is live.
func TestLiveOnlyWhileLive(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	page.MustElement(".live:not([hidden])")
	server.send(object{"type": "stale"})
	page.MustElementR(".connection-banner:not([hidden])", "out of date")
	if page.MustHas(".live:not([hidden])") {
		t.Error("\"Live\" is shown while out of date")
	}
	server.send(object{"type": "beat", "rev": 1})
	page.MustElement(".connection-banner[hidden]")
	server.refusing.Store(true)
	server.disconnect(http.StatusOK) // an unknown close code
	page.MustElementR(".connection-banner:not([hidden])", "Connection lost")
	screenshot(t, page, "connection-lost")
}

// TestSmallWindow: one click opens the window, and the tab disconnects.
func TestSmallWindow(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	wait := page.MustWaitOpen()
	page.MustElement("[data-part=detach]").MustClick()
	small := wait().Timeout(testTimeout)
	small.MustElement("main:not([hidden]) .message")
	if small.MustHas("[data-part=detach]:not([hidden])") {
		t.Error("a small window can open another")
	}
	if wide := small.MustEval(`() => innerWidth`).Int(); wide != 420 { // the height depends on the window's frame
		t.Errorf("the window is %d pixels wide", wide)
	}
	page.MustElementR("h1", "own window")
	page.MustElementR("button", "Use this tab").MustClick()
	page.MustElement("side-start-screen[hidden]")
}

// TestHeader shows who has the conversation, why, and whether a reply from the ticket
// reaches the shopper.
func TestHeader(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	show := func(rev int, change, shopper object) {
		now := maps.Clone(conversation)
		maps.Copy(now, change)
		person := maps.Clone(conversation["shopper"].(object))
		maps.Copy(person, shopper)
		now["shopper"] = person
		frame := server.changed(rev, textEntry(rev+1, "in", "my order is late", "", ""))
		frame["conversation"] = now
		server.send(frame)
	}
	escalation := object{"reason": "unknown_keyword", "why": "", "at": "2026-11-22T10:00:00Z", "agent": nil, "later": []object{}}
	show(1, object{"escalation": escalation}, nil)
	page.MustElementR("[data-part=mode]", "^Waiting for you$")
	page.MustElement("[data-part=no-email][hidden]")
	screenshot(t, page, "header-waiting")

	more := maps.Clone(escalation)
	more["agent"] = object{"id": "2", "name": "Ben Okafor"}
	more["later"] = []object{{"reason": "end_subscription", "why": ""}, {"reason": "carrier_opt_out", "why": "Texted CANCEL. It may mean the subscription (no e-mail address is known to ask)"}}
	show(2, object{"escalation": more, "opted_out": true, "ticket": object{"id": "77", "url": "https://acme.gorgias.com/app/ticket/77", "open": true}}, object{"email": ""})
	page.MustElementR("[data-part=mode]", "^With Ben Okafor$")
	page.MustElementR("[data-part=reason]", "didn’t understand · Wants to end the subscription$")
	page.MustElementR("[data-part=why]", "Texted CANCEL. It may mean the subscription")
	page.MustElement("[data-part=no-email][hidden]")
	page.MustElementR("[data-part=closed-words]", "Nothing can be sent.*No e-mail address.*can’t be delivered")
	screenshot(t, page, "header-all")

	mine := maps.Clone(escalation)
	mine["agent"] = object{"id": "1", "name": "Ana Ruiz"}
	show(3, object{"escalation": mine}, object{"email": ""})
	page.MustElementR("[data-part=mode]", "^With you$")
	page.MustElementR("[data-part=no-email]:not([hidden])", "^No e-mail address is known.*can’t be delivered")
	page.MustElement("[data-part=hand-back]").MustClick()
	page.MustElementR("[data-part=confirm-no]", "^Cancel$")
	screenshot(t, page, "header-hand-back")
}

// TestComposerCounts: how many texts the draft takes, what is left of the last one, and
// which characters make it shorter.
func TestComposerCounts(t *testing.T) {
	t.Parallel()
	page := newFakeServer(t).open(t)
	for _, test := range [][3]string{
		{"plain words here", "", "1 text · 144 left"},
		{"I’d like “this” – and\u00a0more", "70 per text because of ’ “ ” – and more", "1 text · 44 left"},
		{strings.Repeat("a", 1600), "Long: this is sent as 11 texts.", "11 texts · 83 left"},
		{strings.Repeat("a", 71) + "–", "2 texts instead of 1 because of –", "2 texts · 62 left"},
	} {
		page.MustElement("textarea").MustSelectAllText().MustInput(test[0])
		waitForText(t, page, "[data-part=advice-words]", test[1])
		waitForText(t, page, ".count", test[2])
	}
}

func TestHandBack(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	page.MustElement("[data-part=hand-back]").MustClick()
	page.MustElement("[data-part=confirm-no]").MustClick()
	page.MustElement("[data-part=hand-back]").MustClick()
	page.MustElement("[data-part=confirm-yes]").MustClick()
	asked := server.waitFor(t, "hand_back")
	page.MustElementR("[data-part=hand-back]:disabled", "Handing back")
	server.send(object{"type": "refused", "id": asked["id"], "code": "unavailable", "text": "Not right now."})
	page.MustElementR("[data-part=refused]", "Not right now")
	page.MustElement("[data-part=hand-back]:not(:disabled)")
}

// TestScrollAnchorOnNewTexts: while earlier texts are being read, texts that arrive above
// and below do not move them, and a button counts those below.
func TestScrollAnchorOnNewTexts(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	var entries []object
	for seq := 101; seq <= 160; seq++ {
		entries = append(entries, textEntry(seq, "in", "word after word", "", ""))
	}
	snapshot := server.opened()
	snapshot["rev"], snapshot["entries"], snapshot["earlier"] = 160, entries, true
	server.send(snapshot)
	page.MustElement("[data-part=earlier]:not([hidden])")
	const top = `() => { const s = document.querySelector(".scroller").getBoundingClientRect().top
		const m = [...document.querySelectorAll(".message")].at(-60 - (window.below ?? 0)); return m.getBoundingClientRect().top - s }`
	page.MustEval(`() => { document.querySelector(".scroller").scrollTop = 0 }`)
	page.MustElement("[data-part=pill]:not([hidden])")
	before := page.MustEval(top).Num()
	page.MustElement("[data-part=earlier]").MustClick()
	if asked := server.waitFor(t, "earlier"); asked["before"] != 101.0 {
		t.Errorf("requested %v", asked)
	}
	server.send(object{"type": "earlier", "earlier": false, "entries": []object{textEntry(99, "in", "older", "", ""), textEntry(100, "in", "old", "", "")}})
	page.MustElementR(".text", "older")
	server.send(server.changed(160, textEntry(161, "in", "newest", "", "")))
	page.MustElementR("[data-part=pill][data-new]", "1 new text")
	page.MustEval(`() => { window.below = 1 }`)
	// Two pixels for rounding; the button above is gone.
	if after := page.MustEval(top).Num(); after < before-2 || after > before+2 {
		t.Errorf("moved from %v to %v", before, after)
	}
	page.MustElement("[data-part=pill]").MustClick()
	page.MustElement("[data-part=pill][hidden]")
}
