package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
	"sidetext/store"
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
				t.Errorf("a loser got %d and %d cookies", status, len(g.Cookies))
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
	kept := b.PlainBrowser()
	for name, value := range g.Cookies {
		kept.Cookies[name] = value
	}
	answer = g.Send("POST", "/sign-out", "", nil)
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Clear-Site-Data") == "" {
		t.Errorf("signing out answered %d", answer.StatusCode)
	}
	status, page := kept.Get("/") // the cookie was copied before
	kept.Expect(status, page, 401, "You are signed out")
}

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

func TestTimeZoneSetting(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	kept := func() string {
		shop, err := b.Store.Shop(context.Background(), b.Mine.ID)
		if err != nil {
			t.Fatal(err)
		}
		return shop.Settings.TimeZone
	}
	status, page := g.Get("/")
	g.Expect(status, page, 200, `<option value="">As your number: UTC</option>`, `<optgroup label="Europe">`, `<option value="America/North_Dakota/Center">North Dakota, Center</option>`)
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
		if status, _ := g.Post("/settings", test.chosen); status != test.status || kept() != test.kept {
			t.Errorf("%v answered %d and keeps %q", test.chosen, status, kept())
		}
	}
	status, page = g.Get("/")
	g.Expect(status, page, 200, `<option value="UTC" selected>UTC</option>`)
}

func TestSaveSettings(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	for n := range 8 {
		form, want := url.Values{}, b.Mine.Settings
		for i, one := range []struct {
			name string
			is   *bool
		}{{"auto_tickets", &want.AutoTickets}, {"must_have_bought", &want.MustHaveBought}, {"acknowledge", &want.Acknowledge}} {
			if *one.is = n>>i&1 == 1; *one.is {
				form.Set(one.name, "on")
			}
		}
		g.JSON = n%2 == 0
		if status, _ := g.Post("/settings", form); status != map[bool]int{true: 204, false: 303}[g.JSON] {
			t.Fatalf("saving answered %d", status)
		}
		g.JSON = false
		shop, err := b.Store.Shop(context.Background(), b.Mine.ID)
		if err != nil || shop.Settings != want {
			t.Errorf("kept is %+v, want %+v (%v)", shop.Settings, want, err)
		}
		_, page := g.Get("/?m=saved")
		if got := strings.Count(page, `" checked>`); got != len(form) {
			t.Errorf("%d switches are on, want %d", got, len(form))
		}
	}
}

func TestShopName(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
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
		before, err := b.Store.Shop(context.Background(), b.Mine.ID)
		stage.Must(t, err)
		status, to := g.Post("/shop", url.Values{"name": {test.typed}})
		after, err := b.Store.Shop(context.Background(), b.Mine.ID)
		stage.Must(t, err)
		want, message := test.want, "/?m=named"
		if want == "" {
			want, message = before.Name, "/?m=name"
		}
		if status != http.StatusSeeOther || to != message || after.Name != want {
			t.Errorf("%s: %d to %s, and the name is %q", name, status, to, after.Name)
		}
		if _, page := g.Get("/"); strings.Contains(page, "<script>") {
			t.Errorf("%s: the name is not escaped", name)
		}
	}
}

func TestShopEmail(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	if _, page := g.Get("/"); !strings.Contains(page, "Enter your e-mail address") {
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
		before, err := b.Store.Shop(context.Background(), b.Mine.ID)
		stage.Must(t, err)
		status, to := g.Post("/shop/email", url.Values{"email": {test.typed}})
		after, err := b.Store.Shop(context.Background(), b.Mine.ID)
		stage.Must(t, err)
		want, message := test.want, "/?m=emailed"
		if want == "" {
			want, message = before.Settings.Email, "/?m=email"
		}
		if status != http.StatusSeeOther || to != message || after.Settings.Email != want {
			t.Errorf("%s: %d to %s, and the address is %q", name, status, to, after.Settings.Email)
		}
	}
	stage.Must(t, b.Store.ChangeShop(context.Background(), b.Mine.ID, func(shop *chat.Shop) { shop.Settings.Email = "help@willow.example" }))
	if _, page := g.Get("/"); !strings.Contains(page, "Shoppers write to help@willow.example") {
		t.Error("the address is not shown")
	}
	stage.Must(t, b.Store.ChangeShop(context.Background(), b.Mine.ID, func(shop *chat.Shop) { shop.Settings.Email = "" }))
	b.AddEverything(b.Mine, "willow", "+14155550144")
	if _, page := g.Get("/"); !strings.Contains(page, `name="email"`) {
		t.Error("a furnished shop without an address is not told")
	}
}

