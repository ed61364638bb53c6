package stories

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"sidetext/store"
)

// merchant is a browser in which the shop's merchant is signed in.
func (s *stage) merchant() *caller {
	s.t.Helper()
	link, err := s.App.Store.MakeSignInLink(s.t.Context(), s.Shop.ID, time.Now())
	must(s.t, err)
	session, err := s.App.Store.UseSignInLink(s.t.Context(), link, time.Now())
	must(s.t, err)
	c := s.caller()
	at, err := http.NewRequest(http.MethodGet, s.url, nil)
	must(s.t, err)
	c.http.Jar.SetCookies(at.URL, []*http.Cookie{{Name: s.App.Web.Cookies.Name(store.MerchantSession), Value: s.signed(s.t, store.MerchantSession, session.ID, s.sessionKey())}})
	return c
}

var parameter = regexp.MustCompile(`:\w+\??`)

// safe are the headers that every answer has, whatever it answers.
var safe = map[string]string{
	"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
	"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
	"Server": "", "X-Powered-By": "", "Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "",
}

// rules are what the content security policy has to say at least.
var rules = []string{
	"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "font-src 'self'",
	"base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
}

func wantSafe(t *testing.T, what string, resp *http.Response) {
	t.Helper()
	for name, want := range safe {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %d with %s: %q", what, resp.StatusCode, name, got)
		}
	}
	policy := strings.Split(resp.Header.Get("Content-Security-Policy"), "; ")
	said := map[string]bool{}
	for _, rule := range policy {
		said[rule] = true
		if strings.Contains(rule, "unsafe") || strings.Contains(rule, "*") || strings.Contains(rule, "http") {
			t.Errorf("%s: the policy allows %q", what, rule)
		}
	}
	for _, rule := range rules {
		if !said[rule] {
			t.Errorf("%s: %d with the policy %q", what, resp.StatusCode, policy)
		}
	}
	cached := strings.HasPrefix(resp.Request.URL.Path, "/public/") && resp.StatusCode < 400
	if got := resp.Header.Get("Cache-Control"); got != map[bool]string{true: "no-cache", false: "no-store"}[cached] {
		t.Errorf("%s: %d with Cache-Control: %q", what, resp.StatusCode, got)
	}
}

// TestHeaders walks through every route that there is, as a guest with every
// method and as a merchant, and through what goes wrong before any route.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	guest, merchant := s.caller(), s.merchant()
	ask := func(who *caller, name, method, path string) {
		t.Helper()
		for _, accept := range []string{"", "text/html"} {
			req, err := http.NewRequest(method, s.url+path, nil)
			must(t, err)
			req.Header.Set("Accept", accept)
			resp, err := who.http.Do(req)
			must(t, err)
			must(t, resp.Body.Close())
			wantSafe(t, name+" "+method+" "+path, resp)
		}
	}
	routes := s.App.Public.GetRoutes()
	if len(routes) < 30 {
		t.Fatalf("there are only %d routes", len(routes))
	}
	for _, route := range routes {
		if route.Method == http.MethodConnect {
			continue // goes to no path
		}
		path := parameter.ReplaceAllString(route.Path, "x")
		ask(guest, "guest", route.Method, path)
		if route.Method == http.MethodGet {
			ask(merchant, "merchant", route.Method, path)
		}
	}
	for _, path := range []string{"/nothing", "/popup/", "/POPUP", "/public/popup/main.js", "/public/nothing.js", "/public/", "/public/popup", "/public/../popup", "/%25", "/%00", "/%2e%2e/popup", "//", "/hooks/"} {
		ask(guest, "guest", http.MethodGet, path)
	}
	for name, request := range map[string]string{
		"too large":         fmt.Sprintf("POST /api/launch HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 1<<30),
		"a large header":    "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 100_000) + "\r\n\r\n",
		"no request":        "nonsense\r\n\r\n",
		"a length, twice":   "POST /api/launch HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"an odd length":     "POST /api/launch HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
		"half of a form":    "POST /shoppers HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\n--x",
		"something packed":  "POST /api/launch HTTP/1.1\r\nHost: x\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
		"packed, and twice": "POST /api/launch HTTP/1.1\r\nHost: x\r\nContent-Encoding: \r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		must(t, err)
		defer conn.Close()
		must(t, conn.SetDeadline(time.Now().Add(lastResort)))
		_, err = conn.Write([]byte(request))
		must(t, err)
		asked, err := http.NewRequest(http.MethodGet, s.url, nil)
		must(t, err)
		resp, err := http.ReadResponse(bufio.NewReader(conn), asked)
		must(t, err)
		if resp.StatusCode < 400 || resp.StatusCode >= 500 {
			t.Errorf("%s: got %d", name, resp.StatusCode)
		}
		wantSafe(t, name, resp)
	}
}

// TestAdminIsElsewhere: what operators see is not on the public side, whatever a
// request says about itself.
func TestAdminIsElsewhere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1", "/debug/pprof/trace?seconds=1", "/debug/vars"} {
		for _, host := range []string{"", "127.0.0.1:9090", "localhost"} {
			req, err := http.NewRequest(http.MethodGet, s.url+path, nil)
			must(t, err)
			if host != "" {
				req.Host = host
				req.Header.Set("X-Forwarded-For", "127.0.0.1")
			}
			resp, err := s.caller().http.Do(req)
			must(t, err)
			must(t, resp.Body.Close())
			if resp.StatusCode != 404 {
				t.Errorf("%s as %q: got %d", path, host, resp.StatusCode)
			}
		}
	}
}
