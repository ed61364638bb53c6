package popup_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
	"sidetext/store"
)

// TestMediaFromOtherHosts: a signed request may name any address. Only those
// where Twilio keeps the account's files are requested; the others are shown as
// failed.
func TestMediaFromOtherHosts(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	var asked atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = w.Write(stage.SamplePictures(t)["image/png"])
	}))
	defer elsewhere.Close()
	s.SendPictures(stage.Jane, "", twilio.Media{Type: "image/png", Data: stage.SamplePictures(t)["image/png"]})
	good := s.MediaFrom(stage.Jane)[0].URL
	played, path := s.World.TwilioURL(), strings.TrimPrefix(good, s.World.TwilioURL())
	before := len(s.World.Twilio.Requests())
	host := strings.TrimPrefix(played, "http://")
	hostile := []string{
		elsewhere.URL + path, elsewhere.URL, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1) + path, "https://169.254.169.254" + path,
		"http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "http://" + demo.TwilioAccount + ":" + "x@" + host + path, played + path + "?x=1",
		played + "/2010-04-01/Accounts/" + demo.TwilioAccount + "/Messages.json", s.URL + "/sign-in",
		played + strings.Replace(path, demo.TwilioAccount, "AC"+strings.Repeat("f", 32), 1), "", "\x00", "//" + host + path, played + "/../" + path, good + "%00",
	}
	froms := map[string]string{}
	for _, address := range hostile {
		froms[address] = stage.NewPhone()
		form := stage.Inbound(froms[address], "look", "NumMedia", "1", "MediaUrl0", address, "MediaContentType0", "image/png")
		if got := s.Call(stage.TwilioRequest{Path: "/hooks/twilio/" + s.Line().Endpoint + "/inbound", Form: form, Token: demo.TwilioToken}); got.Status != 200 {
			t.Fatalf("%q: got %+v", address, got)
		}
	}
	for address, from := range froms {
		media := s.MediaFrom(from)
		if texts := s.TextsFrom(from); len(texts) != 1 || texts[0].Text != "look" {
			t.Errorf("%q: stored %+v", address, texts)
		}
		if address == "" {
			if len(media) != 0 {
				t.Errorf("nothing came as %+v", media)
			}
			continue
		}
		if len(media) != 1 || media[0].State != chat.MediaFailed || media[0].Problem == "" {
			t.Errorf("%q: became %+v", address, media)
		}
	}
	var failures []store.Failure
	stage.Until(t, "all that failed is listed", func() bool {
		var total int
		var err error
		failures, total, err = s.App.Store.Failures(t.Context(), s.Shop.ID, 100)
		stage.Must(t, err)
		return total == len(hostile)-1
	})
	if n := asked.Load(); n != 0 {
		t.Errorf("another host was asked %d times", n)
	}
	for _, r := range s.World.Twilio.Requests()[before:] {
		if r.Method == http.MethodGet && !strings.HasSuffix(r.Path, "/Messages.json") { // which is the comparison
			t.Errorf("Twilio was asked for %s", r.Path)
		}
	}
	for _, f := range failures {
		if f.Kind != chat.FetchMedia || f.Problem == "" {
			t.Errorf("failed: %+v", f)
		}
	}
}
