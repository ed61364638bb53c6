package stories

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/server/demo"
)

// drawn is a small picture in each of the formats that browsers show.
func drawn(t *testing.T) map[string][]byte {
	t.Helper()
	picture := image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{color.Black, color.White})
	var p, j, g bytes.Buffer
	must(t, png.Encode(&p, picture))
	must(t, jpeg.Encode(&j, picture, nil))
	must(t, gif.Encode(&g, picture, nil))
	return map[string][]byte{"image/png": p.Bytes(), "image/jpeg": j.Bytes(), "image/gif": g.Bytes(), "image/webp": []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")}
}

// sends has somebody text a picture, and waits until the store has the text.
func (s *stage) sends(from, text string, media ...twilio.Media) {
	s.t.Helper()
	s.log.private("/Media/ME") // where they are is leave to fetch them
	ctx, cancel := context.WithTimeout(context.Background(), lastResort)
	defer cancel()
	_, calls, err := s.World.Twilio.Deliver(ctx, twilio.Inbound{From: from, To: demo.Number, Body: text, Media: media})
	must(s.t, err)
	if len(calls) != 1 || calls[0].Status != http.StatusOK {
		s.t.Fatalf("the webhook was called %+v", calls)
	}
}

// pictures are what came with somebody's texts, once nothing of it is waiting.
func (s *stage) pictures(from string) (media []chat.Media) {
	s.t.Helper()
	until(s.t, "what came with a text is kept, or failed", func() bool {
		media = nil
		for _, e := range s.heard(from) {
			media = append(media, e.Media...)
		}
		return !slices.ContainsFunc(media, func(m chat.Media) bool { return m.State == chat.MediaWaiting })
	})
	return media
}

// get asks for a picture as a browser does.
func (c *caller) get(method string, id chat.MediaID, more ...string) (*http.Response, []byte) {
	c.s.t.Helper()
	req, err := http.NewRequest(method, c.s.url+"/api/media/"+string(id), nil)
	must(c.s.t, err)
	for i := 0; i < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	resp, err := c.http.Do(req)
	must(c.s.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(c.s.t, err)
	return resp, body
}

// A picture is on the agent's screen as soon as it is here: the text first, then
// what came with it.
func TestPictureComesToThePopup(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	p := agent.open(id, 0)
	photo := drawn(t)["image/png"]
	s.sends(jane, "this is how it looks", twilio.Media{Type: "image/jpeg", Data: photo, NotYet: 2})
	var states []chat.MediaState
	var last chat.Media
	for last.State != chat.MediaKept {
		for _, e := range p.wait("changed").Entries {
			if e.Text == "this is how it looks" && e.Media[0].State != last.State {
				last = e.Media[0]
				states = append(states, last.State)
			}
		}
	}
	if !slices.Equal(states, []chat.MediaState{chat.MediaWaiting, chat.MediaKept}) || last.Type != "image/png" || last.Size != int64(len(photo)) || last.URL != "" {
		t.Errorf("the screen saw %v, at the end %+v", states, last)
	}
	resp, body := agent.get("GET", last.ID)
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

func TestWhoSeesAPicture(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, _, _ := s.agent()
	n := newNeighbour(t, s)
	photo := drawn(t)["image/png"]
	s.sends(jane, "", twilio.Media{Type: "image/png", Data: photo})
	id := s.pictures(jane)[0].ID
	var theirs string
	_, names := s.rows(t, n.shop.ID)
	for name := range names {
		if p, err := s.App.Store.Media(t.Context(), n.shop.ID, chat.MediaID(name)); err == nil && p.Size > 0 {
			theirs = name
		}
	}
	for name, test := range map[string]struct {
		who  *caller
		id   chat.MediaID
		want int
	}{
		"an agent":             {agent, id, 200},
		"the merchant":         {s.merchant(), id, 200},
		"nobody":               {s.caller(), id, 401},
		"nobody, nothing":      {s.caller(), "nothing", 401},
		"another shop's":       {agent, chat.MediaID(theirs), 404},
		"as the merchant":      {s.merchant(), chat.MediaID(theirs), 404},
		"nothing":              {agent, "nothing", 404},
		"something else's":     {agent, chat.MediaID(n.id), 404},
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
				resp, body := test.who.get(method, test.id)
				if resp.StatusCode != test.want {
					t.Errorf("%s: got %d", method, resp.StatusCode)
				}
				if bytes.Contains(body, photo[:8]) && (test.want != 200 || method == "HEAD") || strings.Contains(string(body), canary) {
					t.Errorf("%s: got %q", method, body)
				}
			}
		})
	}
}

// What a browser does with what shoppers send: it shows pictures, and saves
// everything else without ever running it.
func TestPictureHeaders(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	merchant := s.merchant()
	inline := func(ext string) string { return `inline; filename="from-shopper` + ext + `"` }
	attachment := func(ext string) string { return `attachment; filename="from-shopper` + ext + `"` }
	pictures := drawn(t)
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
			from := somebody()
			s.sends(from, "", twilio.Media{Type: "image/png", Data: test.data})
			m := s.pictures(from)[0]
			if m.State != chat.MediaKept {
				t.Fatalf("it became %+v", m)
			}
			for _, method := range []string{"GET", "HEAD"} {
				resp, body := merchant.get(method, m.ID, "Range", "bytes=1-2", "Accept", "text/html")
				want := map[string]string{
					"Content-Type": test.kind, "Content-Disposition": test.disposition, "Content-Length": strconv.Itoa(len(test.data)),
					"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, max-age=31536000, immutable",
					"Content-Range": "", "Accept-Ranges": "", "Content-Encoding": "", "Etag": "", "Last-Modified": "", "Set-Cookie": "",
				}
				for name, value := range safe {
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

// The largest there may be comes whole, to many at once.
func TestLargePicture(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	large := append([]byte("GIF89a"), make([]byte, chat.MaxFile-6)...)
	_, _ = rand.NewChaCha8([32]byte{}).Read(large[6:])
	s.sends(jane, "", twilio.Media{Type: "image/gif", Data: large}, twilio.Media{Type: "image/gif", Data: append(large, 0)})
	media := s.pictures(jane)
	if media[0].State != chat.MediaKept || media[1].State != chat.MediaFailed || media[1].Problem == "" {
		t.Fatalf("they became %+v", media)
	}
	merchant := s.merchant()
	got := make(chan bool)
	for range 6 {
		go func() {
			resp, body := merchant.get("GET", media[0].ID)
			got <- resp.StatusCode == 200 && bytes.Equal(body, large)
		}()
	}
	for range 6 {
		if !<-got {
			t.Error("it came otherwise")
		}
	}
}
