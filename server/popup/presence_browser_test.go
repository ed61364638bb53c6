package popup_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"

	"sidetext/server/e2e/stage"
)

// TestPresenceInBrowser: two agents view one conversation, and a third takes
// another that needs a person.
func TestPresenceInBrowser(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	browser := stage.NewBrowser(t)
	s.SendText(stage.Jane, "my grinder arrived in two pieces")
	k := s.WaitForTicket(stage.Jane)
	ben, chloe := s.PopupIn(browser, k, "Ben Okafor"), s.PopupIn(browser, k, "Chloe Martin")
	reads(t, ben, ".presence", "Chloe Martin is here too")
	reads(t, chloe, ".presence", "Ben Okafor is here too")

	chloe.MustElement("textarea").MustInput("A new one")
	reads(t, ben, ".typing", "Chloe Martin is typing…")
	reads(t, chloe, ".typing", "")
	stage.Screenshot(t, ben, "presence-typing")
	chloe.MustElement("textarea").MustSelectAllText().MustType(input.Backspace)
	reads(t, ben, ".typing", "")

	s.World.Gorgias.SetLimit(1, 3*time.Second) // the ticket takes its time
	s.SendText(stage.Miguel, "the mill smells of burnt rubber")
	reads(t, ben, ".alert [data-part=sentence]", "Miguel Torres needs a person")
	reads(t, chloe, ".alert [data-part=sentence]", "Miguel Torres needs a person")
	chloe.MustElement(".alert button").MustClick()
	reads(t, chloe, ".alert", "")
	s.World.Gorgias.SetLimit(10_000, time.Second)
	if url := *ben.MustElementR(".alert a", `^Ticket #\d+$`).MustAttribute("href"); !strings.Contains(url, "/app/ticket/") {
		t.Errorf("the notice leads to %s", url)
	}
	reads(t, chloe, ".alert", "") // the ticket is no other call
	stage.Screenshot(t, ben, "presence-ring")
	other := s.WaitForTicket(stage.Miguel)
	anna := s.Client()
	live := anna.Open(anna.SignIn(other, "Anna Berg"), 0)
	live.SendFrame(map[string]any{"type": "send", "id": "0123456789", "text": "Please unplug it.", "seen": live.Entries[len(live.Entries)-1].Seq})
	reads(t, ben, ".alert", "Anna Berg has Miguel Torres")
	reads(t, ben, ".alert", "") // once it was read

	stage.Must(t, chloe.Close())
	reads(t, ben, ".presence", "")
}

// reads waits until an element that matches is seen with these words and no
// others; no words: until none is seen.
func reads(t *testing.T, page *rod.Page, selector, want string) {
	t.Helper()
	const read = `s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility()).map(e => (e.querySelector(":scope > [data-part=words], .words") ?? e).innerText.trim()).join(" | ")`
	got := ""
	stage.Until(t, selector+" to read “"+want+"”", func() bool {
		if read, err := page.Eval(read, selector); err == nil {
			got = read.Value.Str()
		}
		return got == want
	})
}