func TestFormProblems(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
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
		status, page := g.Post(test.path, test.form)
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
	for _, job := range stage.Jobs {
		if _, err := b.Store.Setup(context.Background(), b.Mine.ID, job); err == nil {
			t.Errorf("%s was started", job)
		}
	}
}

func TestFailedJobPage(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
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
		status, to := g.Post(path, test.form)
		g.Expect(status, to, http.StatusSeeOther, path+"/progress")
		api := "/api/setup/" + strings.TrimPrefix(path, "/connect/")
		stage.Until(t, path+" to fail", func() bool {
			_, answer := g.Get(api)
			return strings.Contains(answer, `"state":"failed","steps"`)
		})
		status, page := g.Get(path + "/progress")
		g.Expect(status, page, 200, test.texts...)
		status, page = g.Get(path)
		g.Expect(status, page, 200, test.kept)
		if strings.Contains(page, "sesame") {
			t.Errorf("%s: the key comes back", path)
		}
		status, page = b.Merchant(b.Other).Get(path)
		g.Expect(status, page, 200)
		if strings.Contains(page, test.kept) {
			t.Errorf("%s: another shop sees what was typed", path)
		}
	}
}

func TestInterruptedJobPage(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	for age, want := range map[time.Duration][2]string{time.Minute: {`"doing"`, `http-equiv="refresh"`}, 4 * time.Minute: {`"interrupted"`, "before this was finished"}} {
		stage.Must(t, b.Store.SaveSetup(context.Background(), b.Mine.ID, onboarding.GorgiasConnect, store.Setup{State: "doing", Steps: []byte("[]"), At: b.Store.Now().Add(-age)}))
		status, answer := g.Get("/api/setup/gorgias")
		g.Expect(status, answer, 200, want[0], `"steps":[]`)
		status, page := g.Get("/connect/gorgias/progress")
		g.Expect(status, page, 200, want[1])
	}
	// One that ended well, but was undone since, is not shown as if it lasted.
	stage.Must(t, b.Store.SaveSetup(context.Background(), b.Mine.ID, onboarding.GorgiasConnect, store.Setup{State: "done", Steps: []byte("[]"), At: b.Store.Now()}))
	if status, _ := g.Get("/connect/gorgias/progress"); status != http.StatusSeeOther {
		t.Errorf("answered %d", status)
	}
}

