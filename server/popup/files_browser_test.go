package popup_test

import (
	"strings"
	"testing"

	"sidetext/pretend/twilio"
	"sidetext/server/e2e/stage"
)

// TestFileLinkInBrowser: an agent without a session signs in and then gets the
// file; with a session they get it at once.
func TestFileLinkInBrowser(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendPictures(stage.Jane, "", twilio.Media{Type: "image/png", Data: stage.SamplePictures(t)["image/png"]})
	s.MediaFrom(stage.Jane)
	k := s.WaitForTicket(stage.Jane)
	var link string
	stage.Until(t, "a link", func() bool {
		link = linked.FindString(stage.AgentNotes(s.Ticket(k)))
		return link != ""
	})
	browser := stage.NewBrowser(t)
	page := stage.OpenPage(t, browser, link)
	page.MustElementR(`button.agent`, "Ben Okafor").MustClick()
	page.MustElement(`#code`)
	var code string
	stage.Until(t, "a code", func() bool {
		code = stage.SixDigits.FindString(stage.AgentNotes(s.Ticket(k)))
		return code != ""
	})
	page.MustElement(`#code`).MustInput(code)
	shown := func() bool {
		found, err := page.Eval(`() => location.pathname.startsWith("/files/") && document.images[0]?.naturalWidth === 40`)
		return err == nil && found.Value.Bool() // not while the page navigates
	}
	stage.Until(t, "the picture after the sign-in", shown)

	stage.Must(t, page.Navigate("about:blank"))
	stage.Must(t, page.Navigate(link))
	stage.Until(t, "the picture at once", shown)

	_, behind, _ := strings.Cut(link, "#")
	stage.Must(t, page.Navigate("about:blank"))
	stage.Must(t, page.Navigate(s.URL+"/popup#"+behind[:strings.Index(behind, "&file=")]+"&file=unknown"))
	stage.WaitForText(t, page.MustElement("body"), "This file isn’t here")
	page.MustElementR("button", "Open the conversation").MustClick()
	page.MustElement(`side-transcript img[alt="Picture from Jane Doe"]`)
}
