package public_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"
)

// here is the frame that says who looks at the conversation: pairs of id and
// name; whose id ends in "…" types.
func here(pairs ...string) object {
	people := []object{}
	for i := 0; i < len(pairs); i += 2 {
		id, typing := strings.CutSuffix(pairs[i], "…")
		people = append(people, object{"id": id, "name": pairs[i+1], "typing": typing})
	}
	return object{"type": "presence", "people": people}
}

// rings is the frame that says what becomes of another conversation, at a minute
// past ten.
func rings(conversation, event, shopper, why string, minute int) object {
	return object{"type": "shop", "event": event, "conversation": conversation, "shopper": shopper, "why": why, "agent": "Ben Okafor",
		"ticket": object{"id": "8", "url": "https://acme.gorgias.com/app/ticket/8", "open": true},
		"at":     fmt.Sprintf("2026-11-22T10:%02d:00Z", minute)}
}

// reads waits until an element that matches shows these words and no others; no
// words: until nothing of it is to be seen.
func reads(t *testing.T, page *rod.Page, selector, want string) {
	t.Helper()
	const see = `(s, want) => new Promise((done, fail) => {
		const read = () => [...document.querySelectorAll(s)].filter(e => e.checkVisibility()).map(e => e.innerText.trim().replace(/\s+/g, " ")).join(" | ")
		const late = setTimeout(() => fail(new Error("it reads " + JSON.stringify(read()))), 20000)
		const look = () => read() === want ? (clearTimeout(late), done()) : requestAnimationFrame(look)
		look()
	})`
	if _, err := page.Eval(see, selector, want); err != nil {
		t.Fatalf("%s should read %q: %v", selector, want, err)
	}
}

func TestWhoElseIsHere(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	line, spoken := ".presence", "side-presence [role=status]"
	desk.say(here("1", "Ana Ruiz"))
	desk.say(here("1", "Ana Ruiz", "2", "Ben Okafor"))
	reads(t, page, line+" > [data-part=words]", "Ben Okafor is here too")
	reads(t, page, spoken, "Ben Okafor is here too")
	desk.say(here("3…", "Cara Lind", "1…", "Ana Ruiz", "2", "Ben Okafor"))
	reads(t, page, line+" > [data-part=words]", "Ben Okafor and Cara Lind are here too")
	reads(t, page, spoken, "Cara Lind is here too") // and Ben's name is not said once more
	reads(t, page, ".typing", "Cara Lind is typing…")
	if page.MustHas("[aria-live] .typing, [role=status] .typing") {
		t.Error("every key of a colleague is announced")
	}
	shoot(t, page, "presence-two")
	desk.say(object{"type": "weather", "people": "sunny"}) // from a later server
	desk.say(here("1", "Ana Ruiz", "2", "Ben Okafor", "3", "Cara Lind", "4", "Dan", "5", "Eve"))
	reads(t, page, line+" > [data-part=words]", "Ben Okafor, Cara Lind and 2 others are here too")
	reads(t, page, ".typing", "")
	shoot(t, page, "presence-many")
	desk.say(here("1", "Ana Ruiz"))
	reads(t, page, line, "")
	reads(t, page, spoken, "")
}

// TestPresenceCannotLie: who is here is not said while nobody can know.
func TestPresenceCannotLie(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	ben := here("1", "Ana Ruiz", "2…", "Ben")
	desk.say(ben)
	reads(t, page, ".presence > [data-part=words]", "Ben is here too")
	desk.say(object{"type": "stale"})
	page.MustElement(".trust:not([hidden])")
	reads(t, page, ".presence, .typing", "")
	desk.say(object{"type": "beat", "rev": 1})
	reads(t, page, ".presence > [data-part=words]", "Ben is here too")
	reads(t, page, ".typing", "Ben is typing…")
	page.MustEval(`() => { document.querySelector("side-presence [role=status]").textContent = "silence" }`)
	desk.back(t)
	reads(t, page, ".presence, .typing", "")
	desk.say(ben)
	reads(t, page, ".presence > [data-part=words]", "Ben is here too")
	reads(t, page, "side-presence [role=status]", "silence") // Ben never left
	desk.shut.Store(true)
	desk.hangUp(4001)
	page.MustElementR(".trust:not([hidden])", "Connection lost")
	reads(t, page, ".presence, .typing", "")
	shoot(t, page, "presence-lost")
}

