package pretend_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sidetext/pretend"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
)

const (
	store = "+14155550100"
	jane  = "+14155550123"
)

var seed = pretend.Seed{
	Shop: "Acme Coffee", Number: store,
	Shoppers: []pretend.Shopper{{Name: "Jane", Email: "jane@example.com", Phone: jane}, {Name: "Joe", Phone: "+14155550124"}},
	Twilio:   twilio.Account{SID: "AC0123456789abcdef0123456789abcdef", Token: "token"},
	Gorgias: gorgias.Account{Domain: "acme", Email: "ada@acme.example", Key: "key", Users: []gorgias.User{
		{Name: "Ada Admin", Email: "ada@acme.example", Role: gorgias.Role{Name: "admin"}}, {Name: "Bob", Email: "bob@acme.example"},
	}},
	Customers: []gorgias.CustomerFields{gorgias.KnownCustomer("Jane Doe", "jane@example.com"), gorgias.KnownCustomer("", "", "+14155550124")},
	Emails: []gorgias.InboundEmail{
		{From: "jane@example.com", Subject: "Grinder", Text: "It is loud.", Ago: time.Hour},
		{From: "max@example.com", Name: "Max", Subject: "Thanks", Text: "Nice.", Ago: 2 * time.Hour, Closed: true},
	},
}

// A page is a client like the demo's page, with the World mounted below a path.
type page struct {
	*pretend.World
	t      *testing.T
	url    string
	client *http.Client
}

type state struct {
	Rev    int64
	Shop   string
	Faults string
	Agents []struct{ ID int64 }
	Phones []struct {
		Number, Name string
		Texts        []struct {
			Way, By, Text, Status string
			Media                 []string
		}
	}
	Tickets []struct {
		ID              int64
		Subject, Status string
		Customer        struct{ Name, Email string }
		Messages        []struct{ From, Author, Text, Full string }
		Sidebar         []any
	}
	Mail []struct{ To, Text string }
}

func start(t *testing.T) *page {
	w, err := pretend.New(seed)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/demo/world/", w)
	server := httptest.NewServer(mux)
	p := &page{w, t, server.URL + "/demo/world/", &http.Client{Timeout: 15 * time.Minute, Transport: &http.Transport{}}}
	t.Cleanup(func() { _ = w.Close(); p.client.CloseIdleConnections(); server.Close() })
	return p
}

