package stage

import (
	"net/http"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"sidetext/pretend/gorgias"
)

// PopupIn opens the pop-up of a ticket's conversation as a signed-in agent,
// with cookies of its own.
func (s *Stage) PopupIn(browser *rod.Browser, k gorgias.Ticket, agent string) *rod.Page {
	s.T.Helper()
	own, err := browser.Incognito()
	Must(s.T, err)
	who := s.Client()
	who.SignIn(k, agent)
	at, err := http.NewRequest(http.MethodGet, s.URL, nil)
	Must(s.T, err)
	for _, c := range who.HTTP.Jar.Cookies(at.URL) {
		Must(s.T, own.SetCookies([]*proto.NetworkCookieParam{{Name: c.Name, Value: c.Value, URL: s.URL}}))
	}
	token, ticket := s.LaunchLink(k)
	page := OpenPage(s.T.(*testing.T), own, s.URL+"/popup#t="+token+"&ticket="+ticket)
	Must(s.T, page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: 420, Height: 640, DeviceScaleFactor: 1}))
	page.MustElement(".live:not([hidden])")
	return page
}
