package popup_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/server/e2e/stage"
)

// TestPictureArrivesInPopup: the text is shown at once, and its picture as soon
// as it is fetched.
func TestPictureArrivesInPopup(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	p := agent.Open(id, 0)
	photo := stage.SamplePictures(t)["image/png"]
	s.SendPictures(stage.Jane, "this is how it looks", twilio.Media{Type: "image/jpeg", Data: photo, NotFoundTimes: 2})
	var states []chat.MediaState
	var last chat.Media
	for last.State != chat.MediaKept {
		for _, e := range p.WaitForFrame("changed").Entries {
			if e.Text == "this is how it looks" && e.Media[0].State != last.State {
				last = e.Media[0]
				states = append(states, last.State)
			}
		}
	}
	if !slices.Equal(states, []chat.MediaState{chat.MediaWaiting, chat.MediaKept}) || last.Type != "image/png" || last.Size != int64(len(photo)) || last.URL != "" {
		t.Errorf("the screen saw %v, at the end %+v", states, last)
	}
	resp, body := agent.Get("GET", last.ID)
	if resp.StatusCode != 200 || !bytes.Equal(body, photo) {
		t.Errorf("got %d with %d bytes", resp.StatusCode, len(body))
	}
	found := 0
	for _, r := range s.World.Twilio.Requests() {
		if strings.Contains(r.Path, "/Media/ME") {
			found++
		}
	}
	if found != 3 {
		t.Errorf("Twilio was asked %d times for what was not there twice", found)
	}
}

func TestMediaNeedsSession(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, _, _ := s.SignedInAgent()
	n := stage.NewOtherShop(t, s)
	photo := stage.SamplePictures(t)["image/png"]
	s.SendPictures(stage.Jane, "", twilio.Media{Type: "image/png", Data: photo})
	id := s.MediaFrom(stage.Jane)[0].ID
	var theirs string
	_, names := s.Rows(t, n.Shop.ID)
	for name := range names {
		if p, err := s.App.Store.Media(t.Context(), n.Shop.ID, chat.MediaID(name)); err == nil && p.Size > 0 {
			theirs = name
		}
	}
	for name, test := range map[string]struct {
		who  *stage.Client
		id   chat.MediaID
		want int
	}{
		"an agent":             {agent, id, 200},
		"the merchant":         {s.Merchant(), id, 200},
		"no session":           {s.Client(), id, 401},
		"no session, no file":  {s.Client(), "nothing", 401},
		"another shop's":       {agent, chat.MediaID(theirs), 404},
		"as the merchant":      {s.Merchant(), chat.MediaID(theirs), 404},
		"nothing":              {agent, "nothing", 404},
		"something else's":     {agent, chat.MediaID(n.ID), 404},
		"an odd name":          {agent, "%2e%2e", 404},
		"a very long name":     {agent, chat.MediaID(strings.Repeat("x", 2000)), 404},
		"in other letters":     {agent, chat.MediaID(strings.ToUpper(string(id))), 404},
		"with something after": {agent, id + "%00", 404},
	} {
		t.Run(name, func(t *testing.T) {
			if test.id == "" {
				t.Fatal("the neighbour has no picture")
			}
			for _, method := range []string{"GET", "HEAD"} {
				resp, body := test.who.Get(method, test.id)
				if resp.StatusCode != test.want {
					t.Errorf("%s: got %d", method, resp.StatusCode)
				}
				if bytes.Contains(body, photo[:8]) && (test.want != 200 || method == "HEAD") || strings.Contains(string(body), stage.Canary) {
					t.Errorf("%s: got %q", method, body)
				}
			}
		})
	}
}

// TestMediaHeaders: a browser shows pictures, and saves everything else without
// running it.
func TestMediaHeaders(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	merchant := s.Merchant()
	inline := func(ext string) string { return `inline; filename="from-shopper` + ext + `"` }
	attachment := func(ext string) string { return `attachment; filename="from-shopper` + ext + `"` }
	pictures := stage.SamplePictures(t)
	for name, test := range map[string]struct {
		data        []byte
		kind        string
		disposition string
	}{
		"png":                {pictures["image/png"], "image/png", inline(".png")},
		"jpeg":               {pictures["image/jpeg"], "image/jpeg", inline(".jpg")},
		"gif":                {pictures["image/gif"], "image/gif", inline(".gif")},
		"webp":               {pictures["image/webp"], "image/webp", inline(".webp")},
		"a document":         {[]byte("%PDF-1.7 ..."), "application/pdf", attachment(".pdf")},
		"a card":             {[]byte("BEGIN:VCARD\r\nVERSION:3.0\r\n"), "text/vcard", attachment(".vcf")},
		"a page":             {[]byte("<!DOCTYPE html><script>alert(1)</script>"), "application/octet-stream", attachment("")},
		"a drawing that can": {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "application/octet-stream", attachment("")},
		"an XML page":        {[]byte(`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>`), "application/octet-stream", attachment("")},
		"a script":           {[]byte("alert(1)"), "application/octet-stream", attachment("")},
		"a program":          {[]byte("MZ\x90\x00\x03\x00\x00\x00"), "application/octet-stream", attachment("")},
		"several pieces":     {append(slices.Clone(pictures["image/gif"]), make([]byte, 1<<20)...), "image/gif", inline(".gif")},
	} {
		t.Run(name, func(t *testing.T) {
			from := stage.NewPhone()
			s.SendPictures(from, "", twilio.Media{Type: "image/png", Data: test.data})
			m := s.MediaFrom(from)[0]
			if m.State != chat.MediaKept {
				t.Fatalf("it became %+v", m)
			}
			for _, method := range []string{"GET", "HEAD"} {
				resp, body := merchant.Get(method, m.ID, "Range", "bytes=1-2", "Accept", "text/html")
				want := map[string]string{
					"Content-Type": test.kind, "Content-Disposition": test.disposition, "Content-Length": strconv.Itoa(len(test.data)),
					"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, max-age=31536000, immutable",
					"Content-Range": "", "Accept-Ranges": "", "Content-Encoding": "", "Etag": "", "Last-Modified": "", "Set-Cookie": "",
				}
				for name, value := range stage.SafeHeaders {
					want[name] = value
				}
				for name, value := range want {
					if got := resp.Header.Get(name); got != value {
						t.Errorf("%s: %s: %q, want %q", method, name, got, value)
					}
				}
				if resp.StatusCode != 200 || method == "GET" && !bytes.Equal(body, test.data) || method == "HEAD" && len(body) > 0 {
					t.Errorf("%s: got %d with %d bytes of %d", method, resp.StatusCode, len(body), len(test.data))
				}
			}
		})
	}
}

// TestLargeMedia: the largest allowed file arrives completely, at many clients
// at once.
func TestLargeMedia(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	large := append([]byte("GIF89a"), make([]byte, chat.MaxFile-6)...)
	_, _ = rand.NewChaCha8([32]byte{}).Read(large[6:])
	s.SendPictures(stage.Jane, "", twilio.Media{Type: "image/gif", Data: large}, twilio.Media{Type: "image/gif", Data: append(large, 0)})
	media := s.MediaFrom(stage.Jane)
	if media[0].State != chat.MediaKept || media[1].State != chat.MediaFailed || media[1].Problem == "" {
		t.Fatalf("they became %+v", media)
	}
	merchant := s.Merchant()
	got := make(chan bool)
	for range 6 {
		go func() {
			resp, body := merchant.Get("GET", media[0].ID)
			got <- resp.StatusCode == 200 && bytes.Equal(body, large)
		}()
	}
	for range 6 {
		if !<-got {
			t.Error("it came otherwise")
		}
	}
}