func (p *page) state(rev int64) (s state) {
	p.t.Helper()
	resp, err := p.client.Get(fmt.Sprintf("%sstate?rev=%d", p.url, rev))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

// until polls the state until ok returns true.
func (p *page) until(ok func(state) bool) state {
	p.t.Helper()
	s := p.state(0)
	for over := time.Now().Add(15 * time.Minute); !ok(s); s = p.state(s.Rev) {
		if time.Now().After(over) {
			p.t.Fatalf("timeout waiting for a state: %+v", s)
		}
	}
	return s
}

func (p *page) post(what, body string) int {
	p.t.Helper()
	resp, err := p.client.Post(p.url+what, "application/json", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestWorld(t *testing.T) {
	t.Parallel()
	p := start(t)
	s := p.state(0)
	if s.Shop != "Acme Coffee" || len(s.Agents) != 2 || len(s.Phones) != 2 || len(s.Tickets) != 2 || s.Tickets[0].Subject != "Grinder" || len(s.Mail) != 0 {
		t.Fatalf("initial state: %+v", s)
	}
	if got := p.post("text", `{"from":"`+jane+`","text":"Hello?"}`); got != 200 {
		t.Errorf("text: %d", got)
	}
	s = p.until(func(s state) bool { return len(s.Phones[0].Texts) == 1 })
	if text := s.Phones[0].Texts[0]; text.Text != "Hello?" || text.Way != "in" || text.By != "shopper" {
		t.Errorf("the phone shows %+v", text)
	}
	if got := p.post("text", `{"from":"+14155550124","text":"Look!","photo":true}`); got != 200 {
		t.Errorf("photo: %d", got)
	}
	s = p.until(func(s state) bool { return len(s.Phones[1].Texts) == 1 })
	if text := s.Phones[1].Texts[0]; text.Text != "Look!" || len(text.Media) != 1 || !strings.HasPrefix(text.Media[0], p.TwilioURL()+"/2010-04-01/") {
		t.Errorf("the phone shows %+v", text)
	}
	// The store replies with the API at TwilioURL.
	form := url.Values{"To": {jane}, "From": {store}, "Body": {"Hello!"}}
	r, _ := http.NewRequest("POST", p.TwilioURL()+"/2010-04-01/Accounts/"+seed.Twilio.SID+"/Messages.json", strings.NewReader(form.Encode()))
	r.SetBasicAuth(seed.Twilio.SID, seed.Twilio.Token)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if resp, err := p.client.Do(r); err != nil || resp.StatusCode != 201 {
		t.Fatalf("send: %v %v", resp, err)
	}
	p.until(func(s state) bool { return len(s.Phones[0].Texts) == 2 && s.Phones[0].Texts[1].Way == "out" })

	ticket := s.Tickets[0].ID
	for what, body := range map[string]string{
		"reply":         `{"ticket":%d,"text":"By mail."}`,
		"note":          `{"ticket":%d,"text":"For us."}`,
		"ticket-status": `{"ticket":%d,"status":"closed"}`,
	} {
		if got := p.post(what, fmt.Sprintf(body, ticket)); got != 200 {
			t.Errorf("%s: %d", what, got)
		}
	}
	s = p.until(func(s state) bool {
		return len(s.Mail) == 1 && len(s.Tickets[0].Messages) == 3 && s.Tickets[0].Status == "closed"
	})
	from := map[string]string{}
	for _, m := range s.Tickets[0].Messages {
		from[m.From] = m.Author + ": " + m.Text
		if m.From == "agent" && !strings.Contains(m.Full, "> It is loud.") {
			t.Errorf("the whole e-mail is %q", m.Full)
		}
	}
	if from["shopper"] != "Jane Doe: It is loud." || from["agent"] != "Ada Admin: By mail." || from["note"] != "Ada Admin: For us." || s.Mail[0].To != "jane@example.com" {
		t.Errorf("got %v and %+v", from, s.Mail)
	}
}

func TestLongPoll(t *testing.T) {
	t.Parallel()
	p := start(t)
	rev := p.state(0).Rev
	if p.state(rev+100).Rev != rev {
		t.Error("a later revision, as from before a restart, should be answered at once")
	}
	got := make(chan state)
	go func() { got <- p.state(rev) }()
	select {
	case s := <-got:
		t.Fatalf("answered without a change: %+v", s)
	case <-time.After(50 * time.Millisecond): // usually enough for a wrong response to arrive
	}
	p.Twilio.Text(jane, store, "news")
	if s := <-got; s.Rev <= rev {
		t.Errorf("rev %d after %d", s.Rev, rev)
	}
	go func() { got <- p.state(p.state(0).Rev) }()
	_ = p.Close() // ends waiting requests
	<-got
}

func TestPresets(t *testing.T) {
	t.Parallel()
	p := start(t)
	ask := func(address string) int {
		resp, err := p.client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	for _, step := range []struct {
		preset                             string
		twilio, gorgias, shopify, recharge int
	}{
		{"gorgias_down", 401, 503, 404, 401}, {"twilio_down", 503, 401, 404, 401}, {"shopify_down", 401, 401, 503, 401},
		{"recharge_down", 401, 401, 404, 503}, {"callbacks_reversed", 401, 401, 404, 401}, {"none", 401, 401, 404, 401},
	} {
		if got := p.post("faults", `{"name":"`+step.preset+`"}`); got != 200 {
			t.Fatalf("%s: %d", step.preset, got)
		}
		a, b := ask(p.TwilioURL()+"/2010-04-01/Accounts/AC.json"), ask(p.GorgiasURL()+"/api/account")
		c, d := ask(p.ShopifyURL()+"/other.myshopify.com/admin"), ask(p.RechargeURL()+"/store")
		if s := p.state(0); s.Faults != step.preset || a != step.twilio || b != step.gorgias || c != step.shopify || d != step.recharge {
			t.Errorf("%s: state %q, Twilio %d, Gorgias %d, Shopify %d, Recharge %d", step.preset, s.Faults, a, b, c, d)
		}
	}
}

func TestPageRefusesInvalidRequests(t *testing.T) {
	t.Parallel()
	p := start(t)
	for body, what := range map[string]string{
		`{"name":"meteor"}`: "faults", `{"from":"` + jane + `"}`: "text", `{"ticket":1,"text":"x"}`: "reply", `{`: "note",
	} {
		if got := p.post(what, body); got != 400 {
			t.Errorf("%s %s: %d", what, body, got)
		}
	}
	if got := p.post("nothing", `{}`); got != 404 {
		t.Errorf("nothing: %d", got)
	}
	if got := p.post("state", `{}`); got != 405 {
		t.Errorf("state: %d", got)
	}
	resp, err := p.client.Post(p.url+"text", "text/plain", strings.NewReader(`{"from":"+1","text":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _ = resp.Body.Close(); resp.StatusCode != 415 {
		t.Errorf("a form of another site: %d", resp.StatusCode)
	}
}

func TestInvalidSeed(t *testing.T) {
	t.Parallel()
	wrong := seed
	wrong.Customers = []gorgias.CustomerFields{gorgias.KnownCustomer("A", "a@b.example"), gorgias.KnownCustomer("B", "a@b.example")}
	if _, err := pretend.New(wrong); err == nil {
		t.Error("two customers with one address were accepted")
	}
}

// TestCloseEndsGoroutines is not parallel, because it counts goroutines.
func TestCloseEndsGoroutines(t *testing.T) {
	before := goleak.IgnoreCurrent()
	w, err := pretend.New(seed)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := w.Start(ctx); err != nil {
		t.Fatal(err)
	}
	w.Twilio.SetCourse(twilio.Course{Step: time.Hour})
	client := &http.Client{Transport: &http.Transport{}}
	r, _ := http.NewRequest("GET", w.GorgiasURL()+"/api/account", nil)
	r.SetBasicAuth("ada@acme.example", "key")
	if resp, err := client.Do(r); err != nil || resp.StatusCode != 200 {
		t.Fatalf("got %v %v", resp, err)
	} else {
		_ = resp.Body.Close()
	}
	client.CloseIdleConnections()
	_ = w.Close()
	_ = w.Close()
	goleak.VerifyNone(t, before)
}
