package console_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
)

// TestConsoleInBrowser: what only scripts do: a sign-in link's secret that is
// not sent to the server, switches that are saved at once, progress, a large
// file.
func TestConsoleInBrowser(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	secret, err := s.App.Store.MakeSignInLink(context.Background(), s.Shop.ID, time.Now())
	stage.Must(t, err)
	page := watched(t, stage.OpenPage(t, stage.NewBrowser(t), "about:blank"))
	page.MustNavigate(s.URL + "/sign-in#" + secret).MustWaitLoad()
	stage.Until(t, "the secret to leave the address", func() bool {
		at, err := page.Eval("() => location.href")
		return err == nil && at.Value.Str() == s.URL+"/sign-in"
	})
	page.MustElement("#sign-in button").MustClick()
	stage.WaitForText(t, page.MustElement("#shop"), "Willow & Oak")
	stage.Screenshot(t, page, "console-1-home")

	page.MustElement(".switch:has([name=acknowledge]) strong").MustClick()
	stage.WaitForText(t, page.MustElement("#saving"), "Saved.")
	shop, err := s.App.Store.Shop(context.Background(), s.Shop.ID)
	if err != nil || shop.Settings.Acknowledge || !shop.Settings.AutoTickets {
		t.Errorf("kept is %+v (%v)", shop.Settings, err)
	}
	page.MustElement(`form[action="/connect/gorgias/repair"] button`).MustClick()
	stage.Until(t, "the page to say that it is done", func() bool {
		title, err := page.Eval("() => document.querySelector('h1').textContent") // fails between two pages
		return err == nil && title.Value.Str() == "Gorgias is connected"
	})

	page.MustNavigate(s.URL + "/").MustWaitLoad()
	page.MustElement(`form[action="/connect/number/check"] button`).MustClick()
	stage.Until(t, "the page to say what was found", func() bool {
		title, err := page.Eval("() => document.querySelector('h1').textContent")
		return err == nil && title.Value.Str() == "Your number works"
	})
	stage.Screenshot(t, page, "console-3-check")
	stage.AddFailure(t, s.App, s.Shop.ID, stage.Jane, chat.Delivery{Kind: chat.FetchMedia, Account: s.Line().MediaAccount(), Problem: "It is not there."})
	page.MustNavigate(s.URL + "/").MustWaitLoad()
	page.MustElementR(".trouble a", "Look at it").MustClick()
	stage.WaitForText(t, page.MustElement(".failures"), "A file from Jane Doe")
	stage.Until(t, "the time to be the reader's", func() bool {
		at, err := page.MustElement(".failures time").Text()
		return err == nil && at != "" && !strings.Contains(at, "UTC")
	})
	stage.Screenshot(t, page, "console-4-failed")
	if page.MustEval("() => document.querySelector('.confirm form').checkVisibility()").Bool() {
		t.Error("it can be dismissed without confirmation")
	}
	page.MustElement(".confirm summary").MustClick()
	page.MustElement(".confirm form button").MustWaitVisible().MustClick()
	stage.WaitForText(t, page.MustElement(".flash"), "Removed.")

	page.MustNavigate(s.URL + "/shoppers").MustWaitLoad()
	page.MustElement("#file").MustSetFiles(large(t, 6000))
	page.MustElement("#import").MustClick()
	stage.WaitForText(t, page.MustElement("#outcome-words"), "6,000 read, 5,999 new, 1 skipped")
	stage.WaitForText(t, page.MustElement("#problems"), "Line 9,001 This is not a whole phone number.")
	stage.WaitForText(t, page.MustElement("#all"), "6,002") // with the three there were
	stage.Screenshot(t, page, "console-2-import")
	if sent := strings.Count(s.Log.String(), "shoppers imported"); sent < 3 {
		t.Errorf("the file came in %d pieces", sent)
	}
	if strings.Contains(s.Log.String(), secret) {
		t.Error("the link's secret is in the log")
	}
}

// large is a file of n shoppers, too large for one request. Every other one has
// a note that goes over two lines; the last has no phone number.
func large(t *testing.T, n int) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("Name,Phone,Note\r\n")
	for i := range n {
		phone, note := fmt.Sprintf("'+1415556%04d", i), "nothing to say about somebody so quiet"
		if i == n-1 {
			phone = "unknown"
		}
		if i%2 == 0 {
			note = "\"says \"\"hi\"\",\r\nand more\""
		}
		fmt.Fprintf(&text, "Jané Doe %d,%s,%s\r\n", i, phone, note)
	}
	path := filepath.Join(t.TempDir(), "shoppers.csv")
	stage.Must(t, os.WriteFile(path, []byte(text.String()), 0o600))
	return path
}

// watched fails the test when a page throws, or breaks its own policy.
func watched(t *testing.T, page *rod.Page) *rod.Page {
	t.Helper()
	page = page.WithPanic(func(why any) { t.Helper(); t.Fatal(why) })
	stage.Must(t, proto.LogEnable{}.Call(page))
	go page.EachEvent(func(e *proto.RuntimeExceptionThrown) {
		t.Error("the page threw:", e.ExceptionDetails.Exception.Description)
	}, func(e *proto.LogEntryAdded) {
		if e.Entry.Level == proto.LogLogEntryLevelError && !strings.HasSuffix(e.Entry.URL, "/favicon.ico") {
			t.Error("the page complains:", e.Entry.Text, e.Entry.URL)
		}
	})()
	return page
}
