package popup_test

import (
	"net/http"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"sidetext/pretend/twilio"
	"sidetext/server/e2e/stage"
)

// TestPictureInBrowser: a picture is shown under its strict policy; what could
// run is not opened.
func TestPictureInBrowser(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendPictures(stage.Jane, "", twilio.Media{Type: "image/png", Data: stage.SamplePictures(t)["image/png"]}, twilio.Media{Type: "image/png", Data: []byte("<!DOCTYPE html><title>ran</title><p>a page")})
	media := s.MediaFrom(stage.Jane)
	browser := stage.NewBrowser(t)
	at, err := http.NewRequest(http.MethodGet, s.URL, nil)
	stage.Must(t, err)
	for _, c := range s.Merchant().HTTP.Jar.Cookies(at.URL) {
		stage.Must(t, browser.SetCookies([]*proto.NetworkCookieParam{{Name: c.Name, Value: c.Value, URL: s.URL}}))
	}
	page := stage.OpenPage(t, browser, s.URL+"/api/media/"+string(media[0].ID))
	if got := page.MustEval(`() => document.images[0].naturalWidth + "x" + document.images[0].naturalHeight`).Str(); got != "40x30" {
		t.Errorf("the picture is shown as %s", got)
	}
	stage.Screenshot(t, page, "picture-by-itself")
	if err := page.Navigate(s.URL + "/api/media/" + string(media[1].ID)); err == nil {
		t.Errorf("a page from a shopper was opened: %s", page.MustElement("html").MustText())
	}
}
