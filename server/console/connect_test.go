package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
	"sidetext/store"
)

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
		saved string
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
		g.Expect(status, page, 200, test.saved)
		if strings.Contains(page, "sesame") {
			t.Errorf("%s: the key comes back", path)
		}
		status, page = b.Merchant(b.Other).Get(path)
		g.Expect(status, page, 200)
		if strings.Contains(page, test.saved) {
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
