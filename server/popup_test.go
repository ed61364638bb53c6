package main

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/store"
	"sidetext/widget"
)

// signed is a cookie's value that names a session.
func (s *stage) signed(t testing.TB, role store.SessionRole, id string, key []byte) string {
	t.Helper()
	value, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{string(role)}, ID: id, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}).SignedString(key)
	must(t, err)
	return value
}

// A refusal is what a page is told when something is not done.
type refusal struct{ Code, Text string }

// challenge asks for a code and returns what it is called, once the code stands
// in a note.
func (c *caller) challenge(k gorgias.Ticket) (challenge, code string) {
	t := c.s.t
	t.Helper()
	token, ticket := c.s.launch(k)
	before := len(c.s.codes(k))
	var asked struct{ Challenge string }
	if got := c.call("POST", "/api/code", map[string]string{"token": token, "ticket": ticket, "agent": c.s.agents()["Ben Okafor"]}, &asked); got != 202 {
		t.Fatalf("got %d", got)
	}
	until(t, 20*time.Second, "a code", func() bool { return len(c.s.codes(k)) > before })
	codes := c.s.codes(k)
	c.s.log.private(asked.Challenge, codes[len(codes)-1])
	return asked.Challenge, codes[len(codes)-1]
}

func (s *stage) agents() map[string]string {
	ids := map[string]string{}
	for _, a := range s.helpdesk().Agents {
		ids[a.Name] = a.ID
	}
	return ids
}

// cookie is the session that a browser holds, or nothing.
func (c *caller) cookie() *http.Cookie {
	at, err := url.Parse(c.s.url)
	must(c.s.t, err)
	for _, cookie := range c.http.Jar.Cookies(at) {
		return cookie
	}
	return nil
}

func TestLaunch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, k := s.agent()
	guest := s.caller()
	good, ticket := s.launch(k)
	s.log.private(good)
	expired, err := s.server.launcher.Token(s.shop.ID, id, time.Now().AddDate(-2, 0, 0))
	must(t, err)
	gone, err := s.server.launcher.Token(s.shop.ID, "nobody", time.Now())
	must(t, err)
	foreign, err := s.server.launcher.Token("another shop", id, time.Now())
	must(t, err)
	stranger, err := widget.NewLauncher(make([]byte, 32))
	must(t, err)
	forged, err := stranger.Token(s.shop.ID, id, time.Now())
	must(t, err)
	for name, test := range map[string]struct {
		token, code string
		status      int
	}{
		"none": {"", "not_found", 404}, "nonsense": {"x.y.z", "not_found", 404}, "forged": {forged, "not_found", 404},
		"changed": {good[:len(good)-3] + "AAA", "not_found", 404}, "with a line break": {good + "\n", "not_found", 404},
		"very long": {strings.Repeat("a.", 100_000), "not_found", 404}, "of no conversation": {gone, "not_found", 404},
		"of another shop": {foreign, "not_found", 404}, "a session's": {agent.cookie().Value, "not_found", 404}, "too old": {expired, "launch_expired", 400},
	} {
		for _, path := range []string{"/api/launch", "/api/code"} {
			var told refusal
			got := guest.call("POST", path, map[string]string{"token": test.token, "ticket": ticket, "agent": s.agents()["Ben Okafor"]}, &told)
			if got != test.status || told.Code != test.code || !strings.HasSuffix(told.Text, ".") {
				t.Errorf("%s, %s: got %d %+v", path, name, got, told)
			}
		}
	}
	var out, in map[string]any
	if got := guest.call("POST", "/api/launch", map[string]string{"token": good, "ticket": ticket}, &out); got != 200 {
		t.Fatalf("got %d", got)
	}
	if names := out["agents"].([]any); out["signed_in"] != false || out["agent"] != nil || len(names) != 3 || out["conversation"] != string(id) || out["ticket"].(map[string]any)["id"] != ticket {
		t.Errorf("signed out: got %v", out)
	}
	if text := fmt.Sprint(out); strings.Contains(text, "jane@example.com") || strings.Contains(text, jane) || strings.Contains(text, "grinder") || strings.Contains(text, "@willow-oak") {
		t.Errorf("a stranger is told %s", text)
	}
	if got := agent.call("POST", "/api/launch", map[string]string{"token": good, "ticket": ticket}, &in); got != 200 {
		t.Fatalf("got %d", got)
	}
	if keys := slices.Sorted(maps.Keys(in)); in["signed_in"] != true || in["agent"].(map[string]any)["name"] != "Ben Okafor" || !slices.Equal(keys, []string{"agent", "conversation", "shop", "signed_in"}) {
		t.Errorf("signed in: got %v", in)
	}
}

