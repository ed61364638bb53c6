package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/widget"
)

// A booth is a server without vendors, with two shops that must never meet.
type booth struct {
	*server
	t         testing.TB
	mine, its chat.Shop
}

func newBooth(t testing.TB) *booth {
	t.Helper()
	ctx := context.Background()
	srv, err := open(ctx, Settings{
		PublicURL: "http://localhost", DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "test.db"), SecretKey: bytes.Repeat([]byte{7}, 32),
		GorgiasURL: "http://127.0.0.1:1/{account}", TwilioURL: "http://127.0.0.1:1",
	}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	must(t, err)
	t.Cleanup(func() {
		srv.setups.wait()
		must(t, srv.close())
	})
	b := &booth{server: srv, t: t}
	b.mine, err = srv.store.AddShop(ctx, "Willow", srv.now())
	must(t, err)
	b.its, err = srv.store.AddShop(ctx, "Goldfinch & Co", srv.now())
	must(t, err)
	return b
}

// A guest is a browser without scripts.
type guest struct {
	*server
	t       testing.TB
	cookies map[string]string
	json    bool   // asks as a page's script does
	site    string // Sec-Fetch-Site
}

func (b *booth) guest() *guest {
	return &guest{b.server, b.t, map[string]string{}, false, "same-origin"}
}

// merchant is signed in for a shop.
func (b *booth) merchant(shop chat.Shop) *guest {
	b.t.Helper()
	g := b.guest()
	status, page := g.post("/sign-in", url.Values{"secret": {b.link(shop)}})
	if status != http.StatusSeeOther {
		b.t.Fatalf("signing in answered %d: %s", status, page)
	}
	return g
}

func (b *booth) link(shop chat.Shop) string {
	b.t.Helper()
	secret, err := b.store.MakeSignInLink(context.Background(), shop.ID, b.now())
	must(b.t, err)
	return secret
}

