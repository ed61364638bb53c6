package main

import (
	"net/http"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"sidetext/pretend/twilio"
)

// In a browser a picture opens by itself, although its page may do nothing; and
// what could run is not opened.
func TestPictureInABrowser(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.sends(jane, "", twilio.Media{Type: "image/png", Data: drawn(t)["image/png"]}, twilio.Media{Type: "image/png", Data: []byte("<!DOCTYPE html><title>ran</title><p>a page")})
	media := s.pictures(jane)
	browser := newBrowser(t)
	at, err := http.NewRequest(http.MethodGet, s.url, nil)
	must(t, err)
	for _, c := range s.merchant().http.Jar.Cookies(at.URL) {
		must(t, browser.SetCookies([]*proto.NetworkCookieParam{{Name: c.Name, Value: c.Value, URL: s.url}}))
	}
	page := open1280(t, browser, s.url+"/api/media/"+string(media[0].ID))
	if got := page.MustEval(`() => document.images[0].naturalWidth + "x" + document.images[0].naturalHeight`).Str(); got != "40x30" {
		t.Errorf("the picture is shown as %s", got)
	}
	shoot(t, page, "picture-by-itself")
	if err := page.Navigate(s.url + "/api/media/" + string(media[1].ID)); err == nil {
		t.Errorf("a page from a shopper was opened: %s", page.MustElement("html").MustText())
	}
}

// From the demo's phone into the pop-up.
func TestPhotoInTheDemo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	browser := newBrowser(t)
	page := open1280(t, browser, s.url+"/demo")
	page.MustElementR(`demo-reply-box button`, "Send a photo").MustClick()
	see(t, page.MustElement(`[data-test="thread"]`), "[Picture]")
	shoot(t, page, "photo-sent")
	k := s.ticketOf(jane)
	agent := s.caller()
	agent.signIn(k, "Ben Okafor")
	at, err := http.NewRequest(http.MethodGet, s.url, nil)
	must(t, err)
	for _, c := range agent.http.Jar.Cookies(at.URL) {
		must(t, browser.SetCookies([]*proto.NetworkCookieParam{{Name: c.Name, Value: c.Value, URL: s.url}}))
	}
	token, ticket := s.launch(k)
	popup := open1280(t, browser, s.url+"/popup#t="+token+"&ticket="+ticket)
	until(t, "the pop-up shows the photo", func() bool {
		return popup.MustEval(`() => [...document.images].some(i => i.naturalWidth === 640 && i.clientWidth > 50)`).Bool()
	})
	shoot(t, popup, "photo-in-the-popup")
}