// TestCodeIsForWhoReadsTheTicket: it goes to the conversation's own ticket as an
// internal note, whatever ticket a page names.
func TestCodeIsForWhoReadsTheTicket(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	s.text(miguel, "my grinder is gone")
	mine, other := s.ticketOf(jane), s.ticketOf(miguel)
	letter := s.world.Gorgias.Tickets()[0] // has nothing to do with texts
	token, _ := s.launch(mine)
	guest := s.caller()
	for _, agent := range []string{"", "nobody", "Ben Okafor", demoOwner} {
		var told refusal
		if got := guest.call("POST", "/api/code", map[string]string{"token": token, "agent": agent}, &told); got != 400 || told.Code != "invalid" {
			t.Errorf("for %q: got %d %+v", agent, got, told)
		}
	}
	asked := []string{fmt.Sprint(mine.ID), fmt.Sprint(other.ID), fmt.Sprint(letter.ID), "", "0", "' OR 1=1", "../" + fmt.Sprint(other.ID)}
	for _, ticket := range asked {
		var told struct{ Ticket ticketView }
		if got := guest.call("POST", "/api/code", map[string]string{"token": token, "ticket": ticket, "agent": s.agents()["Ben Okafor"]}, &told); got != 202 || told.Ticket.ID != fmt.Sprint(mine.ID) {
			t.Errorf("on %q: got %d %+v", ticket, got, told)
		}
	}
	until(t, 20*time.Second, "all codes", func() bool { return len(s.codes(mine)) == len(asked) })
	s.settled()
	if len(s.codes(mine)) != len(asked) || len(s.codes(other))+len(s.codes(letter)) != 0 {
		t.Errorf("there are codes on %v, %v, %v", s.codes(mine), s.codes(other), s.codes(letter))
	}
	for _, m := range s.ticket(mine).Messages {
		if code := sixDigitsInANote.FindString(words(m)); code != "" && (m.Public || m.Channel != "internal-note") {
			t.Errorf("a code is public: %+v", m)
		}
	}
	for _, text := range s.mailed() {
		if sixDigitsInANote.MatchString(text) {
			t.Errorf("mailed %q", text)
		}
	}
	if slices.ContainsFunc(s.conversation(jane).Entries, func(e chat.Entry) bool { return sixDigitsInANote.MatchString(e.Text) && e.Kind == chat.Text }) {
		t.Error("a code is in the conversation")
	}
}

// TestCodeOfALostTicket: the link may still stand beside a ticket that is in the
// trash; the code goes to the one that took its place.
func TestCodeOfALostTicket(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	old := s.ticketOf(jane)
	token, ticket := s.launch(old)
	must(t, s.world.Gorgias.SetTrashed(old.ID, 0, true))
	s.text(jane, "are you there?")
	s.until(jane, "the loss is noted", happened(chat.TicketLost))
	fresh := s.ticketOf(jane)
	if got := s.caller().call("POST", "/api/code", map[string]string{"token": token, "ticket": ticket, "agent": s.agents()["Ben Okafor"]}, nil); got != 202 {
		t.Fatalf("got %d", got)
	}
	until(t, 20*time.Second, "a code", func() bool { return len(s.codes(fresh)) == 1 })
}

