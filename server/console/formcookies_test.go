package console_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sidetext/server/e2e/stage"
)

// What a form contained and what an import brought is shown by every node, to the
// session that sent it, and without secrets.
func TestFormsAreRememberedOnEveryNode(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	first, second := b.App, b.SecondNode(t)
	g := b.Merchant(b.Mine)
	const key, token = "key-that-is-secret", "token-that-is-secret"
	status, page := g.Post("/connect/gorgias", url.Values{"address": {"acme.gorgias.com"}, "username": {"ann@acme.example"}, "key": {key}})
	g.Expect(status, page, http.StatusSeeOther, "/connect/gorgias/progress")
	status, page = g.Post("/connect/number", url.Values{"number": {"+1 415 555 0144"}, "account": {"AC" + strings.Repeat("0", 32)}, "token": {token}})
	g.Expect(status, page, http.StatusSeeOther, "/connect/number/progress")
	first.Jobs.Wait() // both have failed: no vendor is there
	for _, node := range []string{"first", "second"} {
		status, page = g.Get("/connect/gorgias")
		g.Expect(status, page, 200, `value="acme.gorgias.com"`, `value="ann@acme.example"`)
		if strings.Contains(page, key) {
			t.Errorf("%s node: the page shows the key", node)
		}
		status, page = g.Get("/connect/number")
		g.Expect(status, page, 200, `415 555 0144"`)
		if strings.Contains(page, token) {
			t.Errorf("%s node: the page shows the token", node)
		}
		g.App = second
	}
	for name, value := range g.Cookies {
		if strings.Contains(value, "acme") || strings.Contains(value, "0144") {
			t.Errorf("the cookie %s can be read: %s", name, value)
		}
	}

	// Another session of the same shop does not get what this one typed.
	other := b.Merchant(b.Mine)
	mine := maps.Clone(g.Cookies)
	for name := range other.Cookies {
		delete(mine, name)
	}
	maps.Copy(other.Cookies, mine)
	if _, page = other.Get("/connect/gorgias"); strings.Contains(page, "ann@acme.example") {
		t.Error("another session sees the form")
	}
}

func TestImportResultIsShownOnceOnAnotherNode(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	second := b.SecondNode(t)
	g := b.Merchant(b.Mine)
	file := "phone,name\n+14155550123,Jane\n" + strings.Repeat("x,y\n,\"z\n", 40)
	status, page := g.Upload(file, map[string]string{"region": "US"})
	g.Expect(status, page, http.StatusSeeOther, "/shoppers")
	for name, value := range g.Cookies {
		if len(value) > 1500 {
			t.Errorf("the cookie %s has %d bytes", name, len(value))
		}
	}
	g.App = second
	status, page = g.Get("/shoppers")
	g.Expect(status, page, 200, "1 new", "Line 3", "This is not a whole phone number")
	if _, page = g.Get("/shoppers"); strings.Contains(page, "1 new") {
		t.Error("the result is shown again")
	}
}

// A cookie that was changed, or is not ours, counts as none.
func TestForgedFormCookies(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	for _, value := range []string{"x", "AAAA", strings.Repeat("A", 1000)} {
		g.Cookies["sidetext-form-gorgias"], g.Cookies["sidetext-form-import"] = value, value
		for _, path := range []string{"/connect/gorgias", "/shoppers"} {
			status, page := g.Get(path)
			g.Expect(status, page, 200)
		}
	}
}
