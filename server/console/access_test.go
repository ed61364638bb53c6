package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sidetext/server/e2e/stage"
)

func TestConsoleNeedsASession(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	gets, posts := b.PrivateRoutes()
	if len(gets) < 10 || len(posts) < 7 {
		t.Fatalf("there are only %d and %d routes", len(gets), len(posts))
	}
	forger, agent := b.PlainBrowser(), b.PlainBrowser()
	merchant := b.Merchant(b.Mine)
	for name, value := range merchant.Cookies {
		forger.Cookies[name] = value[:len(value)-3] + "AAA"
		agent.Cookies[strings.Replace(name, "merchant", "agent", 1)] = value
	}
	for name, g := range map[string]*stage.PlainBrowser{"nobody": b.PlainBrowser(), "a forged cookie": forger, "another role's cookie": agent} {
		for _, path := range gets {
			if status, page := g.Get(path); status != 401 || !strings.Contains(page, "You are signed out") || strings.Contains(page, "Willow") {
				t.Errorf("GET %s answered %s with %d", path, name, status)
			}
		}
		for _, path := range posts {
			if status, _ := g.Post(path, url.Values{"name": {"Taken"}}); status != 401 {
				t.Errorf("POST %s answered %s with %d", path, name, status)
			}
		}
		g.JSON = true
		if status, page := g.Get("/api/setup/gorgias"); status != 401 || !strings.Contains(page, `"signed_out"`) {
			t.Errorf("a script got %d: %s", status, page)
		}
	}
}

func TestConsoleRefusesOtherSites(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	_, posts := b.PrivateRoutes()
	for _, site := range []string{"cross-site", "same-site", "none", ""} {
		g.Site = site
		for _, path := range append(posts, "/sign-out", "/sign-in") {
			status, _ := g.Post(path, url.Values{"name": {"Taken"}, "secret": {b.SignInLink(b.Other)}})
			if status != http.StatusForbidden {
				t.Errorf("POST %s from %q answered %d", path, site, status)
			}
		}
	}
	shop, err := b.Store.Shop(context.Background(), b.Mine.ID)
	stage.Must(t, err)
	if shop != b.Mine {
		t.Errorf("the shop is %+v now", shop)
	}
	status, page := g.Get("/")
	g.Expect(status, page, 200, "Willow")
}

func TestConsoleShowsOwnShopOnly(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	b.AddEverything(b.Other, "goldfinch", "+14155550166")
	gets, _ := b.PrivateRoutes()
	for name, furnished := range map[string]bool{"beside an empty shop": false, "beside a furnished one": true} {
		if furnished {
			b.AddEverything(b.Mine, "willow", "+14155550144")
		}
		g := b.Merchant(b.Mine)
		for _, path := range gets {
			_, page := g.Get(path)
			if strings.Contains(strings.ToLower(page), "goldfinch") || strings.Contains(page, "555 0166") {
				t.Errorf("%s: %s shows another shop: %s", name, path, page)
			}
		}
	}
	g := b.Merchant(b.Mine)
	status, page := g.Get("/")
	g.Expect(status, page, 200, "555 0144", "willow.gorgias.com", "1 ticket waits to be opened or brought up to date.", "1 request from your number", "hooks/twilio/endpoint-willow/inbound")
	for _, secret := range []string{"key-willow", "token-willow", "secret-willow", "desk-willow"} {
		if strings.Contains(page, secret) {
			t.Errorf("the page shows a %s", secret)
		}
	}
	status, page = g.Post("/settings", url.Values{})
	g.Expect(status, page, http.StatusSeeOther)
	if its, err := b.Store.Shop(context.Background(), b.Other.ID); err != nil || its != b.Other {
		t.Errorf("the other shop is %+v now (%v)", its, err)
	}
}

func TestPagesEscapeNames(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	b.AddEverything(b.Mine, "willow", "+14155550144")
	g := b.Merchant(b.Mine)
	gets, _ := b.PrivateRoutes()
	module := regexp.MustCompile(`<script type="module" src="/public/console/[a-z]+\.js"></script>`)
	inline := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:`)
	for _, path := range append(gets, "/sign-in", "/nothing", "/public/console/pages/home.html") {
		answer := g.Send("GET", path, "", nil)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY",
		} {
			if got := answer.Header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		status, page := g.Read(answer)
		if strings.HasPrefix(path, "/api/") {
			continue
		}
		if found := inline.FindString(module.ReplaceAllString(page, "")); found != "" {
			t.Errorf("%s has %q", path, found)
		}
		if strings.Contains(page, "{{") || (status == 200 && !strings.HasSuffix(strings.TrimSpace(page), "</html>")) {
			t.Errorf("%s is not whole: %s", path, page)
		}
	}
	if status, _ := g.Get("/public/console/pages/home.html"); status != 404 {
		t.Errorf("a page that is not filled in is served with %d", status)
	}
	for _, file := range []string{"console.css", "home.css", "forms.css", "signin.js", "switches.js", "send.js", "progress.js", "times.js", "ago.js", "upload.js", "copy.js", "directory.js", "pictures.svg"} {
		if status, _ := g.Get("/public/console/" + file); status != 200 {
			t.Errorf("%s is served with %d", file, status)
		}
	}
}
