package stories

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
)

// TestDemo is the story of the demo in a real browser, as a visitor lives it.
// With SCREENSHOTS naming a folder, it leaves pictures there.
func TestDemo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	browser := newBrowser(t)
	page := open1280(t, browser, s.url+"/demo")

	// 1. A shopper texts what automation does not understand.
	page.MustElement(`[data-test="sms"]`).MustInput("my grinder arrived in two pieces")
	page.MustElement(`[data-test="sms-send"]`).MustClick()

	// 2. It becomes a ticket with its tag.
	row := page.MustElementR(`[data-test="tickets"] button`, "Your text to")
	see(t, row, "RechargeSMS")
	shoot(t, page, "1-ticket")
	row.MustClick()
	see(t, page.MustElement(`[data-test="messages"]`), "my grinder arrived in two pieces")

	// 3. The card in the sidebar offers to text.
	link := page.MustElementR(`[data-test="sidebar"] a`, "Text via SMS")
	see(t, page.MustElement(`[data-test="sidebar"]`), "+1 415 555 0123")
	shoot(t, page, "2-card")

	// 4. The pop-up asks who it is, and for the code in the note.
	wait := page.MustWaitOpen()
	link.MustClick()
	popup := wait()
	must(t, popup.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 420, Height: 720, DeviceScaleFactor: 1}))
	popup = popup.Timeout(lastResort)
	shoot(t, popup, "3-who")
	popup.MustElementR(`button.agent`, "Ben Okafor").MustClick()
	popup.MustElement(`#code`)
	code := sixDigitsInANote.FindString(page.MustElementR(`[data-test="messages"] li`, `Sign-in code for`).MustText())
	shoot(t, page, "4-code-in-the-note")
	popup.MustElement(`#code`).MustInput(code)

	// 5. The dialogue is there, and goes on in both directions, live.
	transcript := popup.MustElement(`side-transcript`)
	see(t, transcript, "my grinder arrived in two pieces")
	popup.MustElement(`side-composer textarea`).MustInput("Oh no! A new one leaves today.")
	popup.MustElement(`side-composer button.send`).MustClick()
	mine := popup.MustElementR(`side-transcript li.message`, "A new one leaves today")
	see(t, page.MustElement(`[data-test="thread"]`), "Oh no! A new one leaves today.")
	see(t, mine, "Delivered")
	shoot(t, popup, "5-chat")
	page.MustActivate() // a page in the background does not paint, and so can't be clicked
	page.MustElement(`[data-test="sms"]`).MustInput("wow, thank you")
	page.MustElement(`[data-test="sms-send"]`).MustClick()
	see(t, transcript, "wow, thank you")
	shoot(t, page, "5-story")

	// 6. The ticket has it all: the shopper's text as theirs, the agent's as a note.
	see(t, page.MustElement(`[data-test="messages"]`), "wow, thank you")
	see(t, page.MustElement(`[data-test="messages"]`), "Ben Okafor texted by SMS: Oh no!")

	// 7. Closing the ticket is seen in the pop-up; automation answers again.
	page.MustElement(`[data-test="ticket-toggle"]`).MustClick()
	see(t, popup.MustElement(`side-header`), "Automation")
	popup.MustActivate()
	shoot(t, popup, "6-closed")
	for name, p := range map[string]*rod.Page{"7-popup-dark": popup, "7-story-dark": page} {
		p.MustActivate()
		must(t, proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}.Call(p))
		shoot(t, p, name)
	}
	popup.MustActivate()
	must(t, popup.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 1280, Height: 800, DeviceScaleFactor: 1}))
	shoot(t, popup, "8-popup-wide-dark")
}

// newBrowser starts a browser, and waits at the end until it has let go of its
// folder.
func newBrowser(t *testing.T) *rod.Browser {
	t.Helper()
	bin, ok := launcher.LookPath()
	if !ok {
		t.Fatal("the tests need Chromium: run make test as root, or install it")
	}
	process := launcher.New().Bin(bin).NoSandbox(true).Leakless(false).Set("disable-gpu").Set("disable-quic").Set("no-first-run").
		Set("disable-background-networking").Set("disable-component-update").Set("disable-sync")
	at, err := process.Launch()
	must(t, err)
	browser := rod.New().ControlURL(at)
	must(t, browser.Connect())
	t.Cleanup(func() {
		_ = browser.Close()
		process.Cleanup()
	})
	return browser
}

func open1280(t *testing.T, browser *rod.Browser, url string) *rod.Page {
	t.Helper()
	page, err := browser.Page(proto.TargetCreateTarget{URL: "about:blank"})
	must(t, err)
	must(t, page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 1280, Height: 800, DeviceScaleFactor: 1}))
	page = page.Timeout(lastResort)
	must(t, page.Navigate(url))
	must(t, page.WaitLoad())
	return page
}

// see waits until an element shows some words.
func see(t *testing.T, e *rod.Element, words string) {
	t.Helper()
	until(t, "the words "+words, func() bool {
		text, err := e.Text()
		return err == nil && strings.Contains(text, words)
	})
}

func shoot(t *testing.T, page *rod.Page, name string) {
	t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := page.Screenshot(false, nil)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600))
}
