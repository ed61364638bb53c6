package public_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"sidetext/public"
)

// TestModules runs the browser's own tests where they will run: in a browser.
func TestModules(t *testing.T) {
	t.Parallel()
	tests, err := filepath.Glob("*/test/*_test.js")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests found: %v", err)
	}
	page := newDesk(t).open(t)
	for _, name := range tests {
		t.Run(name, func(t *testing.T) {
			run := "() => import('/public/" + name + "').then(() => '', e => e.stack)"
			if got := page.Timeout(lastResort).MustEval(run).Str(); got != "" {
				t.Error(got)
			}
		})
	}
}

// TestEverythingIsServed: what a page names is embedded, and tests are not.
func TestEverythingIsServed(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"common", "console", "demo", "popup"} {
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name := folder + "/" + file.Name()
			if name == "console/pages" {
				continue // templates, which only the server reads
			}
			if _, err := public.FS.Open(name); (err == nil) == file.IsDir() {
				t.Errorf("%s: embedded %v", name, err == nil)
			}
		}
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	desk.signedOut.Store(true)
	page := desk.open(t)
	page.MustElement("#agent-search").MustInput("ber")
	if gap := page.MustEval(`() => {
		const why = document.querySelector(".pick [data-part=why]"), title = document.querySelector(".pick h1")
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
		t.Errorf("%d things left in storage", got)
	}
}

// TestNotSentTwice: the answer is lost with the connection; the text comes again
// under the same id, and is pending until somebody answers for it.
func TestNotSentTwice(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	page.MustElement("textarea").MustInput("On its way").MustType(input.Enter)
	first := desk.await(t, "send")
	page.MustElement(`[data-state="pending"]`)
	desk.hangUp(4001)
	second := desk.await(t, "send")
	if first["id"] != second["id"] || second["text"] != "On its way" {
		t.Errorf("sent %v, then %v", first, second)
	}
	origin := "agent:" + second["id"].(string)
	desk.say(object{"type": "saved", "id": second["id"], "seq": 2})
	desk.say(desk.changed(1, said(2, "out", "On its way", "delivered", origin)))
	page.MustElement(`[data-state="delivered"]`)
	if n := len(page.MustElements(".message")); n != 2 {
		t.Errorf("%d messages on screen, want 2", n)
	}
}

func TestColleagueWasFaster(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	page.MustElement("textarea").MustInput("Me first").MustType(input.Enter)
	sent := desk.await(t, "send")
	desk.say(object{"type": "refused", "id": sent["id"], "code": "newer", "text": "Ben answered meanwhile.",
		"newer": []object{said(2, "out", "I was faster", "sent", "")}})
	page.MustElementR(".newer", "I was faster")
	page.MustElementR(".choices .button", "Send anyway").MustClick()
	again := desk.await(t, "send")
	if again["id"] != sent["id"] || again["anyway"] != true {
		t.Errorf("got %v", again)
	}
}

// TestSignedOutKeepsWhatWasWritten: the session ends in the middle of a thought.
func TestSignedOutKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	page.MustElement("textarea").MustInput("sent but unanswered").MustType(input.Enter)
	sent := desk.await(t, "send")
	page.MustElement("textarea").MustInput("half a thou")
	desk.signedOut.Store(true)
	desk.hangUp(4401)
	page.MustElementR(".agent", "Ana").MustClick()
	page.MustElement("#code").MustInput("123456")
	if again := desk.await(t, "send"); again["id"] != sent["id"] {
		t.Errorf("sent again as %v", again)
	}
	if got := page.MustElement("textarea").MustProperty("value").Str(); got != "half a thou" {
		t.Errorf("the draft is %q", got)
	}
}

// TestStrangersTextStaysText: nothing a shopper writes becomes markup or a
// dangerous link, and the page breaks no rule of its own content policy.
func TestStrangersTextStaysText(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	page.MustEval(`() => { window.broken = []; addEventListener("securitypolicyviolation", e => broken.push(e.blockedURI)) }`)
	evil := "<img src=x onerror=alert(1)><script>alert(1)</script> javascript:alert(1) " +
		"data:text/html,x see (https://ok.example/a?b=c). \u202egnp.exe http://user@evil.example/"
	desk.say(desk.changed(1, said(2, "in", evil, "", "")))
	page.MustElementR(".said", "onerror")
	var got struct{ Links, Rels, Broken []string }
	raw := page.MustEval(`() => JSON.stringify({
		links: [...document.querySelectorAll(".said a")].map(a => a.href),
		rels: [...document.querySelectorAll(".said a")].map(a => a.rel + a.target), broken })`).Str()
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
	if n := len(page.MustElements(".said img, .said script")); n+len(got.Broken) != 0 {
		t.Errorf("%d elements came to life; %v blocked", n, got.Broken)
	}
}

// TestScreenCannotLie: "Live" is said only while it is true.
func TestScreenCannotLie(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	page.MustElement(".live:not([hidden])")
	desk.say(object{"type": "stale"})
	page.MustElementR(".trust:not([hidden])", "out of date")
	if page.MustHas(".live:not([hidden])") {
		t.Error("live and out of date at once")
	}
	desk.say(object{"type": "beat", "rev": 1})
	page.MustElement(".trust[hidden]")
	desk.shut.Store(true)
	desk.hangUp(http.StatusOK) // a code that means nothing
	page.MustElementR(".trust:not([hidden])", "Connection lost")
	shoot(t, page, "connection-lost")
}

// TestSmallWindow: one click, one window; the tab steps back and disconnects.
func TestSmallWindow(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	wait := page.MustWaitOpen()
	page.MustElement("[data-part=detach]").MustClick()
	small := wait().Timeout(lastResort)
	small.MustElement("main:not([hidden]) .message")
	if small.MustHas("[data-part=detach]:not([hidden])") {
		t.Error("a small window offers another")
	}
	if wide := small.MustEval(`() => innerWidth`).Int(); wide != 420 { // its height depends on the window's frame
		t.Errorf("the window is %d pixels wide", wide)
	}
	page.MustElementR("h1", "own window")
	page.MustElementR("button", "Use this tab").MustClick()
	page.MustElement("side-gate[hidden]")
}

// TestHeaderSaysWhoHasIt: who has the conversation, why, and whether an ordinary
// reply reaches the shopper.
func TestHeaderSaysWhoHasIt(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	show := func(rev int, change, shopper object) {
		now := maps.Clone(conversation)
		maps.Copy(now, change)
		person := maps.Clone(conversation["shopper"].(object))
		maps.Copy(person, shopper)
		now["shopper"] = person
		frame := desk.changed(rev, said(rev+1, "in", "my order is late", "", ""))
		frame["conversation"] = now
		desk.say(frame)
	}
	called := object{"reason": "unknown_keyword", "why": "", "at": "2026-11-22T10:00:00Z", "agent": nil, "later": []object{}}
	show(1, object{"escalation": called}, nil)
	page.MustElementR("[data-part=mode]", "^Waiting for you$")
	page.MustElement("[data-part=no-email][hidden]")
	shoot(t, page, "header-waiting")

	more := maps.Clone(called)
	more["agent"] = object{"id": "2", "name": "Ben Okafor"}
	more["later"] = []object{{"reason": "end_subscription", "why": ""}, {"reason": "carrier_opt_out", "why": "Texted CANCEL. It may mean the subscription (no e-mail address is known to ask)"}}
	show(2, object{"escalation": more, "opted_out": true, "ticket": object{"id": "77", "url": "https://acme.gorgias.com/app/ticket/77", "open": true}}, object{"email": ""})
	page.MustElementR("[data-part=mode]", "^With Ben Okafor$")
	page.MustElementR("[data-part=reason]", "didn’t understand · Wants to end the subscription$")
	page.MustElementR("[data-part=why]", "Texted CANCEL. It may mean the subscription")
	page.MustElement("[data-part=no-email][hidden]")
	page.MustElementR("[data-part=closed-words]", "Nothing can be sent.*No e-mail address.*can’t be delivered")
	shoot(t, page, "header-all")

	mine := maps.Clone(called)
	mine["agent"] = object{"id": "1", "name": "Ana Ruiz"}
	show(3, object{"escalation": mine}, object{"email": ""})
	page.MustElementR("[data-part=mode]", "^With you$")
	page.MustElementR("[data-part=no-email]:not([hidden])", "^No e-mail address is known.*can’t be delivered")
	page.MustElement("[data-part=hand-back]").MustClick()
	page.MustElementR("[data-part=confirm-no]", "^Cancel$")
	shoot(t, page, "header-hand-back")
}

func TestHandBack(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	page.MustElement("[data-part=hand-back]").MustClick()
	page.MustElement("[data-part=confirm-no]").MustClick()
	page.MustElement("[data-part=hand-back]").MustClick()
	page.MustElement("[data-part=confirm-yes]").MustClick()
	asked := desk.await(t, "hand_back")
	page.MustElementR("[data-part=hand-back]:disabled", "Handing back")
	desk.say(object{"type": "refused", "id": asked["id"], "code": "unavailable", "text": "Not right now."})
	page.MustElementR("[data-part=refused]", "Not right now")
	page.MustElement("[data-part=hand-back]:not(:disabled)")
}

// TestReaderKeepsThePlace: while somebody reads further up, what arrives above
// and below does not move the words under their eyes, and a pill counts it.
func TestReaderKeepsThePlace(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	var entries []object
	for seq := 101; seq <= 160; seq++ {
		entries = append(entries, said(seq, "in", "word after word", "", ""))
	}
	whole := desk.opened()
	whole["rev"], whole["entries"], whole["earlier"] = 160, entries, true
	desk.say(whole)
	page.MustElement("[data-part=earlier]:not([hidden])")
	const top = `() => { const s = document.querySelector(".scroller").getBoundingClientRect().top
		const m = [...document.querySelectorAll(".message")].at(-60 - (window.below ?? 0)); return m.getBoundingClientRect().top - s }`
	page.MustEval(`() => { document.querySelector(".scroller").scrollTop = 0 }`)
	page.MustElement("[data-part=pill]:not([hidden])")
	before := page.MustEval(top).Num()
	page.MustElement("[data-part=earlier]").MustClick()
	if asked := desk.await(t, "earlier"); asked["before"] != 101.0 {
		t.Errorf("asked for %v", asked)
	}
	desk.say(object{"type": "earlier", "earlier": false, "entries": []object{said(99, "in", "older", "", ""), said(100, "in", "old", "", "")}})
	page.MustElementR(".said", "older")
	desk.say(desk.changed(160, said(161, "in", "newest", "", "")))
	page.MustElementR("[data-part=pill][data-new]", "1 new text")
	page.MustEval(`() => { window.below = 1 }`)
	// Two pixels: the button above is gone, and the rest is rounding.
	if after := page.MustEval(top).Num(); after < before-2 || after > before+2 {
		t.Errorf("moved from %v to %v", before, after)
	}
	page.MustElement("[data-part=pill]").MustClick()
	page.MustElement("[data-part=pill][hidden]")
}
