package public_test

import (
	"fmt"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
)

// rings is the frame that says what becomes of another conversation, at a minute
// past ten.
func rings(conversation, event, shopper, why string, minute int) object {
	return object{"type": "shop", "event": event, "conversation": conversation, "shopper": shopper, "why": why, "agent": "Ben Okafor",
		"ticket": object{"id": "8", "url": "https://acme.gorgias.com/app/ticket/8", "open": true},
		"at":     fmt.Sprintf("2026-11-22T10:%02d:00Z", minute)}
}

func TestAnotherShopperRings(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	desk.say(rings("c", "escalated", "Jane Doe", "This very one", 1))
	desk.say(rings("d", "escalated", "Miguel Santos", "End the subscription", 2))
	reads(t, page, ".ring .words", "Miguel Santos needs a person: End the subscription")
	reads(t, page, "side-notices [role=status]", "Miguel Santos needs a person: End the subscription")
	link := page.MustElementR(".ring a", "Ticket #8")
	if got := *link.MustAttribute("href") + *link.MustAttribute("rel") + *link.MustAttribute("target"); got != "https://acme.gorgias.com/app/ticket/8noopener noreferrer_blank" {
		t.Errorf("the link is %s", got)
	}
	shoot(t, page, "ring-one")
	for i := range 4 {
		desk.say(rings(fmt.Sprint("e", i), "escalated", fmt.Sprint("Shopper ", i), "Talk to a person", 3+i))
	}
	reads(t, page, ".ring [data-part=said]", "Shopper 3 needs a person | Shopper 2 needs a person | Shopper 1 needs a person")
	reads(t, page, "[data-part=more]", "2 more")
	desk.say(rings("e2", "taken", "Shopper 2", "", 10))
	reads(t, page, ".ring .words", "Shopper 3 needs a person: Talk to a person | Ben Okafor has Shopper 2 | Shopper 1 needs a person: Talk to a person")
	shoot(t, page, "ring-many")
	reads(t, page, ".ring .words", "Shopper 3 needs a person: Talk to a person | Shopper 1 needs a person: Talk to a person | Shopper 0 needs a person: Talk to a person")
	desk.back(t)
	desk.say(rings("e1", "escalated", "Shopper 1", "Talk to a person", 4))
	page.MustElementR(".ring [data-part=said]", "^Shopper 3 needed a person at ")
	shoot(t, page, "ring-in-doubt")
	page.MustElementR("button", "Dismiss all").MustClick()
	reads(t, page, ".notices", "")
}

// TestNoticesByKeyboard: each can be reached and dismissed, and the focus goes on
// to the next, at last to the text box.
func TestNoticesByKeyboard(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	for i := range 3 {
		desk.say(rings(fmt.Sprint("d", i), "escalated", fmt.Sprint("Shopper ", i), "", i))
	}
	reads(t, page, ".ring [data-part=said]", "Shopper 2 needs a person | Shopper 1 needs a person | Shopper 0 needs a person")
	focused := func(want string) {
		t.Helper()
		if got := page.MustEval(`() => (document.activeElement.closest(".ring, side-composer") ?? document.activeElement).querySelector("[data-part=said], label")?.textContent`).Str(); got != want {
			t.Errorf("the focus is on %q, want %q", got, want)
		}
	}
	page.MustEval(`() => document.querySelector(".ring:nth-child(2) a").focus()`)
	page.Keyboard.MustType(input.Escape)
	reads(t, page, ".ring [data-part=said]", "Shopper 2 needs a person | Shopper 0 needs a person")
	focused("Shopper 0 needs a person")
	page.Keyboard.MustType(input.Escape)
	reads(t, page, ".ring [data-part=said]", "Shopper 2 needs a person")
	focused("Shopper 2 needs a person")
	page.Keyboard.MustType(input.Tab, input.Enter) // the cross
	reads(t, page, ".ring", "")
	focused("Text to the shopper")
}