func TestWrongCodes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	s.text(miguel, "my grinder is gone")
	k, other := s.ticketOf(jane), s.ticketOf(miguel)
	guest := s.caller()
	try := func(challenge, code, want, text string, status int) {
		t.Helper()
		var told refusal
		if got := guest.call("POST", "/api/session", map[string]string{"challenge": challenge, "code": code}, &told); got != status || told.Code != want || !strings.Contains(told.Text, text) {
			t.Errorf("%q: got %d %+v", code, got, told)
		}
	}
	challenge, code := guest.challenge(k)
	theirs, theirCode := guest.challenge(other)
	wrong := "000000"
	if code == wrong || theirCode == wrong {
		wrong = "000001"
	}
	try("", code, "code_expired", "ask for a new one", 401)
	try("nothing", code, "code_expired", "ask for a new one", 401)
	for i, text := range []string{"4 tries are left", "3 tries are left", "2 tries are left", "One try is left"} {
		try(challenge, []string{wrong, "", code + "0", code[:5]}[i], "wrong_code", text, 401)
	}
	try(challenge, wrong, "code_expired", "can't be tried any more", 401)
	try(challenge, code, "code_expired", "ask for a new one", 401)
	if code != theirCode {
		try(theirs, code, "wrong_code", "4 tries are left", 401)
	}
	if guest.cookie() != nil {
		t.Error("somebody is signed in")
	}
	try(theirs, theirCode[:3]+" "+theirCode[3:], "", "", 200)
	try(theirs, theirCode, "code_expired", "ask for a new one", 401)

	old := store.Code{Shop: s.shop.ID, Conversation: s.conversation(jane).Conversation.ID, Agent: chat.Agent{ID: "1", Name: "Ben"}}
	post := chat.Delivery{ID: "old", Shop: s.shop.ID, Kind: chat.PostCode, Account: "gorgias/none", Lane: "old", Due: time.Now().Add(time.Hour)}
	expired, err := s.server.store.MakeCode(t.Context(), old, "123456", post, time.Now().Add(-store.CodeLasts-time.Second))
	must(t, err)
	try(expired, "123456", "code_expired", "ask for a new one", 401)
}

func TestCodeWorksOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	challenge, code := s.caller().challenge(s.ticketOf(jane))
	var trying sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range store.CodeTries {
		guest := s.caller()
		trying.Go(func() {
			got := guest.call("POST", "/api/session", map[string]string{"challenge": challenge, "code": code}, nil)
			mu.Lock()
			defer mu.Unlock()
			if got == 200 {
				in++
			} else if got != 401 {
				t.Errorf("got %d", got)
			}
			if (guest.cookie() != nil) != (got == 200) {
				t.Errorf("got %d and the cookie %v", got, guest.cookie())
			}
		})
	}
	trying.Wait()
	if in != 1 {
		t.Errorf("it worked %d times", in)
	}
}

func TestTooManyCodes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "my grinder is loud")
	k := s.ticketOf(jane)
	token, ticket := s.launch(k)
	guest := s.caller()
	ask := map[string]string{"token": token, "ticket": ticket, "agent": s.agents()["Ben Okafor"]}
	for range 12 {
		if got := guest.call("POST", "/api/code", ask, nil); got != 202 {
			t.Fatalf("got %d", got)
		}
	}
	for range 3 {
		var told refusal
		if got := s.caller().call("POST", "/api/code", ask, &told); got != 429 || told.Code != "too_many_codes" {
			t.Errorf("got %d %+v", got, told)
		}
	}
	s.settled()
	if n := len(s.codes(k)); n != 12 {
		t.Errorf("%d codes were posted", n)
	}
}

