package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"sidetext/server/e2e/stage"
)

func TestSignInLinkWorksOnce(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	link := b.SignInLink(b.Mine)
	looker := b.PlainBrowser()
	status, page := looker.Get("/sign-in") // a scanner opens the link; what is behind the # stays with it
	looker.Expect(status, page, 200, "Sign in")

	var all sync.WaitGroup
	won := make(chan *stage.PlainBrowser, 8)
	for range 8 {
		all.Go(func() {
			g := b.PlainBrowser()
			if status, _ := g.Post("/sign-in", url.Values{"secret": {link}}); status == http.StatusSeeOther {
				won <- g
			} else if status != http.StatusForbidden || len(g.Cookies) > 0 {
				t.Errorf("a second use got %d and %d cookies", status, len(g.Cookies))
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		t.Fatalf("%d of 8 could use one link", len(won))
	}
	g := <-won
	status, page = g.Get("/")
	g.Expect(status, page, 200, "Willow", "Sign out")
	status, page = b.PlainBrowser().Post("/sign-in", url.Values{"secret": {link}})
	g.Expect(status, page, http.StatusForbidden, "This link can’t be used", "sidetext link")

	// Another link in the same browser: a new session, and the old one ends.
	before := b.PlainBrowser()
	for name, value := range g.Cookies {
		before.Cookies[name] = value
	}
	status, page = g.Post("/sign-in", url.Values{"secret": {"http://localhost/sign-in#" + b.SignInLink(b.Mine)}})
	g.Expect(status, page, http.StatusSeeOther)
	status, page = before.Get("/")
	g.Expect(status, page, 401, "You are signed out")
}

func TestSignInCookieAndSignOut(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.PlainBrowser()
	answer := g.Send("POST", "/sign-in", "application/x-www-form-urlencoded", strings.NewReader("secret="+b.SignInLink(b.Mine)))
	cookie := answer.Header.Get("Set-Cookie")
	for _, flag := range []string{"HttpOnly", "SameSite=Lax", "path=/"} {
		if !strings.Contains(cookie, flag) {
			t.Errorf("the cookie has no %s: %s", flag, regexp.MustCompile(`=[^;]*`).ReplaceAllString(cookie, ""))
		}
	}
	copied := b.PlainBrowser()
	for name, value := range g.Cookies {
		copied.Cookies[name] = value
	}
	answer = g.Send("POST", "/sign-out", "", nil)
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Clear-Site-Data") == "" {
		t.Errorf("signing out answered %d", answer.StatusCode)
	}
	status, page := copied.Get("/") // the cookie was copied before
	copied.Expect(status, page, 401, "You are signed out")
}
