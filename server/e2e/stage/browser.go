package stage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
)

// NewBrowser starts a browser for the time of a test.
func NewBrowser(t *testing.T) *rod.Browser {
	t.Helper()
	bin, ok := launcher.LookPath()
	if !ok {
		t.Fatal("the tests need Chromium: run make test as root, or install it")
	}
	process := launcher.New().Bin(bin).NoSandbox(true).Leakless(false).Set("disable-gpu").Set("disable-quic").Set("no-first-run").
		Set("disable-background-networking").Set("disable-component-update").Set("disable-sync")
	at, err := process.Launch()
	Must(t, err)
	browser := rod.New().ControlURL(at)
	Must(t, browser.Connect())
	t.Cleanup(func() {
		_ = browser.Close()
		process.Cleanup()
	})
	return browser
}

// OpenPage opens an address in a window of 1280 pixels.
func OpenPage(t *testing.T, browser *rod.Browser, url string) *rod.Page {
	t.Helper()
	page, err := browser.Page(proto.TargetCreateTarget{URL: "about:blank"})
	Must(t, err)
	Must(t, page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 1280, Height: 800, DeviceScaleFactor: 1}))
	page = page.Timeout(Timeout)
	Must(t, page.Navigate(url))
	Must(t, page.WaitLoad())
	return page
}

// WaitForText waits until an element shows this text.
func WaitForText(t *testing.T, e *rod.Element, words string) {
	t.Helper()
	Until(t, "the words "+words, func() bool {
		text, err := e.Text()
		return err == nil && strings.Contains(text, words)
	})
}

// Screenshot saves a picture of the page in the folder SCREENSHOTS, if that is
// set.
func Screenshot(t *testing.T, page *rod.Page, name string) {
	t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := page.Screenshot(false, nil)
	Must(t, err)
	Must(t, os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600))
}