func TestRepairAndDisconnect(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	b := &stage.Offline{App: s.App, T: t, Mine: s.Shop}
	g := b.Merchant(b.Mine)
	ended := func(api string) {
		stage.Until(t, api, func() bool {
			_, answer := g.Get(api)
			return strings.Contains(answer, `"state":"done","steps"`)
		})
	}
	status, to := g.Post("/connect/gorgias/repair", nil)
	g.Expect(status, to, http.StatusSeeOther, "/connect/gorgias/progress")
	ended("/api/setup/gorgias")
	status, page := g.Get("/connect/gorgias/progress")
	g.Expect(status, page, 200, "Gorgias is connected", "/app/settings/integrations/http/", "/app/settings/manage-tags")
	status, page = g.Get("/")
	g.Expect(status, page, 200, "Everything is connected", demo.HelpdeskAccount+".gorgias.com", demo.HelpdeskOwner, "3 agents", "/app/settings/integrations/http/")
	status, page = g.Get("/disconnect/gorgias")
	g.Expect(status, page, 200, "Disconnect Gorgias?", "removed from Gorgias")
	status, to = g.Post("/disconnect/gorgias", nil)
	g.Expect(status, to, http.StatusSeeOther, "/disconnect/gorgias/progress")
	ended("/api/setup/disconnect")
	status, page = g.Get("/disconnect/gorgias/progress")
	g.Expect(status, page, 200, "Gorgias is disconnected")
	status, page = g.Get("/")
	g.Expect(status, page, 200, "until Gorgias is connected")
	for _, path := range []string{"/connect/gorgias/repair", "/disconnect/gorgias"} {
		status, to = g.Post(path, nil)
		g.Expect(status, to, http.StatusSeeOther, "m=not-there")
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	g := b.Merchant(b.Mine)
	file := "phone,name\n415 555 0123,Jane\nnonsense,Miguel\n"
	status, to := g.Upload(file, map[string]string{"region": "US"})
	g.Expect(status, to, http.StatusSeeOther, "/shoppers")
	status, page := g.Get("/shoppers")
	g.Expect(status, page, 200, "2 read, 1 new, 1 skipped", "Line 3", "This is not a whole phone number.", `data-tone="warn"`, "#warning")
	if _, page = g.Get("/shoppers"); strings.Contains(page, "2 read") {
		t.Error("the outcome is told twice")
	}
	status, page = g.Upload("name\nJane\n", nil)
	g.Expect(status, page, http.StatusBadRequest, "The file has no column named “phone”")
	status, page = g.Upload("", nil)
	g.Expect(status, page, http.StatusBadRequest, "Please choose a CSV file")
	status, page = g.Post("/shoppers", url.Values{"file": {"x"}})
	g.Expect(status, page, http.StatusBadRequest, "The form could not be read")

	for _, refused := range []struct{ file, why string }{{"phone,name\n", "nothing below its first line"}, {"PK\x03\x04", "This is a workbook"}} {
		status, page = g.Upload(refused.file, nil)
		g.Expect(status, page, http.StatusBadRequest, refused.why, `data-tone="bad"`)
	}
	g.Upload("phone\nx\ny\n", nil)
	status, page = g.Get("/shoppers")
	g.Expect(status, page, 200, "Nothing was imported: 2 read, 0 new, 2 skipped", `data-tone="bad"`)
	g.Upload("phone,name\n415 555 0123,Jane\n", nil)
	status, page = g.Get("/shoppers")
	g.Expect(status, page, 200, "1 read, 0 new, 0 skipped", `<p class="notice" data-tone="accent">`)

	g.JSON = true
	status, page = g.Upload(file, map[string]string{"region": "US", "size": "45"})
	g.Expect(status, page, 200, `"read":2,"new":0,"skipped":1`, `"line":3`, `"taken":45,"lines":3`, `"all":1,"purchased":1`)
	if status, page := g.Upload("phone\n415 555 0178\n", map[string]string{"region": "XX"}); status != 400 || !strings.Contains(page, "This country is not known.") {
		t.Errorf("an unknown country: %d, %q", status, page)
	}
	status, page = g.Upload("phone\n020 7946 0018\n", map[string]string{"region": "GB"})
	g.Expect(status, page, 200, `"read":1,"new":1,"skipped":0,"noted":0,"problems":[]`, `"all":2`)
	all, _, err := b.Store.Shoppers(context.Background(), b.Other.ID)
	if all != 0 || err != nil {
		t.Errorf("the other shop has %d shoppers (%v)", all, err)
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
	for _, file := range []string{"console.css", "home.css", "forms.css", "signin.js", "switches.js", "send.js", "progress.js", "times.js", "ago.js", "upload.js", "copy.js", "pictures.svg"} {
		if status, _ := g.Get("/public/console/" + file); status != 200 {
			t.Errorf("%s is served with %d", file, status)
		}
	}
}
