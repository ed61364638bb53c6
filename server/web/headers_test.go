package web_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sidetext/server/e2e/stage"
)

// rules are what the content security policy has to say at least.
var rules = []string{
	"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "font-src 'self'",
	"base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
}

func wantSafe(t *testing.T, what string, resp *http.Response) {
	t.Helper()
	for name, want := range stage.SafeHeaders {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %d with %s: %q", what, resp.StatusCode, name, got)
		}
	}
	policy := strings.Split(resp.Header.Get("Content-Security-Policy"), "; ")
	directives := map[string]bool{}
	for _, rule := range policy {
		directives[rule] = true
		if strings.Contains(rule, "unsafe") || strings.Contains(rule, "*") || strings.Contains(rule, "http") {
			t.Errorf("%s: the policy allows %q", what, rule)
		}
	}
	for _, rule := range rules {
		if !directives[rule] {
			t.Errorf("%s: %d with the policy %q", what, resp.StatusCode, policy)
		}
	}
	cached := strings.HasPrefix(resp.Request.URL.Path, "/public/") && resp.StatusCode < 400
	if got := resp.Header.Get("Cache-Control"); got != map[bool]string{true: "no-cache", false: "no-store"}[cached] {
		t.Errorf("%s: %d with Cache-Control: %q", what, resp.StatusCode, got)
	}
}

// TestSecurityHeaders: every route has them, without a session with every
// method and as a merchant; and so have errors before any route.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	guest, merchant := s.Client(), s.Merchant()
	ask := func(who *stage.Client, name, method, path string) {
		t.Helper()
		for _, accept := range []string{"", "text/html"} {
			req, err := http.NewRequest(method, s.URL+path, nil)
			stage.Must(t, err)
			req.Header.Set("Accept", accept)
			resp, err := who.HTTP.Do(req)
			stage.Must(t, err)
			stage.Must(t, resp.Body.Close())
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
		path := stage.RouteParameter.ReplaceAllString(route.Path, "x")
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
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		stage.Must(t, err)
		defer conn.Close()
		stage.Must(t, conn.SetDeadline(time.Now().Add(stage.Timeout)))
		_, err = conn.Write([]byte(request))
		stage.Must(t, err)
		asked, err := http.NewRequest(http.MethodGet, s.URL, nil)
		stage.Must(t, err)
		resp, err := http.ReadResponse(bufio.NewReader(conn), asked)
		stage.Must(t, err)
		if resp.StatusCode < 400 || resp.StatusCode >= 500 {
			t.Errorf("%s: got %d", name, resp.StatusCode)
		}
		wantSafe(t, name, resp)
	}
}
