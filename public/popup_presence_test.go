package public_test

import (
	"strings"
	"testing"

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

// reads waits until an element that matches shows these words and no others; no
// words: until nothing of it is to be seen.
func reads(t *testing.T, page *rod.Page, selector, want string) {
	t.Helper()
	const see = `(s, want) => new Promise((done, fail) => {
		const read = () => [...document.querySelectorAll(s)].filter(e => e.checkVisibility()).map(e => e.innerText.trim().replace(/\s+/g, " ")).join(" | ")
		const late = setTimeout(() => fail(new Error("it reads " + JSON.stringify(read()))), 900_000)
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
