package demo_test

import (
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"sidetext/server/e2e/stage"
)

// TestDemoInBrowser: the story of the demo in a browser. With SCREENSHOTS
// naming a folder, it saves pictures there.
func TestDemoInBrowser(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	browser := stage.NewBrowser(t)
	page := stage.OpenPage(t, browser, s.URL+"/demo")

	// 1. A shopper texts what automation does not understand.
	page.MustElement(`[data-test="sms"]`).MustInput("my grinder arrived in two pieces")
	page.MustElement(`[data-test="sms-send"]`).MustClick()

	// 2. It becomes a ticket with its tag.
	row := page.MustElementR(`[data-test="tickets"] button`, "Your text to")
	stage.WaitForText(t, row, "RechargeSMS")
	stage.Screenshot(t, page, "1-ticket")
	row.MustClick()
	stage.WaitForText(t, page.MustElement(`[data-test="messages"]`), "my grinder arrived in two pieces")

	// 3. The card in the sidebar offers to text.
	link := page.MustElementR(`[data-test="sidebar"] a`, "Text via SMS")
	stage.WaitForText(t, page.MustElement(`[data-test="sidebar"]`), "+1 415 555 0123")
	stage.Screenshot(t, page, "2-card")

	// 4. The pop-up asks who it is, and for the code in the note.
	wait := page.MustWaitOpen()
	link.MustClick()
	popup := wait()
	stage.Must(t, popup.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 420, Height: 720, DeviceScaleFactor: 1}))
	popup = popup.Timeout(stage.Timeout)
	stage.Screenshot(t, popup, "3-who")
	popup.MustElementR(`button.agent`, "Ben Okafor").MustClick()
	popup.MustElement(`#code`)
	code := stage.SixDigits.FindString(page.MustElementR(`[data-test="messages"] li`, `Sign-in code for`).MustText())
	stage.Screenshot(t, page, "4-code-in-the-note")
	popup.MustElement(`#code`).MustInput(code)

	// 5. The dialogue is there, and goes on in both directions, live.
	transcript := popup.MustElement(`side-transcript`)
	stage.WaitForText(t, transcript, "my grinder arrived in two pieces")
	popup.MustElement(`side-composer textarea`).MustInput("Oh no! A new one leaves today.")
	popup.MustElement(`side-composer button.send`).MustClick()
	mine := popup.MustElementR(`side-transcript li.message`, "A new one leaves today")
	stage.WaitForText(t, page.MustElement(`[data-test="thread"]`), "Oh no! A new one leaves today.")
	stage.WaitForText(t, mine, "Delivered")
	stage.Screenshot(t, popup, "5-chat")
	page.MustActivate() // a page in the background does not paint, and so can't be clicked
	page.MustElement(`[data-test="sms"]`).MustInput("wow, thank you")
	page.MustElement(`[data-test="sms-send"]`).MustClick()
	stage.WaitForText(t, transcript, "wow, thank you")
	stage.Screenshot(t, page, "5-story")

	// 6. The ticket has it all: the shopper's text as theirs, the agent's as a note.
	stage.WaitForText(t, page.MustElement(`[data-test="messages"]`), "wow, thank you")
	stage.WaitForText(t, page.MustElement(`[data-test="messages"]`), "Ben Okafor texted by SMS: Oh no!")

	// 7. Closing the ticket is seen in the pop-up; automation answers again.
	page.MustElement(`[data-test="ticket-toggle"]`).MustClick()
	stage.WaitForText(t, popup.MustElement(`side-header`), "Automation")
	popup.MustActivate()
	stage.Screenshot(t, popup, "6-closed")
	for name, p := range map[string]*rod.Page{"7-popup-dark": popup, "7-story-dark": page} {
		p.MustActivate()
		stage.Must(t, proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}.Call(p))
		stage.Screenshot(t, p, name)
	}
	popup.MustActivate()
	stage.Must(t, popup.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 1280, Height: 800, DeviceScaleFactor: 1}))
	stage.Screenshot(t, popup, "8-popup-wide-dark")
}
