package console_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
	"sidetext/sms/twilio"
	"sidetext/store"
	"sidetext/widget"
)

// TestNumberCheckFindsAndRepairsWebhook: a wrong webhook address is found,
// reported and repaired.
func TestNumberCheckFindsAndRepairsWebhook(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	b := &stage.Offline{App: s.App, T: t, Mine: s.Shop}
	g := b.Merchant(s.Shop)
	if status, to := g.Get("/connect/number/check"); status != http.StatusSeeOther || to != "/connect/number" {
		t.Errorf("before any check it answered %d to %s", status, to)
	}
	g.CheckNumbers(nil)
	status, page := g.Get("/connect/number/check")
	g.Expect(status, page, 200, "Your number works", "Checked <time", "&#43;1 415 555 0100")
	if n := strings.Count(page, `<li data-state="done">`); n < 4 {
		t.Errorf("only %d things were looked at", n)
	}
	if strings.Contains(page, ">Repair</button>") {
		t.Error("offers a repair where nothing is wrong")
	}
	status, page = g.Get("/")
	g.Expect(status, page, 200, "everything is right", "Everything is connected. Texts")

	stage.Must(t, s.App.Twilio.SetWebhook(context.Background(), s.Line(), "https://elsewhere.example/texts"))
	g.CheckNumbers(nil)
	status, page = g.Get("/connect/number/check")
	g.Expect(status, page, 200, "1 thing is wrong with your number", `data-state="failed"`, `data-state="warned"`, `<p class="checklist-fix">`, ">Repair</button>",
		`value="`+strings.ReplaceAll(onboarding.HookURL(s.URL, s.Line(), "inbound")+twilio.Fragment, "&", "&amp;")+`"`)
	status, page = g.Get("/")
	g.Expect(status, page, 200, "The last check of &#43;1 415 555 0100 found 1 thing wrong.", "something is delayed or has failed")
	status, page = g.Get("/connect/number")
	g.Expect(status, page, 200, "1 thing is wrong", "See what to do")

	status, page = g.Post("/connect/number/check", url.Values{"line": {"somebody else's"}})
	g.Expect(status, page, http.StatusNotFound)
	g.CheckNumbers(url.Values{"line": {string(s.Line().ID)}})
	status, page = g.Get("/connect/number/check")
	g.Expect(status, page, 200, "Your number works", "Repair")
}

// TestNumberCheckWithoutProvider: if the provider does not respond, nothing is
// claimed; one number's problem hides no other's.
func TestNumberCheckWithoutProvider(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	status, page := b.Merchant(b.Other).Post("/connect/number/check", nil) // there is no number
	b.PlainBrowser().Expect(status, page, http.StatusNotFound)
	b.AddEverything(b.Mine, "willow", "+14155550144")
	other := chat.Line{ID: chat.NewID[chat.LineID](b.Store.Now()), Shop: b.Mine.ID, Number: "+18005550145", Provider: "twilio", Account: "AC" + strings.Repeat("0a", 16), Token: "token", Endpoint: "other"}
	stage.Must(t, b.Store.SaveLine(context.Background(), other))
	g := b.Merchant(b.Mine)
	g.CheckNumbers(nil)
	status, page = g.Get("/connect/number/check")
	// The first line's account SID is invalid, so no request is made.
	g.Expect(status, page, 200, "1 thing is wrong with your numbers", "An account SID starts with AC", "&#43;1 800 555 0145", "Twilio can&#39;t be reached right now.", "Check again")
	status, page = g.Get("/")
	g.Expect(status, page, 200, "Could not be checked", "Check the numbers")

	stage.Must(t, b.Store.SaveSetup(context.Background(), b.Mine.ID, onboarding.NumberCheck, store.Setup{State: "doing", Steps: []byte("[]"), At: b.Store.Now().Add(-4 * time.Minute)}))
	status, page = g.Get("/connect/number/check")
	g.Expect(status, page, 200, "The check was interrupted", "Please check again.")
}

