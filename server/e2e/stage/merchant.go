package stage

import (
	"net/http"
	"regexp"
	"time"

	"sidetext/store"
)

// Merchant is a client with a session of the shop's merchant.
func (s *Stage) Merchant() *Client {
	s.T.Helper()
	link, err := s.App.Store.MakeSignInLink(s.T.Context(), s.Shop.ID, time.Now())
	Must(s.T, err)
	session, err := s.App.Store.UseSignInLink(s.T.Context(), link, time.Now())
	Must(s.T, err)
	c := s.Client()
	at, err := http.NewRequest(http.MethodGet, s.URL, nil)
	Must(s.T, err)
	c.HTTP.Jar.SetCookies(at.URL, []*http.Cookie{{Name: s.App.Web.Cookies.Name(store.MerchantSession), Value: s.SignedCookie(s.T, store.MerchantSession, session.ID, s.SessionKey())}})
	return c
}

var RouteParameter = regexp.MustCompile(`:\w+\??`)

// SafeHeaders are the headers that every response has.
var SafeHeaders = map[string]string{
	"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
	"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
	"Server": "", "X-Powered-By": "", "Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "",
}
