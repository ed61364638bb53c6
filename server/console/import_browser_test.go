package console_test

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/go-rod/rod/lib/proto"

	"sidetext/server/e2e/stage"
)

// TestImportInBrowser: the page reports files that are imported in whole, in
// part and not at all. Only the first looks like a success.
func TestImportInBrowser(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	secret, err := s.App.Store.MakeSignInLink(context.Background(), s.Shop.ID, time.Now())
	stage.Must(t, err)
	browser := stage.NewBrowser(t)
	page := stage.OpenPage(t, browser, "about:blank")
	page.MustNavigate(s.URL + "/sign-in#" + secret).MustWaitLoad()
	page.MustElement("#sign-in button").MustClick()
	stage.WaitForText(t, page.MustElement("#shop"), "Willow & Oak")
	for _, test := range []struct{ name, file, says, problem, tone string }{
		{"1-taken", "sep=;\r\nphone;name;country\r\n(415) 555-0190;Ann Poe;USA\r\n55 1234 5678;Eva Sol;México\r\n", "2 read, 2 new, 0 skipped", "", "accent"},
		{"2-partly", "phone,name\r415 555 0191,Ann Poe\r415 555 0191,Bob Roe\r1-800-FLOWERS,Willow\r4.15555E+09,Sam\r415 555 0192 / 415 555 0193,Kim\r", "5 read, 1 new, 4 skipped", "Line 4 Letters stand in place of digits", "warn"},
		{"3-nothing", "phone,name\nx,Ann Poe\n,Bob Roe\n", "Nothing was imported: 2 read, 0 new, 2 skipped", "Line 3 There is no phone number.", "bad"},
		{"4-empty", "phone,name\n", "nothing below its first line", "", "bad"},
		{"5-refused", "PK\x03\x04", "This is a workbook", "", "bad"},
		{"6-wide", string(utf16Text("phone\tname\n415 555 0194\tZoë\n")), "1 read, 1 new, 0 skipped", "", "accent"},
		{"7-hands", "phone,name,email\n415 555 0190,Max Ray,max@example.com\n", "1 read, 0 new, 0 skipped", "Line 2 This number was another person's until now.", "warn"},
	} {
		path := filepath.Join(t.TempDir(), "shoppers.csv")
		stage.Must(t, os.WriteFile(path, []byte(test.file), 0o600))
		page.MustNavigate(s.URL + "/shoppers").MustWaitLoad()
		page.MustElement("#file").MustSetFiles(path)
		page.MustElement("#import").MustClick()
		stage.WaitForText(t, page.MustElement("#outcome-words"), test.says)
		if tone := page.MustElement("#outcome").MustAttribute("data-tone"); *tone != test.tone {
			t.Errorf("%s: it looks %s, want %s", test.name, *tone, test.tone)
		}
		if sign := page.MustElement("#outcome-sign").MustAttribute("href"); (test.tone == "accent") != (filepath.Base(*sign) == "icons.svg#kept") {
			t.Errorf("%s: the sign is %s", test.name, *sign)
		}
		stage.WaitForText(t, page.MustElement("#problems"), test.problem)
		stage.Screenshot(t, page, "import-"+test.name)
		stage.Must(t, page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 390, Height: 844, DeviceScaleFactor: 1, Mobile: true}))
		page.MustElement("#result").MustScrollIntoView()
		stage.Screenshot(t, page, "import-"+test.name+"-phone")
		if page.MustEval("() => document.documentElement.scrollWidth > innerWidth").Bool() {
			t.Errorf("%s: the page is wider than a phone", test.name)
		}
		stage.Must(t, page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 1280, Height: 800, DeviceScaleFactor: 1}))
	}
}

// utf16Text is text as UTF-16, as spreadsheets write it.
func utf16Text(text string) (out []byte) {
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}
