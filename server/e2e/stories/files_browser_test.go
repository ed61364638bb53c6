package stories

import (
	"strings"
	"testing"

	"sidetext/pretend/twilio"
)

// TestFileLinkInABrowser: an agent who is not signed in gets the sign-in and then
// the file; who is signed in gets it at once.
func TestFileLinkInABrowser(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.sends(jane, "", twilio.Media{Type: "image/png", Data: drawn(t)["image/png"]})
	s.pictures(jane)
	k := s.ticketOf(jane)
	var link string
	until(t, "a link", func() bool {
		link = linked.FindString(agentNotes(s.ticket(k)))
		return link != ""
	})
	browser := newBrowser(t)
	page := open1280(t, browser, link)
	page.MustElementR(`button.agent`, "Ben Okafor").MustClick()
	page.MustElement(`#code`)
	var code string
	until(t, "a code", func() bool {
		code = sixDigitsInANote.FindString(agentNotes(s.ticket(k)))
		return code != ""
	})
	page.MustElement(`#code`).MustInput(code)
	shown := func() bool {
		found, err := page.Eval(`() => location.pathname.startsWith("/files/") && document.images[0]?.naturalWidth === 40`)
		return err == nil && found.Value.Bool() // not while the page navigates
	}
	until(t, "the picture after the sign-in", shown)

	must(t, page.Navigate("about:blank"))
	must(t, page.Navigate(link))
	until(t, "the picture at once", shown)

	_, behind, _ := strings.Cut(link, "#")
	must(t, page.Navigate("about:blank"))
	must(t, page.Navigate(s.url+"/popup#"+behind[:strings.Index(behind, "&file=")]+"&file=unknown"))
	see(t, page.MustElement("body"), "This file isn’t here")
	page.MustElementR("button", "Open the conversation").MustClick()
	page.MustElement(`side-transcript img[alt="Picture from Jane Doe"]`)
}
