package public_test

import (
	"fmt"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
)

// alert returns a "shop" frame about another conversation, at a minute past ten.
func alert(conversation, event, shopper, why string, minute int) object {
	return object{"type": "shop", "event": event, "conversation": conversation, "shopper": shopper, "why": why, "agent": "Ben Okafor",
		"ticket": object{"id": "8", "url": "https://acme.gorgias.com/app/ticket/8", "open": true},
		"at":     fmt.Sprintf("2026-11-22T10:%02d:00Z", minute)}
}

func TestAlertShows(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	server.send(alert("c", "escalated", "Jane Doe", "This conversation", 1))
	server.send(alert("d", "escalated", "Miguel Santos", "End the subscription", 2))
	waitForText(t, page, ".alert .words", "Miguel Santos needs a person: End the subscription")
	waitForText(t, page, "side-alerts [role=status]", "Miguel Santos needs a person: End the subscription")
	link := page.MustElementR(".alert a", "Ticket #8")
	if got := *link.MustAttribute("href") + *link.MustAttribute("rel") + *link.MustAttribute("target"); got != "https://acme.gorgias.com/app/ticket/8noopener noreferrer_blank" {
		t.Errorf("the link is %s", got)
	}
	screenshot(t, page, "alert-one")
	for i := range 4 {
		server.send(alert(fmt.Sprint("e", i), "escalated", fmt.Sprint("Shopper ", i), "Talk to a person", 3+i))
	}
	waitForText(t, page, ".alert [data-part=sentence]", "Shopper 3 needs a person | Shopper 2 needs a person | Shopper 1 needs a person")
	waitForText(t, page, "[data-part=more]", "2 more")
	server.send(alert("e2", "taken", "Shopper 2", "", 10))
	waitForText(t, page, ".alert .words", "Shopper 3 needs a person: Talk to a person | Ben Okafor has Shopper 2 | Shopper 1 needs a person: Talk to a person")
	screenshot(t, page, "alert-many")
	waitForText(t, page, ".alert .words", "Shopper 3 needs a person: Talk to a person | Shopper 1 needs a person: Talk to a person | Shopper 0 needs a person: Talk to a person")
	server.reconnect(t)
	server.send(alert("e1", "escalated", "Shopper 1", "Talk to a person", 4))
	page.MustElementR(".alert [data-part=sentence]", "^Shopper 3 needed a person at ")
	screenshot(t, page, "alert-unconfirmed")
	page.MustElementR("button", "Dismiss all").MustClick()
	waitForText(t, page, ".alerts", "")
}

// TestAlertsByKeyboard: each can be reached and dismissed, and the focus moves to the
// next one, at the end to the text box.
func TestAlertsByKeyboard(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	for i := range 3 {
		server.send(alert(fmt.Sprint("d", i), "escalated", fmt.Sprint("Shopper ", i), "", i))
	}
	waitForText(t, page, ".alert [data-part=sentence]", "Shopper 2 needs a person | Shopper 1 needs a person | Shopper 0 needs a person")
	focused := func(want string) {
		t.Helper()
		if got := page.MustEval(`() => (document.activeElement.closest(".alert, side-composer") ?? document.activeElement).querySelector("[data-part=sentence], label")?.textContent`).Str(); got != want {
			t.Errorf("the focus is on %q, want %q", got, want)
		}
	}
	page.MustEval(`() => document.querySelector(".alert:nth-child(2) a").focus()`)
	page.Keyboard.MustType(input.Escape)
	waitForText(t, page, ".alert [data-part=sentence]", "Shopper 2 needs a person | Shopper 0 needs a person")
	focused("Shopper 0 needs a person")
	page.Keyboard.MustType(input.Escape)
	waitForText(t, page, ".alert [data-part=sentence]", "Shopper 2 needs a person")
	focused("Shopper 2 needs a person")
	page.Keyboard.MustType(input.Tab, input.Enter) // the close button
	waitForText(t, page, ".alert", "")
	focused("Text to the shopper")
}

