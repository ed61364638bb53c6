package web_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/app"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
	"sidetext/store"
)

// TestAgentCookie: its flags, with and without encryption.
func TestAgentCookie(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]http.Cookie{
		"http://localhost":        {Name: "sidetext-agent", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode},
		"https://sms.example.com": {Name: "__Host-sidetext-agent", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: true},
	} {
		t.Run(want.Name, func(t *testing.T) {
			t.Parallel()
			s, err := app.Open(t.Context(), app.Settings{
				PublicURL: address, DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "x.db"), SecretKey: make([]byte, 32), GorgiasURL: "http://{account}.invalid",
				ShopifyURL: "http://{shop}.invalid", ShopifyVersion: "2026-10", RechargeURL: "http://recharge.invalid",
			}, slog.New(slog.DiscardHandler))
			stage.Must(t, err)
			defer func() { stage.Must(t, s.Hub.Drain(t.Context())); stage.Must(t, s.Close()) }()
			now := time.Now()
			shop, err := s.Store.AddShop(t.Context(), "Shop", now)
			stage.Must(t, err)
			line := chat.Line{ID: "line", Shop: shop.ID, Number: demo.Number, Provider: "twilio", Account: demo.TwilioAccount, Endpoint: "x"}
			stage.Must(t, s.Store.SaveLine(t.Context(), line))
			turn, err := s.Store.Receive(t.Context(), chat.LineConfig{Shop: shop, Line: line}, stage.Jane, now, func(*chat.Turn) error { return nil })
			stage.Must(t, err)
			post := chat.Delivery{ID: "x", Shop: shop.ID, Kind: chat.PostCode, Account: "gorgias/x", Lane: "x", Due: now}
			challenge, err := s.Store.MakeCode(t.Context(), store.Code{Shop: shop.ID, Conversation: turn.Conversation.ID, Agent: chat.Agent{ID: "1", Name: "Ben"}}, "123456", post, now)
			stage.Must(t, err)
			req := httptest.NewRequest("POST", "/api/session", strings.NewReader(`{"challenge":"`+challenge+`","code":"123456"}`))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Origin", address)
			resp, err := s.Public.Test(req, 20_000)
			stage.Must(t, err)
			defer resp.Body.Close()
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 || len(resp.Cookies()) != 1 {
				t.Fatalf("got %d %v", resp.StatusCode, resp.Cookies())
			}
			got := *resp.Cookies()[0]
			if left := time.Until(got.Expires); left < store.SessionLifetime-time.Minute || left > store.SessionLifetime {
				t.Errorf("it lasts %v", left)
			}
			if strings.Contains(got.Value, "Ben") || len(got.Value) < 100 {
				t.Errorf("it says %q", got.Value)
			}
			got.Value, got.Raw, got.RawExpires, got.Expires = "", "", "", time.Time{}
			if got.String() != want.String() || got.Domain != "" {
				t.Errorf("it is %v", got)
			}
		})
	}
}

// TestApiRefusesOtherSites: every request that changes something comes from our
// own pages, as JSON.
func TestApiRefusesOtherSites(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, k := s.SignedInAgent()
	token, ticket := s.LaunchLink(k)
	body := fmt.Sprintf(`{"token":%q,"ticket":%q,"agent":%q,"challenge":"x","code":"y"}`, token, ticket, s.Agents()["Ben Okafor"])
	send := func(method, path, origin, site, kind, body string) int {
		t.Helper()
		req, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
		stage.Must(t, err)
		for name, value := range map[string]string{"Origin": origin, "Sec-Fetch-Site": site, "Content-Type": kind} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		resp, err := agent.HTTP.Do(req)
		stage.Must(t, err)
		stage.Must(t, resp.Body.Close())
		return resp.StatusCode
	}
	codes := len(s.Codes(k))
	for route, fine := range map[string]int{"POST /api/launch": 200, "POST /api/code": 202, "POST /api/session": 401, "DELETE /api/session": 204} {
		method, path, _ := strings.Cut(route, " ")
		for _, from := range [][2]string{
			{"", ""}, {"http://evil.example", ""}, {"null", ""}, {s.URL + ".evil.example", ""}, {"http://evil.example", "cross-site"}, {s.URL, "cross-site"},
			{s.URL, "same-site"}, {s.URL, "none"}, {"", "none"}, {"", "cross-site"}, {s.URL + "/", ""},
		} {
			if got := send(method, path, from[0], from[1], "application/json", body); got != 403 {
				t.Errorf("%s from %q: got %d", route, from, got)
			}
		}
		if method == "POST" {
			for kind, body := range map[string]string{
				"text/plain": body, "application/x-www-form-urlencoded": "token=" + token, "": body, "multipart/form-data; boundary=x": body,
				"text/plain; application/json": body, "application/json": "{", "application/json; charset=utf-8": body + "{}",
			} {
				if got := send(method, path, s.URL, "same-origin", kind, body); got != 400 {
					t.Errorf("%s as %q: got %d", route, kind, got)
				}
			}
		}
		defer func() { // last, as one of them ends the session
			if got := send(method, path, s.URL, "", "application/json; charset=utf-8", body); got != fine {
				t.Errorf("%s from our own page: got %d", route, got)
			}
		}()
	}
	s.WaitUntilIdle()
	if n := len(s.Codes(k)); n != codes {
		t.Errorf("%d codes were posted", n-codes)
	}
	agent.Open(id, 0) // still signed in
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, _, k := s.SignedInAgent()
	token, _ := s.LaunchLink(k)
	for range 2 { // once more is fine
		req, err := http.NewRequest("DELETE", s.URL+"/api/session", nil)
		stage.Must(t, err)
		req.Header.Set("Origin", s.URL)
		resp, err := agent.HTTP.Do(req)
		stage.Must(t, err)
		stage.Must(t, resp.Body.Close())
		if resp.StatusCode != 204 || resp.Header.Get("Clear-Site-Data") != `"cache"` {
			t.Errorf("got %d %v", resp.StatusCode, resp.Header)
		}
		if agent.Cookie() != nil {
			t.Error("the browser keeps the cookie")
		}
	}
	var out stage.LaunchAnswer
	if got := agent.Call("POST", "/api/launch", map[string]string{"token": token}, &out); got != 200 || out.SignedIn {
		t.Errorf("got %d %+v", got, out)
	}
}