func TestTypingIsSaid(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	box := page.MustElement("textarea")
	box.MustInput("hello") // nobody has said anything of people: nobody wants to hear
	desk.say(here("1", "Ana Ruiz", "2", "Ben"))
	reads(t, page, ".presence > [data-part=words]", "Ben is here too")
	desk.back(t)
	desk.say(here("1", "Ana Ruiz", "2", "Ben"))
	reads(t, page, ".presence > [data-part=words]", "Ben is here too")
	box.MustType(input.Space, input.KeyX, input.KeyY)
	if on := desk.await(t, "typing"); on["on"] != true || len(on) != 2 {
		t.Errorf("said %v", on)
	}
	box.MustType(input.Enter)
	if off := desk.await(t, "typing"); off["on"] != false {
		t.Errorf("said %v", off)
	}
	desk.await(t, "send")
	box.MustInput("a")
	desk.await(t, "typing")
	box.MustType(input.Backspace)
	if off := desk.await(t, "typing"); off["on"] != false {
		t.Errorf("said %v", off)
	}
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
		page.MustWait(fmt.Sprintf(`() => tones === %d`, want))
	}
	tones(0)
	page.MustElement(".me").MustClick()
	box := page.MustElement("[data-part=bell]")
	if box.MustProperty("checked").Bool() {
		t.Error("it rings without being asked to")
	}
	shoot(t, page, "bell")
	box.MustClick()
	tones(2)                                                                  // so it sounds
	page.MustEval(`() => navigator.locks.request("sidetext-bell", () => {})`) // all is quiet again
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
		if err := page.Timeout(20 * time.Second).Wait(rod.Eval(`want => document.title === want`, want)); err != nil {
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

// TestNamesOfAllKinds: long ones, and ones that are written from the right.
func TestNamesOfAllKinds(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := desk.open(t)
	long := "Wilhelmina Alexandrina van Oranje-Nassau-Dietz-Hohenlohe"
	desk.say(here("2…", long, "3", "נועה כהן", "4", "محمد الأحمد"))
	desk.say(rings("d", "escalated", long, strings.Repeat("I have been waiting for my grinder for three weeks now. ", 4), 1))
	desk.say(rings("e", "escalated", "נועה כהן", "רוצה לבטל את המנוי", 2))
	desk.say(rings("f", "escalated", "+14155550134", "", 3))
	page.MustElementR(".ring [data-part=said]", `^\+1 415 555 0134 needs a person$`)
	shoot(t, page, "names")
	for _, width := range []int{320, 420, 1100} {
		page.MustSetViewport(width, 640, 1, false)
		if over := page.MustEval(`() => [...document.querySelectorAll("main, main *")].filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.tagName + "." + (e.className?.baseVal ?? e.className)).join(" ")`).Str(); over != "" {
			t.Errorf("at %d pixels too wide: %s", width, over)
		}
	}
	_ = proto.EmulationClearDeviceMetricsOverride{}.Call(page)
}

// TestNothingMovesUnderTheEyes: what comes above leaves the words that somebody
// reads where they are.
func TestNothingMovesUnderTheEyes(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	var entries []object
	for range 60 {
		entries = append(entries, said(0, "in", "word after word", "", ""))
	}
	desk.holds(entries...)
	page := desk.open(t)
	page.MustEval(`() => { document.querySelector(".scroller").scrollTop = 600 }`)
	page.MustElement("[data-part=pill]:not([hidden])")
	const place = `() => document.querySelectorAll(".message")[20].getBoundingClientRect().top`
	before := page.MustEval(place).Num()
	desk.say(here("2", "Ben"))
	desk.say(rings("d", "escalated", "Miguel", "", 1))
	reads(t, page, ".ring [data-part=said]", "Miguel needs a person")
	after := page.MustEval(`() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))).then(` + place + `)`).Num()
	if after < before-2 || after > before+2 {
		t.Errorf("moved from %v to %v", before, after)
	}
}