// TestAlertIsEscaped: markup and addresses in an alert do nothing.
func TestAlertIsEscaped(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	page.MustEval(`() => { window.broken = []; addEventListener("securitypolicyviolation", e => broken.push(e.blockedURI)) }`)
	evil := alert("d", "escalated", "<img src=x onerror=alert(1)>", "<b>now</b>", 1)
	evil["ticket"] = object{"id": "<i>8</i>", "url": "javascript:alert(1)"}
	server.send(evil)
	server.send(here("2…", "<u>Ben</u>"))
	waitForText(t, page, ".alert .words", "<img src=x onerror=alert(1)> needs a person: <b>now</b>")
	waitForText(t, page, ".presence > [data-part=words]", "<u>Ben</u> is here too")
	waitForText(t, page, ".alert a", "")
	if got := page.MustEval(`() => broken.length + document.querySelectorAll("main :is(img, b, i, u), .alert a[href]").length`).Int(); got != 0 {
		t.Errorf("%d elements were made from text", got)
	}
}

// TestBell: silent until an agent switches it on, which is stored.
func TestBell(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	const listen = `() => { window.tones = 0; const start = OscillatorNode.prototype.start
		OscillatorNode.prototype.start = function (...at) { tones++; return start.apply(this, at) } }`
	page.MustEval(listen)
	page.MustElement("textarea").MustClick() // browsers allow no sound before the first click
	server.send(alert("d", "escalated", "Miguel", "", 1))
	waitForText(t, page, ".alert [data-part=sentence]", "Miguel needs a person")
	tones := func(want int) {
		t.Helper()
		page.MustWait(fmt.Sprintf(`() => tones >= %d`, want))
		page.MustEval(`() => navigator.locks.request("sidetext-bell", () => {})`) // the last ring is over
		if got := page.MustEval(`() => tones`).Int(); got != want {
			t.Errorf("%d tones played, want %d", got, want)
		}
	}
	tones(0)
	page.MustElement(".me").MustClick()
	box := page.MustElement("[data-part=bell]")
	if box.MustProperty("checked").Bool() {
		t.Error("the bell is on by default")
	}
	screenshot(t, page, "bell")
	box.MustClick()
	tones(2) // a sample
	server.send(alert("d", "taken", "Miguel", "", 2))
	server.send(alert("e", "escalated", "Eve", "", 3))
	server.send(alert("e", "escalated", "Eve", "", 3))
	server.send(alert("f", "escalated", "Flo", "", 4)) // during the ring before: no second one
	page.MustElementR(".alert [data-part=sentence]", "Flo")
	tones(4)
	page.MustReload()
	page.MustElement("main:not([hidden]) .message")
	page.MustElement(".me").MustClick()
	page.MustWait(`() => document.querySelector("[data-part=bell]").checked`)
	page.MustElement("[data-part=bell]").MustClick()
	if n := page.MustEval(`() => localStorage.length`).Int(); n != 0 {
		t.Errorf("%d items left in storage", n)
	}
}

// TestTitleCounts: the title of a hidden tab counts new texts and alerts.
func TestTitleCounts(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	hide := func(hidden bool) {
		page.MustEval(`hidden => { Object.defineProperty(document, "hidden", { value: hidden, configurable: true }); document.dispatchEvent(new Event("visibilitychange")) }`, hidden)
	}
	title := func(want string) {
		t.Helper()
		if err := page.Timeout(testTimeout).Wait(rod.Eval(`want => document.title === want`, want)); err != nil {
			t.Fatalf("the title is %q, want %q", page.MustInfo().Title, want)
		}
	}
	server.send(alert("d", "escalated", "Miguel", "", 1))
	waitForText(t, page, ".alert [data-part=sentence]", "Miguel needs a person")
	title("Jane Doe · Sidetext")
	hide(true)
	server.send(alert("e", "escalated", "Eve", "", 2))
	server.send(alert("f", "escalated", "Flo", "", 3))
	title("(2) Jane Doe · Sidetext")
	server.send(server.changed(1, textEntry(2, "in", "Are you there?", "", "")))
	title("(3) Jane Doe · Sidetext")
	server.send(alert("e", "taken", "Eve", "", 4))
	title("(2) Jane Doe · Sidetext")
	hide(false)
	title("Jane Doe · Sidetext")
}
