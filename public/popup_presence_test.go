package public_test

import (
	"strings"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"
)

// here returns a presence frame from pairs of id and name. An id ending in "…" types.
func here(pairs ...string) object {
	people := []object{}
	for i := 0; i < len(pairs); i += 2 {
		id, typing := strings.CutSuffix(pairs[i], "…")
		people = append(people, object{"id": id, "name": pairs[i+1], "typing": typing})
	}
	return object{"type": "presence", "people": people}
}

// waitForText waits until the visible elements that match read exactly so; "": until none
// is visible.
func waitForText(t *testing.T, page *rod.Page, selector, want string) {
	t.Helper()
	const see = `(s, want) => new Promise((done, fail) => {
		const read = () => [...document.querySelectorAll(s)].filter(e => e.checkVisibility()).map(e => e.innerText.trim().replace(/\s+/g, " ")).join(" | ")
		const late = setTimeout(() => fail(new Error("it reads " + JSON.stringify(read()))), 900_000)
		const look = () => read() === want ? (clearTimeout(late), done()) : requestAnimationFrame(look)
		look()
	})`
	if _, err := page.Eval(see, selector, want); err != nil {
		t.Fatalf("%s does not read %q: %v", selector, want, err)
	}
}

func TestPresenceShowsOthers(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	line, spoken := ".presence", "side-presence [role=status]"
	server.send(here("1", "Ana Ruiz"))
	server.send(here("1", "Ana Ruiz", "2", "Ben Okafor"))
	waitForText(t, page, line+" > [data-part=words]", "Ben Okafor is here too")
	waitForText(t, page, spoken, "Ben Okafor is here too")
	server.send(here("3…", "Cara Lind", "1…", "Ana Ruiz", "2", "Ben Okafor"))
	waitForText(t, page, line+" > [data-part=words]", "Ben Okafor and Cara Lind are here too")
	waitForText(t, page, spoken, "Cara Lind is here too") // Ben was announced before
	waitForText(t, page, ".typing", "Cara Lind is typing…")
	if page.MustHas("[aria-live] .typing, [role=status] .typing") {
		t.Error("screen readers announce every key of a colleague")
	}
	screenshot(t, page, "presence-two")
	server.send(object{"type": "unheard_of", "people": "some"}) // from a later server
	server.send(here("1", "Ana Ruiz", "2", "Ben Okafor", "3", "Cara Lind", "4", "Dan", "5", "Eve"))
	waitForText(t, page, line+" > [data-part=words]", "Ben Okafor, Cara Lind and 2 others are here too")
	waitForText(t, page, ".typing", "")
	screenshot(t, page, "presence-many")
	server.send(here("1", "Ana Ruiz"))
	waitForText(t, page, line, "")
	waitForText(t, page, spoken, "")
}

// TestPresenceHiddenWhileUnknown: without a live connection no presence is shown.
func TestPresenceHiddenWhileUnknown(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	ben := here("1", "Ana Ruiz", "2…", "Ben")
	server.send(ben)
	waitForText(t, page, ".presence > [data-part=words]", "Ben is here too")
	server.send(object{"type": "stale"})
	page.MustElement(".connection-banner:not([hidden])")
	waitForText(t, page, ".presence, .typing", "")
	server.send(object{"type": "beat", "rev": 1})
	waitForText(t, page, ".presence > [data-part=words]", "Ben is here too")
	waitForText(t, page, ".typing", "Ben is typing…")
	page.MustEval(`() => { document.querySelector("side-presence [role=status]").textContent = "unchanged" }`)
	server.reconnect(t)
	waitForText(t, page, ".presence, .typing", "")
	server.send(ben)
	waitForText(t, page, ".presence > [data-part=words]", "Ben is here too")
	waitForText(t, page, "side-presence [role=status]", "unchanged") // Ben never left
	server.refusing.Store(true)
	server.disconnect(4001)
	page.MustElementR(".connection-banner:not([hidden])", "Connection lost")
	waitForText(t, page, ".presence, .typing", "")
	screenshot(t, page, "presence-lost")
}

func TestTypingIsReported(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	box := page.MustElement("textarea")
	box.MustInput("hello") // no presence frame yet: no typing frame wanted
	server.send(here("1", "Ana Ruiz", "2", "Ben"))
	waitForText(t, page, ".presence > [data-part=words]", "Ben is here too")
	server.reconnect(t)
	server.send(here("1", "Ana Ruiz", "2", "Ben"))
	waitForText(t, page, ".presence > [data-part=words]", "Ben is here too")
	box.MustType(input.Space, input.KeyX, input.KeyY)
	if on := server.waitFor(t, "typing"); on["on"] != true || len(on) != 2 {
		t.Errorf("sent %v", on)
	}
	box.MustType(input.Enter)
	if off := server.waitFor(t, "typing"); off["on"] != false {
		t.Errorf("sent %v", off)
	}
	server.waitFor(t, "send")
	box.MustInput("a")
	server.waitFor(t, "typing")
	box.MustType(input.Backspace)
	if off := server.waitFor(t, "typing"); off["on"] != false {
		t.Errorf("sent %v", off)
	}
}

// TestUnusualNames: long names and right-to-left names fit the page.
func TestUnusualNames(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	long := "Wilhelmina Alexandrina van Oranje-Nassau-Dietz-Hohenlohe"
	server.send(here("2…", long, "3", "נועה כהן", "4", "محمد الأحمد"))
	server.send(alert("d", "escalated", long, strings.Repeat("I have been waiting for my grinder for three weeks now. ", 4), 1))
	server.send(alert("e", "escalated", "נועה כהן", "רוצה לבטל את המנוי", 2))
	server.send(alert("f", "escalated", "+14155550134", "", 3))
	page.MustElementR(".alert [data-part=sentence]", `^\+1 415 555 0134 needs a person$`)
	screenshot(t, page, "names")
	for _, width := range []int{320, 420, 1100} {
		page.MustSetViewport(width, 640, 1, false)
		if over := page.MustEval(`() => [...document.querySelectorAll("main, main *")].filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.tagName + "." + (e.className?.baseVal ?? e.className)).join(" ")`).Str(); over != "" {
			t.Errorf("too wide at %d pixels: %s", width, over)
		}
	}
	_ = proto.EmulationClearDeviceMetricsOverride{}.Call(page)
}

// TestScrollAnchorOnLayout: what appears above the transcript does not move the texts
// that are being read.
func TestScrollAnchorOnLayout(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	var entries []object
	for range 60 {
		entries = append(entries, textEntry(0, "in", "word after word", "", ""))
	}
	server.setEntries(entries...)
	page := server.open(t)
	page.MustEval(`() => { document.querySelector(".scroller").scrollTop = 600 }`)
	page.MustElement("[data-part=pill]:not([hidden])")
	const place = `() => document.querySelectorAll(".message")[20].getBoundingClientRect().top`
	before := page.MustEval(place).Num()
	server.send(here("2", "Ben"))
	server.send(alert("d", "escalated", "Miguel", "", 1))
	waitForText(t, page, ".alert [data-part=sentence]", "Miguel needs a person")
	after := page.MustEval(`() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))).then(` + place + `)`).Num()
	if after < before-2 || after > before+2 {
		t.Errorf("moved from %v to %v", before, after)
	}
}