// TestAgentCookie looks at the flags, with and without encryption.
func TestAgentCookie(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]http.Cookie{
		"http://localhost":        {Name: "sidetext-agent", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode},
		"https://sms.example.com": {Name: "__Host-sidetext-agent", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: true},
	} {
		t.Run(want.Name, func(t *testing.T) {
			t.Parallel()
			s, err := open(t.Context(), Settings{
				PublicURL: address, DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "x.db"), SecretKey: make([]byte, 32), GorgiasURL: "http://{account}.invalid",
			}, slog.New(slog.DiscardHandler))
			must(t, err)
			defer func() { must(t, s.hub.Drain(t.Context())); must(t, s.close()) }()
			now := time.Now()
			shop, err := s.store.AddShop(t.Context(), "Shop", now)
			must(t, err)
			line := chat.Line{ID: "line", Shop: shop.ID, Number: demoNumber, Provider: "twilio", Account: demoAccount, Endpoint: "x"}
			must(t, s.store.SaveLine(t.Context(), line))
			turn, err := s.store.Receive(t.Context(), chat.Door{Shop: shop, Line: line}, jane, now, func(*chat.Turn) error { return nil })
			must(t, err)
			post := chat.Delivery{ID: "x", Shop: shop.ID, Kind: chat.PostCode, Account: "gorgias/x", Lane: "x", Due: now}
			challenge, err := s.store.MakeCode(t.Context(), store.Code{Shop: shop.ID, Conversation: turn.Conversation.ID, Agent: chat.Agent{ID: "1", Name: "Ben"}}, "123456", post, now)
			must(t, err)
			req := httptest.NewRequest("POST", "/api/session", strings.NewReader(`{"challenge":"`+challenge+`","code":"123456"}`))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Origin", address)
			resp, err := s.web.Test(req, 20_000)
			must(t, err)
			defer resp.Body.Close()
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 || len(resp.Cookies()) != 1 {
				t.Fatalf("got %d %v", resp.StatusCode, resp.Cookies())
			}
			got := *resp.Cookies()[0]
			if left := time.Until(got.Expires); left < store.SessionLasts-time.Minute || left > store.SessionLasts {
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

// TestOtherSitesCantSignIn: every request that changes something is one of our
// own pages', and in JSON.
func TestOtherSitesCantSignIn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, k := s.agent()
	token, ticket := s.launch(k)
	body := fmt.Sprintf(`{"token":%q,"ticket":%q,"agent":%q,"challenge":"x","code":"y"}`, token, ticket, s.agents()["Ben Okafor"])
	send := func(method, path, origin, site, kind, body string) int {
		t.Helper()
		req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
		must(t, err)
		for name, value := range map[string]string{"Origin": origin, "Sec-Fetch-Site": site, "Content-Type": kind} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		resp, err := agent.http.Do(req)
		must(t, err)
		must(t, resp.Body.Close())
		return resp.StatusCode
	}
	codes := len(s.codes(k))
	for route, fine := range map[string]int{"POST /api/launch": 200, "POST /api/code": 202, "POST /api/session": 401, "DELETE /api/session": 204} {
		method, path, _ := strings.Cut(route, " ")
		for _, from := range [][2]string{
			{"", ""}, {"http://evil.example", ""}, {"null", ""}, {s.url + ".evil.example", ""}, {"http://evil.example", "cross-site"}, {s.url, "cross-site"},
			{s.url, "same-site"}, {s.url, "none"}, {"", "none"}, {"", "cross-site"}, {s.url + "/", ""},
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
				if got := send(method, path, s.url, "same-origin", kind, body); got != 400 {
					t.Errorf("%s as %q: got %d", route, kind, got)
				}
			}
		}
		defer func() { // last, as one of them ends the session
			if got := send(method, path, s.url, "", "application/json; charset=utf-8", body); got != fine {
				t.Errorf("%s from our own page: got %d", route, got)
			}
		}()
	}
	s.settled()
	if n := len(s.codes(k)); n != codes {
		t.Errorf("%d codes were posted", n-codes)
	}
	agent.open(id, 0) // still signed in
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, _, k := s.agent()
	token, _ := s.launch(k)
	for range 2 { // once more is fine
		req, err := http.NewRequest("DELETE", s.url+"/api/session", nil)
		must(t, err)
		req.Header.Set("Origin", s.url)
		resp, err := agent.http.Do(req)
		must(t, err)
		must(t, resp.Body.Close())
		if resp.StatusCode != 204 || resp.Header.Get("Clear-Site-Data") != `"cache"` {
			t.Errorf("got %d %v", resp.StatusCode, resp.Header)
		}
		if agent.cookie() != nil {
			t.Error("the browser keeps the cookie")
		}
	}
	var out launchAnswer
	if got := agent.call("POST", "/api/launch", map[string]string{"token": token}, &out); got != 200 || out.SignedIn {
		t.Errorf("got %d %+v", got, out)
	}
}