func (g *guest) send(method, path, kind string, body io.Reader) *http.Response {
	g.t.Helper()
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if g.json {
		r.Header.Set("Accept", "application/json")
	}
	if g.site != "" {
		r.Header.Set("Sec-Fetch-Site", g.site)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for name, value := range g.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer, err := g.web.Test(r, 20_000)
	must(g.t, err)
	for _, c := range answer.Cookies() {
		g.cookies[c.Name] = c.Value
	}
	return answer
}

func (g *guest) get(path string) (status int, page string) {
	g.t.Helper()
	return g.read(g.send("GET", path, "", nil))
}

func (g *guest) post(path string, form url.Values) (status int, page string) {
	g.t.Helper()
	return g.read(g.send("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())))
}

func (g *guest) read(answer *http.Response) (int, string) {
	g.t.Helper()
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(g.t, err)
	return answer.StatusCode, string(text) + answer.Header.Get("Location")
}

func (g *guest) wants(status int, page string, want int, texts ...string) {
	g.t.Helper()
	if status != want {
		g.t.Fatalf("answered %d, want %d: %s", status, want, page)
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			g.t.Errorf("%q is missing in: %s", text, page)
		}
	}
}

func TestSignInLinkWorksOnce(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	link := b.link(b.mine)
	looker := b.guest()
	status, page := looker.get("/sign-in") // a scanner opens the link; what is behind the # stays with it
	looker.wants(status, page, 200, "Sign in")

	var all sync.WaitGroup
	won := make(chan *guest, 8)
	for range 8 {
		all.Go(func() {
			g := b.guest()
			if status, _ := g.post("/sign-in", url.Values{"secret": {link}}); status == http.StatusSeeOther {
				won <- g
			} else if status != http.StatusForbidden || len(g.cookies) > 0 {
				t.Errorf("a loser got %d and %d cookies", status, len(g.cookies))
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		t.Fatalf("%d of 8 could use one link", len(won))
	}
	g := <-won
	status, page = g.get("/")
	g.wants(status, page, 200, "Willow", "Sign out")
	status, page = b.guest().post("/sign-in", url.Values{"secret": {link}})
	g.wants(status, page, http.StatusForbidden, "This link can’t be used", "sidetext link")

	// Another link in the same browser: a new session, and the old one ends.
	before := b.guest()
	for name, value := range g.cookies {
		before.cookies[name] = value
	}
	status, page = g.post("/sign-in", url.Values{"secret": {"http://localhost/sign-in#" + b.link(b.mine)}})
	g.wants(status, page, http.StatusSeeOther)
	status, page = before.get("/")
	g.wants(status, page, 401, "You are signed out")
}

func TestSignInCookieAndSignOut(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	g := b.guest()
	answer := g.send("POST", "/sign-in", "application/x-www-form-urlencoded", strings.NewReader("secret="+b.link(b.mine)))
	cookie := answer.Header.Get("Set-Cookie")
	for _, flag := range []string{"HttpOnly", "SameSite=Lax", "path=/"} {
		if !strings.Contains(cookie, flag) {
			t.Errorf("the cookie has no %s: %s", flag, regexp.MustCompile(`=[^;]*`).ReplaceAllString(cookie, ""))
		}
	}
	kept := b.guest()
	for name, value := range g.cookies {
		kept.cookies[name] = value
	}
	answer = g.send("POST", "/sign-out", "", nil)
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Clear-Site-Data") == "" {
		t.Errorf("signing out answered %d", answer.StatusCode)
	}
	status, page := kept.get("/") // the cookie was copied before
	kept.wants(status, page, 401, "You are signed out")
}

// private lists the console's routes that need a session, as the program has
// them: a new one is tested without being added here.
func (b *booth) private() (gets, posts []string) {
	open := regexp.MustCompile(`^/(hooks/|popup|files/|live|sign-in|sign-out|api/(launch|code|session)$)`)
	for _, r := range b.web.GetRoutes(true) {
		switch {
		case open.MatchString(r.Path):
		case r.Method == "GET":
			gets = append(gets, r.Path)
		case r.Method == "POST":
			posts = append(posts, r.Path)
		}
	}
	return gets, posts
}

func TestConsoleNeedsASession(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	gets, posts := b.private()
	if len(gets) < 10 || len(posts) < 7 {
		t.Fatalf("there are only %d and %d routes", len(gets), len(posts))
	}
	forger, agent := b.guest(), b.guest()
	merchant := b.merchant(b.mine)
	for name, value := range merchant.cookies {
		forger.cookies[name] = value[:len(value)-3] + "AAA"
		agent.cookies[strings.Replace(name, "merchant", "agent", 1)] = value
	}
	for name, g := range map[string]*guest{"nobody": b.guest(), "a forged cookie": forger, "another role's cookie": agent} {
		for _, path := range gets {
			if status, page := g.get(path); status != 401 || !strings.Contains(page, "You are signed out") || strings.Contains(page, "Willow") {
				t.Errorf("GET %s answered %s with %d", path, name, status)
			}
		}
		for _, path := range posts {
			if status, _ := g.post(path, url.Values{"name": {"Taken"}}); status != 401 {
				t.Errorf("POST %s answered %s with %d", path, name, status)
			}
		}
		g.json = true
		if status, page := g.get("/api/setup/gorgias"); status != 401 || !strings.Contains(page, `"signed_out"`) {
			t.Errorf("a script got %d: %s", status, page)
		}
	}
}

func TestOtherSitesCanChangeNothing(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	g := b.merchant(b.mine)
	_, posts := b.private()
	for _, site := range []string{"cross-site", "same-site", "none", ""} {
		g.site = site
		for _, path := range append(posts, "/sign-out", "/sign-in") {
			status, _ := g.post(path, url.Values{"name": {"Taken"}, "secret": {b.link(b.its)}})
			if status != http.StatusForbidden {
				t.Errorf("POST %s from %q answered %d", path, site, status)
			}
		}
	}
	shop, err := b.store.Shop(context.Background(), b.mine.ID)
	must(t, err)
	if shop != b.mine {
		t.Errorf("the shop is %+v now", shop)
	}
	status, page := g.get("/")
	g.wants(status, page, 200, "Willow")
}

// furnish gives a shop one of everything; each contains word.
func (b *booth) furnish(shop chat.Shop, word, number string) {
	ctx := context.Background()
	line := chat.Line{ID: chat.NewID[chat.LineID](b.now()), Shop: shop.ID, Number: chat.Phone(number), Provider: "twilio", Account: "AC" + word, Token: "token-" + chat.Secret(word), Endpoint: "endpoint-" + word}
	must(b.t, b.store.SaveLine(ctx, line))
	kept, err := json.Marshal(made{Widget: widget.Installation{Account: word, Card: 1, Events: 2, Tag: 3, Widget: 4}})
	must(b.t, err)
	must(b.t, b.store.SaveHelpdesk(ctx, chat.Helpdesk{Shop: shop.ID, Account: word, Username: word + "@example.com", Key: "key-" + chat.Secret(word), Secret: "secret-" + chat.Secret(word), Endpoint: "desk-" + word, Made: kept}, b.now()))
	must(b.t, b.store.Quarantine(ctx, line, word, word, b.now()))
	doors, err := b.store.LineConfigs(ctx, shop.ID)
	must(b.t, err)
	_, err = b.store.Receive(ctx, doors[0], "+14155550177", b.now(), func(t *chat.Turn) error {
		t.Escalate(chat.UnknownKeyword, word, 0)
		return nil
	})
	must(b.t, err)
	_, err = b.store.ImportShoppers(ctx, shop.ID, []chat.Shopper{{ID: chat.NewID[chat.ShopperID](b.now()), Phone: "+14155550177", Name: word}})
	must(b.t, err)
	for _, course := range courses {
		steps, err := json.Marshal([]widget.Step{{ID: "x", Name: word, State: widget.Failed, Detail: word}})
		must(b.t, err)
		must(b.t, b.store.SaveSetup(ctx, shop.ID, course.what, store.Setup{State: "failed", Steps: steps, At: b.now()}))
	}
}

func TestOnlyOnesOwnShop(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	b.furnish(b.its, "goldfinch", "+14155550166")
	gets, _ := b.private()
	for name, furnished := range map[string]bool{"beside an empty shop": false, "beside a furnished one": true} {
		if furnished {
			b.furnish(b.mine, "willow", "+14155550144")
		}
		g := b.merchant(b.mine)
		for _, path := range gets {
			_, page := g.get(path)
			if strings.Contains(strings.ToLower(page), "goldfinch") || strings.Contains(page, "555 0166") {
				t.Errorf("%s: %s shows another shop: %s", name, path, page)
			}
		}
	}
	g := b.merchant(b.mine)
	status, page := g.get("/")
	g.wants(status, page, 200, "555 0144", "willow.gorgias.com", "1 ticket waits to be opened or brought up to date.", "1 request from your number", "hooks/twilio/endpoint-willow/inbound")
	for _, secret := range []string{"key-willow", "token-willow", "secret-willow", "desk-willow"} {
		if strings.Contains(page, secret) {
			t.Errorf("the page shows a %s", secret)
		}
	}
	status, page = g.post("/settings", url.Values{})
	g.wants(status, page, http.StatusSeeOther)
	if its, err := b.store.Shop(context.Background(), b.its.ID); err != nil || its != b.its {
		t.Errorf("the other shop is %+v now (%v)", its, err)
	}
}

func TestTimeZoneSetting(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	g := b.merchant(b.mine)
	kept := func() string {
		shop, err := b.store.Shop(context.Background(), b.mine.ID)
		if err != nil {
			t.Fatal(err)
		}
		return shop.Settings.TimeZone
	}
	status, page := g.get("/")
	g.wants(status, page, 200, `<option value="">As your number: UTC</option>`, `<optgroup label="Europe">`, `<option value="America/North_Dakota/Center">North Dakota, Center</option>`)
	for _, test := range []struct {
		chosen url.Values
		status int
		kept   string
	}{
		{url.Values{"time_zone": {"Europe/Vienna"}}, http.StatusSeeOther, "Europe/Vienna"},
		{url.Values{}, http.StatusSeeOther, "Europe/Vienna"}, // a form without the list
		{url.Values{"time_zone": {"Mars/Olympus"}}, http.StatusBadRequest, "Europe/Vienna"},
		{url.Values{"time_zone": {"Local"}}, http.StatusBadRequest, "Europe/Vienna"},
		{url.Values{"time_zone": {"../../etc/passwd"}}, http.StatusBadRequest, "Europe/Vienna"},
		{url.Values{"time_zone": {""}}, http.StatusSeeOther, ""},
		{url.Values{"time_zone": {"UTC"}}, http.StatusSeeOther, "UTC"},
	} {
		if status, _ := g.post("/settings", test.chosen); status != test.status || kept() != test.kept {
			t.Errorf("%v answered %d and keeps %q", test.chosen, status, kept())
		}
	}
	status, page = g.get("/")
	g.wants(status, page, 200, `<option value="UTC" selected>UTC</option>`)
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	g := b.merchant(b.mine)
	for n := range 8 {
		form, want := url.Values{}, b.mine.Settings
		for i, one := range []struct {
			name string
			is   *bool
		}{{"auto_tickets", &want.AutoTickets}, {"must_have_bought", &want.MustHaveBought}, {"acknowledge", &want.Acknowledge}} {
			if *one.is = n>>i&1 == 1; *one.is {
				form.Set(one.name, "on")
			}
		}
		g.json = n%2 == 0
		if status, _ := g.post("/settings", form); status != map[bool]int{true: 204, false: 303}[g.json] {
			t.Fatalf("saving answered %d", status)
		}
		g.json = false
		shop, err := b.store.Shop(context.Background(), b.mine.ID)
		if err != nil || shop.Settings != want {
			t.Errorf("kept is %+v, want %+v (%v)", shop.Settings, want, err)
		}
		_, page := g.get("/?m=saved")
		if got := strings.Count(page, `" checked>`); got != len(form) {
			t.Errorf("%d switches are on, want %d", got, len(form))
		}
	}
}

func TestShopName(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	g := b.merchant(b.mine)
	for name, test := range map[string]struct{ typed, want string }{
		"plain":          {"Oak", "Oak"},
		"spaces":         {"  Oak \t &  Elm ", "Oak & Elm"},
		"markup":         {`<script>alert("x")</script>`, `<script>alert("x")</script>`},
		"empty":          {" ", ""},
		"long":           {strings.Repeat("é", 81), ""},
		"just fits":      {strings.Repeat("é", 80), strings.Repeat("é", 80)},
		"turned round":   {"a\u202eb", ""},
		"no characters":  {"a\xffb", ""},
		"far too long":   {strings.Repeat("a", 5000), ""},
		"another script": {"柳の木", "柳の木"},
	} {
		before, err := b.store.Shop(context.Background(), b.mine.ID)
		must(t, err)
		status, to := g.post("/shop", url.Values{"name": {test.typed}})
		after, err := b.store.Shop(context.Background(), b.mine.ID)
		must(t, err)
		want, message := test.want, "/?m=named"
		if want == "" {
			want, message = before.Name, "/?m=name"
		}
		if status != http.StatusSeeOther || to != message || after.Name != want {
			t.Errorf("%s: %d to %s, and the name is %q", name, status, to, after.Name)
		}
		if _, page := g.get("/"); strings.Contains(page, "<script>") {
			t.Errorf("%s: the name is not escaped", name)
		}
	}
}

func TestShopEmail(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	g := b.merchant(b.mine)
	if _, page := g.get("/"); !strings.Contains(page, "where shoppers can write") {
		t.Error("a new shop is not asked for its address")
	}
	for name, test := range map[string]struct{ typed, want string }{
		"plain":            {"help@willow.example", "help@willow.example"},
		"spaces around":    {"  help@willow.example \n", "help@willow.example"},
		"a link":           {"mailto:help@willow.example", "help@willow.example"},
		"signs":            {"o'neil+sms@mail.willow-oak.co", "o'neil+sms@mail.willow-oak.co"},
		"empty":            {" ", ""},
		"no at":            {"willow.example", ""},
		"two":              {"a@willow.example, b@willow.example", ""},
		"with a name":      {"Willow <help@willow.example>", ""},
		"no domain":        {"help@", ""},
		"a host alone":     {"help@localhost", ""},
		"a dot at the end": {"help@willow.", ""},
		"a space inside":   {"he lp@willow.example", ""},
		"other letters":    {"hëlp@willow.example", ""},
		"turned round":     {"help\u202e@willow.example", ""},
		"a phone":          {"+1 415 555 0100", ""},
		"quoted":           {`"a b"@willow.example`, ""},
		"long":             {strings.Repeat("a", 80) + "@willow.example", ""},
	} {
		before, err := b.store.Shop(context.Background(), b.mine.ID)
		must(t, err)
		status, to := g.post("/shop/email", url.Values{"email": {test.typed}})
		after, err := b.store.Shop(context.Background(), b.mine.ID)
		must(t, err)
		want, message := test.want, "/?m=emailed"
		if want == "" {
			want, message = before.Settings.Email, "/?m=email"
		}
		if status != http.StatusSeeOther || to != message || after.Settings.Email != want {
			t.Errorf("%s: %d to %s, and the address is %q", name, status, to, after.Settings.Email)
		}
	}
	must(t, b.store.ChangeShop(context.Background(), b.mine.ID, func(shop *chat.Shop) { shop.Settings.Email = "help@willow.example" }))
	if _, page := g.get("/"); !strings.Contains(page, "Shoppers write to help@willow.example") {
		t.Error("the address is not shown")
	}
	must(t, b.store.ChangeShop(context.Background(), b.mine.ID, func(shop *chat.Shop) { shop.Settings.Email = "" }))
	b.furnish(b.mine, "willow", "+14155550144")
	if _, page := g.get("/"); !strings.Contains(page, `name="email"`) {
		t.Error("a furnished shop without an address is not told")
	}
}

func TestFormProblems(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	g := b.merchant(b.mine)
	sid := "AC" + strings.Repeat("0a", 16)
	for name, test := range map[string]struct {
		path string
		form url.Values
		want []string
	}{
		"desk, nothing":     {"/connect/gorgias", url.Values{}, []string{"Please enter the address of your helpdesk", "shown as Username", "Please paste the API key."}},
		"desk, wrong place": {"/connect/gorgias", url.Values{"address": {"https://evil.example/x.gorgias.com"}, "username": {"anna@acme.com"}, "key": {"sesame"}}, []string{"should end in .gorgias.com", `value="https://evil.example/x.gorgias.com"`, `value="anna@acme.com"`}},
		"desk, http":        {"/connect/gorgias", url.Values{"address": {"http://acme.gorgias.com"}, "username": {"anna@acme.com"}, "key": {"sesame"}}, []string{"https://, not http://"}},
		"desk, no e-mail":   {"/connect/gorgias", url.Values{"address": {"acme"}, "username": {"anna"}, "key": {"sesame"}}, []string{"This is not an e-mail address", `value="acme"`}},
		"desk, spaces":      {"/connect/gorgias", url.Values{"address": {"acme"}, "username": {"anna@acme.com"}, "key": {"se same"}}, []string{"An API key has no spaces"}},
		"desk, markup":      {"/connect/gorgias", url.Values{"address": {`"><script>`}, "username": {`"><script>`}, "key": {"sesame"}}, []string{"&#34;&gt;&lt;script&gt;"}},
		"number, nothing":   {"/connect/number", url.Values{}, []string{"This is not a whole phone number", "Please paste the Account SID.", "Please paste the Auth Token."}},
		"number, API key":   {"/connect/number", url.Values{"number": {"415 555 0100"}, "account": {"SK" + sid[2:]}, "token": {"sesame"}}, []string{"This is an API key", `value="415 555 0100"`}},
		"number, short":     {"/connect/number", url.Values{"number": {"+1415"}, "account": {sid[:30]}, "token": {"sesame"}}, []string{"not a whole phone number", "has 34 characters"}},
	} {
		status, page := g.post(test.path, test.form)
		if status != http.StatusBadRequest || !strings.Contains(page, `aria-invalid="true"`) {
			t.Errorf("%s: answered %d", name, status)
		}
		for _, want := range test.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is missing", name, want)
			}
		}
		if strings.Contains(page, "sesame") || strings.Contains(page, "<script>") {
			t.Errorf("%s: shows what it must not: %s", name, page)
		}
	}
	for _, course := range courses {
		if _, err := b.store.Setup(context.Background(), b.mine.ID, course.what); err == nil {
			t.Errorf("%s was begun", course.name)
		}
	}
}

func TestFailedStep(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	g := b.merchant(b.mine)
	for path, test := range map[string]struct {
		form  url.Values
		texts []string
		kept  string
	}{
		"/connect/gorgias": {url.Values{"address": {"https://acme.gorgias.com/api/"}, "username": {"anna@acme.com"}, "key": {"sesame"}},
			[]string{"Gorgias is not connected yet", "reach acme.gorgias.com", "Change and try again"}, `value="anna@acme.com"`},
		"/connect/number": {url.Values{"number": {"415 555 0100"}, "account": {"AC" + strings.Repeat("0a", 16)}, "token": {"sesame"}},
			[]string{"Your number is not connected yet", "Twilio can&#39;t be reached", "Change and try again"}, `value="415 555 0100"`},
	} {
		status, to := g.post(path, test.form)
		g.wants(status, to, http.StatusSeeOther, path+"/progress")
		api := "/api/setup/" + strings.TrimPrefix(path, "/connect/")
		until(t, path+" to fail", func() bool {
			_, answer := g.get(api)
			return strings.Contains(answer, `"state":"failed","steps"`)
		})
		status, page := g.get(path + "/progress")
		g.wants(status, page, 200, test.texts...)
		status, page = g.get(path)
		g.wants(status, page, 200, test.kept)
		if strings.Contains(page, "sesame") {
			t.Errorf("%s: the key comes back", path)
		}
		status, page = b.merchant(b.its).get(path)
		g.wants(status, page, 200)
		if strings.Contains(page, test.kept) {
			t.Errorf("%s: another shop sees what was typed", path)
		}
	}
}

func TestInterruptedSetup(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	g := b.merchant(b.mine)
	for age, want := range map[time.Duration][2]string{time.Minute: {`"doing"`, `http-equiv="refresh"`}, 4 * time.Minute: {`"interrupted"`, "This was interrupted"}} {
		must(t, b.store.SaveSetup(context.Background(), b.mine.ID, setupGorgias, store.Setup{State: "doing", Steps: []byte("[]"), At: b.now().Add(-age)}))
		status, answer := g.get("/api/setup/gorgias")
		g.wants(status, answer, 200, want[0], `"steps":[]`)
		status, page := g.get("/connect/gorgias/progress")
		g.wants(status, page, 200, want[1])
	}
	// One that ended well, but was undone since, is not shown as if it lasted.
	must(t, b.store.SaveSetup(context.Background(), b.mine.ID, setupGorgias, store.Setup{State: "done", Steps: []byte("[]"), At: b.now()}))
	if status, _ := g.get("/connect/gorgias/progress"); status != http.StatusSeeOther {
		t.Errorf("answered %d", status)
	}
}

func TestRepairAndDisconnect(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := &booth{server: s.server, t: t, mine: s.shop}
	g := b.merchant(b.mine)
	ended := func(api string) {
		until(t, api, func() bool {
			_, answer := g.get(api)
			return strings.Contains(answer, `"state":"done","steps"`)
		})
	}
	status, to := g.post("/connect/gorgias/repair", nil)
	g.wants(status, to, http.StatusSeeOther, "/connect/gorgias/progress")
	ended("/api/setup/gorgias")
	status, page := g.get("/connect/gorgias/progress")
	g.wants(status, page, 200, "Gorgias is connected", "/app/settings/integrations/http/", "/app/settings/manage-tags")
	status, page = g.get("/")
	g.wants(status, page, 200, "Everything is connected", demoDesk+".gorgias.com", demoOwner, "3 agents", "/app/settings/integrations/http/")
	status, page = g.get("/disconnect/gorgias")
	g.wants(status, page, 200, "Disconnect Gorgias?", "removed from Gorgias")
	status, to = g.post("/disconnect/gorgias", nil)
	g.wants(status, to, http.StatusSeeOther, "/disconnect/gorgias/progress")
	ended("/api/setup/disconnect")
	status, page = g.get("/disconnect/gorgias/progress")
	g.wants(status, page, 200, "Gorgias is disconnected")
	status, page = g.get("/")
	g.wants(status, page, 200, "until Gorgias is connected")
	for _, path := range []string{"/connect/gorgias/repair", "/disconnect/gorgias"} {
		status, to = g.post(path, nil)
		g.wants(status, to, http.StatusSeeOther, "m=not-there")
	}
}

// upload sends a file as the page's form does.
func (g *guest) upload(file string, fields map[string]string) (int, string) {
	g.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		must(g.t, form.WriteField(name, value))
	}
	part, err := form.CreateFormFile("file", "shoppers.csv")
	must(g.t, err)
	_, err = io.WriteString(part, file)
	must(g.t, err)
	must(g.t, form.Close())
	return g.read(g.send("POST", "/shoppers", form.FormDataContentType(), &body))
}

func TestUpload(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	g := b.merchant(b.mine)
	file := "phone,name\n415 555 0123,Jane\nnonsense,Miguel\n"
	status, to := g.upload(file, map[string]string{"region": "US"})
	g.wants(status, to, http.StatusSeeOther, "/shoppers")
	status, page := g.get("/shoppers")
	g.wants(status, page, 200, "2 read, 1 new, 1 skipped", "Line 3", "This is not a whole phone number.", `data-tone="warn"`, "#warning")
	if _, page = g.get("/shoppers"); strings.Contains(page, "2 read") {
		t.Error("the outcome is told twice")
	}
	status, page = g.upload("name\nJane\n", nil)
	g.wants(status, page, http.StatusBadRequest, "The file has no column named “phone”")
	status, page = g.upload("", nil)
	g.wants(status, page, http.StatusBadRequest, "Please choose a CSV file")
	status, page = g.post("/shoppers", url.Values{"file": {"x"}})
	g.wants(status, page, http.StatusBadRequest, "The form could not be read")

	for _, refused := range []struct{ file, why string }{{"phone,name\n", "nothing below its first line"}, {"PK\x03\x04", "This is a workbook"}} {
		status, page = g.upload(refused.file, nil)
		g.wants(status, page, http.StatusBadRequest, refused.why, `data-tone="bad"`)
	}
	g.upload("phone\nx\ny\n", nil)
	status, page = g.get("/shoppers")
	g.wants(status, page, 200, "Nothing was imported: 2 read, 0 new, 2 skipped", `data-tone="bad"`)
	g.upload("phone,name\n415 555 0123,Jane\n", nil)
	status, page = g.get("/shoppers")
	g.wants(status, page, 200, "1 read, 0 new, 0 skipped", `<p class="notice" data-tone="accent">`)

	g.json = true
	status, page = g.upload(file, map[string]string{"region": "US", "size": "45"})
	g.wants(status, page, 200, `"read":2,"new":0,"skipped":1`, `"line":3`, `"taken":45,"lines":3`, `"all":1,"purchased":1`)
	if status, page := g.upload("phone\n415 555 0178\n", map[string]string{"region": "XX"}); status != 400 || !strings.Contains(page, "This country is not known.") {
		t.Errorf("an unknown country: %d, %q", status, page)
	}
	status, page = g.upload("phone\n020 7946 0018\n", map[string]string{"region": "GB"})
	g.wants(status, page, 200, `"read":1,"new":1,"skipped":0,"noted":0,"problems":[]`, `"all":2`)
	all, _, err := b.store.Shoppers(context.Background(), b.its.ID)
	if all != 0 || err != nil {
		t.Errorf("the other shop has %d shoppers (%v)", all, err)
	}
}

func TestPagesAreSafe(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	b.furnish(b.mine, "willow", "+14155550144")
	g := b.merchant(b.mine)
	gets, _ := b.private()
	module := regexp.MustCompile(`<script type="module" src="/public/console/[a-z]+\.js"></script>`)
	inline := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:`)
	for _, path := range append(gets, "/sign-in", "/nothing", "/public/console/pages/home.html") {
		answer := g.send("GET", path, "", nil)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY",
		} {
			if got := answer.Header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		status, page := g.read(answer)
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
	if status, _ := g.get("/public/console/pages/home.html"); status != 404 {
		t.Errorf("a page that is not filled in is served with %d", status)
	}
	for _, file := range []string{"console.css", "home.css", "forms.css", "signin.js", "switches.js", "send.js", "progress.js", "times.js", "ago.js", "upload.js", "copy.js", "pictures.svg"} {
		if status, _ := g.get("/public/console/" + file); status != 200 {
			t.Errorf("%s is served with %d", file, status)
		}
	}
}
