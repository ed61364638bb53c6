package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"sidetext/pretend/gorgias"
)

// TestColleaguesInABrowser: two agents look at one conversation, and a third takes
// another that calls for a person.
func TestColleaguesInABrowser(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	browser := newBrowser(t)
	s.text(jane, "my grinder arrived in two pieces")
	k := s.ticketOf(jane)
	ben, chloe := s.popupIn(browser, k, "Ben Okafor"), s.popupIn(browser, k, "Chloe Martin")
	reads(t, ben, ".presence", "Chloe Martin is here too")
	reads(t, chloe, ".presence", "Ben Okafor is here too")

	chloe.MustElement("textarea").MustInput("A new one")
	reads(t, ben, ".typing", "Chloe Martin is typing…")
	reads(t, chloe, ".typing", "")
	shoot(t, ben, "presence-typing")
	chloe.MustElement("textarea").MustSelectAllText().MustType(input.Backspace)
	reads(t, ben, ".typing", "")

	s.world.Gorgias.SetLimit(1, 3*time.Second) // the ticket takes its time
	s.text(miguel, "the mill smells of burnt rubber")
	reads(t, ben, ".alert [data-part=sentence]", "Miguel Torres needs a person")
	reads(t, chloe, ".alert [data-part=sentence]", "Miguel Torres needs a person")
	chloe.MustElement(".alert button").MustClick()
	reads(t, chloe, ".alert", "")
	s.world.Gorgias.SetLimit(10_000, time.Second)
	if url := *ben.MustElementR(".alert a", `^Ticket #\d+$`).MustAttribute("href"); !strings.Contains(url, "/app/ticket/") {
		t.Errorf("the notice leads to %s", url)
	}
	reads(t, chloe, ".alert", "") // the ticket is no other call
	shoot(t, ben, "presence-ring")
	other := s.ticketOf(miguel)
	anna := s.caller()
	live := anna.open(anna.signIn(other, "Anna Berg"), 0)
	live.say(map[string]any{"type": "send", "id": "0123456789", "text": "Please unplug it.", "seen": live.Entries[len(live.Entries)-1].Seq})
	reads(t, ben, ".alert", "Anna Berg has Miguel Torres")
	reads(t, ben, ".alert", "") // once it was read

	must(t, chloe.Close())
	reads(t, ben, ".presence", "")
}

// popupIn opens the pop-up of a ticket's conversation as an agent who is signed
// in, apart from all others in the browser.
func (s *stage) popupIn(browser *rod.Browser, k gorgias.Ticket, agent string) *rod.Page {
	s.t.Helper()
	own, err := browser.Incognito()
	must(s.t, err)
	who := s.caller()
	who.signIn(k, agent)
	at, err := http.NewRequest(http.MethodGet, s.url, nil)
	must(s.t, err)
	for _, c := range who.http.Jar.Cookies(at.URL) {
		must(s.t, own.SetCookies([]*proto.NetworkCookieParam{{Name: c.Name, Value: c.Value, URL: s.url}}))
	}
	token, ticket := s.launch(k)
	page := open1280(s.t.(*testing.T), own, s.url+"/popup#t="+token+"&ticket="+ticket)
	must(s.t, page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 420, Height: 640, DeviceScaleFactor: 1}))
	page.MustElement(".live:not([hidden])")
	return page
}

// reads waits until an element that matches is seen with these words and no
// others; no words: until none is seen.
func reads(t *testing.T, page *rod.Page, selector, want string) {
	t.Helper()
	const read = `s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility()).map(e => (e.querySelector(":scope > [data-part=words], .words") ?? e).innerText.trim()).join(" | ")`
	got := ""
	until(t, selector+" to read “"+want+"”", func() bool {
		if read, err := page.Eval(read, selector); err == nil {
			got = read.Value.Str()
		}
		return got == want
	})
}