// TestNumberCheckPage: the worst finding decides the page's heading.
func TestNumberCheckPage(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	b.AddEverything(b.Mine, "willow", "+14155550144")
	g := b.Merchant(b.Mine)
	lines, err := b.Store.LineConfigs(context.Background(), b.Mine.ID)
	stage.Must(t, err)
	step := func(what string, state widget.Progress, ours bool) widget.Step {
		return widget.Step{ID: string(lines[0].Line.ID) + "/" + what, Name: what, State: state, Repairable: ours}
	}
	whole := widget.Step{ID: string(lines[0].Line.ID), State: widget.Done}
	unseen := widget.Step{ID: whole.ID, State: widget.Failed, Detail: "Nobody answers."}
	for name, test := range map[string]struct {
		state string
		steps []widget.Step
		title string
		home  string
		mends bool
	}{
		"well":           {"done", []widget.Step{whole, step("a", widget.Done, false)}, "Your number works", "everything is right", false},
		"a warning":      {"done", []widget.Step{whole, step("a", widget.Done, false), step("b", widget.Warned, false)}, "1 thing could be better", "1 thing could be better", false},
		"we can help":    {"done", []widget.Step{whole, step("a", widget.Warned, false), step("b", widget.Warned, true)}, "2 things could be better", "2 things could be better", true},
		"both":           {"done", []widget.Step{whole, step("a", widget.Warned, true), step("b", widget.Failed, false)}, "1 thing is wrong with your number", "1 thing is wrong", true},
		"unseen":         {"failed", []widget.Step{unseen}, "Your number could not be checked", "Nobody answers.", false},
		"another number": {"done", []widget.Step{whole, step("a", widget.Done, false), {ID: "other/a", State: widget.Failed, Repairable: true}}, "Your number works", "everything is right", false},
		"in the middle":  {"doing", []widget.Step{{ID: whole.ID, State: widget.Doing}}, "Checking …", "Being checked.", false},
	} {
		steps, err := json.Marshal(test.steps)
		stage.Must(t, err)
		stage.Must(t, b.Store.SaveSetup(context.Background(), b.Mine.ID, onboarding.NumberCheck, store.Setup{State: test.state, Steps: steps, At: b.Store.Now()}))
		status, page := g.Get("/connect/number/check")
		g.Expect(status, page, 200, ">"+test.title+"</h1>")
		if mends := strings.Contains(page, ">Repair</button>"); mends != test.mends {
			t.Errorf("%s: offers a repair: %v", name, mends)
		}
		status, page = g.Get("/")
		g.Expect(status, page, 200, test.home)
	}
}

func TestComparisonText(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	b.AddEverything(b.Mine, "willow", "+14155550144")
	g := b.Merchant(b.Mine)
	lines, err := b.Store.LineConfigs(context.Background(), b.Mine.ID)
	stage.Must(t, err)
	past := b.Store.Now().Add(-2*time.Minute - time.Second)
	for name, test := range map[string]struct {
		is   chat.Comparison
		want []string
	}{
		"never":           {chat.Comparison{}, []string{"Not checked for missed texts yet. That happens every few minutes.</span>"}},
		"well":            {chat.Comparison{At: past}, []string{"All texts received (checked <time", ">2 minutes ago</time>).</span>"}},
		"one came late":   {chat.Comparison{At: past, Late: 1}, []string{"</time>). 1 text arrived late so far.</span>"}},
		"some came late":  {chat.Comparison{At: past, Late: 1204}, []string{"1,204 texts arrived late so far."}},
		"trouble":         {chat.Comparison{At: past, Trouble: "Twilio does not accept the credentials."}, []string{"Not checked for missed texts since <time", `data-as="clock"`, "</time>: Twilio does not accept the credentials.</span>"}},
		"trouble at once": {chat.Comparison{Trouble: "<b>"}, []string{"Not checked for missed texts yet: &lt;b&gt;</span>"}},
	} {
		stage.Must(t, b.Store.SaveComparison(context.Background(), lines[0].Line.ID, test.is))
		status, page := g.Get("/")
		g.Expect(status, page, 200, test.want...)
		if nothing := strings.Contains(page, "All texts received"); nothing != (test.is.Trouble == "" && !test.is.At.IsZero()) {
			t.Errorf("%s: says that all texts were received: %v", name, nothing)
		}
	}
}

func TestSendingSpeed(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	b.AddEverything(b.Mine, "willow", "+18005550144")
	b.AddEverything(b.Other, "goldfinch", "+14155550166")
	g := b.Merchant(b.Mine)
	line := func(shop chat.Shop) chat.Line {
		lines, err := b.Store.LineConfigs(context.Background(), shop.ID)
		stage.Must(t, err)
		return lines[0].Line
	}
	mine := string(line(b.Mine).ID)
	status, page := g.Get("/")
	g.Expect(status, page, 200, "Sending speed: 3 segments per second", `value="" placeholder="3"`)
	for _, step := range []struct {
		typed   string
		message string
		want    int
	}{
		{"20", "saved", 20}, {"0", "pace", 20}, {"-1", "pace", 20}, {"1001", "pace", 20}, {"fast", "pace", 20}, {"1.5", "pace", 20},
		{"99999999999999999999", "pace", 20}, {" 1000 ", "saved", 1000}, {"", "saved", 0}, {"1", "saved", 1},
	} {
		status, to := g.Post("/connect/number/pace", url.Values{"line": {mine}, "pace": {step.typed}})
		g.Expect(status, to, http.StatusSeeOther, "/?m="+step.message)
		if got := line(b.Mine).Pace; got != step.want {
			t.Errorf("after %q it is %d, want %d", step.typed, got, step.want)
		}
	}
	status, page = g.Get("/?m=pace")
	g.Expect(status, page, 200, "Sending speed: 1 segment per second", `value="1" placeholder="3"`, "The sending speed was not saved")
	for _, id := range []string{string(line(b.Other).ID), "", "nonsense"} {
		status, page := g.Post("/connect/number/pace", url.Values{"line": {id}, "pace": {"7"}})
		g.Expect(status, page, http.StatusNotFound)
	}
	if got := line(b.Other).Pace; got != 0 {
		t.Errorf("another shop's pace is %d", got)
	}
}