// TestRingsAreStrangersWords: a name or an address from outside does nothing.
func TestRingsAreStrangersWords(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	page.MustEval(`() => { window.broken = []; addEventListener("securitypolicyviolation", e => broken.push(e.blockedURI)) }`)
	evil := rings("d", "escalated", "<img src=x onerror=alert(1)>", "<b>now</b>", 1)
	evil["ticket"] = object{"id": "<i>8</i>", "url": "javascript:alert(1)"}
	desk.say(evil)
	desk.say(here("2…", "<u>Ben</u>"))
	reads(t, page, ".ring .words", "<img src=x onerror=alert(1)> needs a person: <b>now</b>")
	reads(t, page, ".presence > [data-part=words]", "<u>Ben</u> is here too")
	reads(t, page, ".ring a", "")
	if got := page.MustEval(`() => broken.length + document.querySelectorAll("main :is(img, b, i, u), .ring a[href]").length`).Int(); got != 0 {
		t.Errorf("%d elements came to life", got)
	}
}

// TestBell: silent until an agent wants to hear it, and that is remembered.
func TestBell(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	const listen = `() => { window.tones = 0; const start = OscillatorNode.prototype.start
		OscillatorNode.prototype.start = function (...at) { tones++; return start.apply(this, at) } }`
	page.MustEval(listen)
	page.MustElement("textarea").MustClick() // a browser lets nobody ring on a page that was never touched
	desk.say(rings("d", "escalated", "Miguel", "", 1))
	reads(t, page, ".ring [data-part=said]", "Miguel needs a person")
	tones := func(want int) {
		t.Helper()
		page.MustWait(fmt.Sprintf(`() => tones >= %d`, want))
		page.MustEval(`() => navigator.locks.request("sidetext-bell", () => {})`) // all is quiet again
		if got := page.MustEval(`() => tones`).Int(); got != want {
			t.Errorf("%d tones were heard, want %d", got, want)
		}
	}
	tones(0)
	page.MustElement(".me").MustClick()
	box := page.MustElement("[data-part=bell]")
	if box.MustProperty("checked").Bool() {
		t.Error("it rings without being asked to")
	}
	shoot(t, page, "bell")
	box.MustClick()
	tones(2) // so it sounds
	desk.say(rings("d", "taken", "Miguel", "", 2))
	desk.say(rings("e", "escalated", "Eve", "", 3))
	desk.say(rings("e", "escalated", "Eve", "", 3))
	desk.say(rings("f", "escalated", "Flo", "", 4)) // at the same moment: once
	page.MustElementR(".ring [data-part=said]", "Flo")
	tones(4)
	page.MustReload()
	page.MustElement("main:not([hidden]) .message")
	page.MustElement(".me").MustClick()
	page.MustWait(`() => document.querySelector("[data-part=bell]").checked`)
	page.MustElement("[data-part=bell]").MustClick()
	if n := page.MustEval(`() => localStorage.length`).Int(); n != 0 {
		t.Errorf("%d things left in storage", n)
	}
}

// TestTitleCounts: a tab that nobody looks at says how many call.
func TestTitleCounts(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	hide := func(hidden bool) {
		page.MustEval(`hidden => { Object.defineProperty(document, "hidden", { value: hidden, configurable: true }); document.dispatchEvent(new Event("visibilitychange")) }`, hidden)
	}
	title := func(want string) {
		t.Helper()
		if err := page.Timeout(lastResort).Wait(rod.Eval(`want => document.title === want`, want)); err != nil {
			t.Fatalf("the title is %q, want %q", page.MustInfo().Title, want)
		}
	}
	desk.say(rings("d", "escalated", "Miguel", "", 1))
	reads(t, page, ".ring [data-part=said]", "Miguel needs a person")
	title("Jane Doe · Sidetext")
	hide(true)
	desk.say(rings("e", "escalated", "Eve", "", 2))
	desk.say(rings("f", "escalated", "Flo", "", 3))
	title("(2) Jane Doe · Sidetext")
	desk.say(desk.changed(1, said(2, "in", "Are you there?", "", "")))
	title("(3) Jane Doe · Sidetext")
	desk.say(rings("e", "taken", "Eve", "", 4))
	title("(2) Jane Doe · Sidetext")
	hide(false)
	title("Jane Doe · Sidetext")
}
