package demo_test

import (
	"net/http"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"sidetext/server/e2e/stage"
)

// TestDemoPhoto: a photo goes from the demo's phone to the pop-up.
func TestDemoPhoto(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	browser := stage.NewBrowser(t)
	page := stage.OpenPage(t, browser, s.URL+"/demo")
	page.MustElementR(`demo-reply-box button`, "Send a photo").MustClick()
	stage.WaitForText(t, page.MustElement(`[data-test="thread"]`), "[Picture]")
	stage.Screenshot(t, page, "photo-sent")
	k := s.WaitForTicket(stage.Jane)
	agent := s.Client()
	agent.SignIn(k, "Ben Okafor")
	at, err := http.NewRequest(http.MethodGet, s.URL, nil)
	stage.Must(t, err)
	for _, c := range agent.HTTP.Jar.Cookies(at.URL) {
		stage.Must(t, browser.SetCookies([]*proto.NetworkCookieParam{{Name: c.Name, Value: c.Value, URL: s.URL}}))
	}
	token, ticket := s.LaunchLink(k)
	popup := stage.OpenPage(t, browser, s.URL+"/popup#t="+token+"&ticket="+ticket)
	stage.Until(t, "the pop-up shows the photo", func() bool {
		return popup.MustEval(`() => [...document.images].some(i => i.naturalWidth === 640 && i.clientWidth > 50)`).Bool()
	})
	stage.Screenshot(t, popup, "photo-in-the-popup")
}
