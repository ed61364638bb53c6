package twilio_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
)

const (
	account = "AC0123456789abcdef0123456789abcdef"
	token   = "0123456789abcdef0123456789abcdef"
	store   = "+14155550100"
	pooled  = "+14155550101"
	pool    = "MG0123456789abcdef0123456789abcdef"
	jane    = "+14155550123"
)

// A stage is a running Twilio and a webhook with given answers.
type stage struct {
	*twilio.Twilio
	t        *testing.T
	url      string
	hook     string
	mu       sync.Mutex
	answers  []http.HandlerFunc // to the next requests, then empty TwiML
	received []*http.Request    // with parsed forms
}

func play(t *testing.T) *stage {
	s := &stage{t: t}
	hook := httptest.NewServer(http.HandlerFunc(s.listen))
	s.Twilio = twilio.New(twilio.Account{
		SID: account, Token: token,
		Numbers: []twilio.Number{{Phone: store, SmsURL: hook.URL + "/in"}, {Phone: pooled, Pool: pool}},
		Pools:   []twilio.Pool{{SID: pool, InboundURL: hook.URL + "/pool"}},
	})
	api := httptest.NewServer(s.Twilio)
	s.SetURL(api.URL)
	s.url, s.hook = api.URL, hook.URL
	t.Cleanup(func() { s.Close(); api.Close(); hook.Close() })
	return s
}

// serve returns a stage with a Twilio and no webhook.
func serve(t *testing.T, simulated *twilio.Twilio) *stage {
	api := httptest.NewServer(simulated)
	simulated.SetURL(api.URL)
	t.Cleanup(func() { simulated.Close(); api.Close() })
	return &stage{Twilio: simulated, t: t, url: api.URL}
}

func (s *stage) listen(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	s.mu.Lock()
	s.received = append(s.received, r)
	answer := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, "<Response/>")
	}
	if len(s.answers) > 0 {
		answer, s.answers = s.answers[0], s.answers[1:]
	}
	s.mu.Unlock()
	answer(w, r)
}

func (s *stage) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received)
}

func (s *stage) until(ok func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 15*time.Minute)
	defer cancel()
	if err := s.Until(ctx, ok); err != nil {
		s.t.Fatal("timeout waiting for a condition")
	}
}

func (s *stage) api(method, path string, form url.Values) (int, map[string]any) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.SetBasicAuth(account, token)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, out
}

func (s *stage) send(fields ...string) (int, map[string]any) {
	form := url.Values{"To": {jane}, "From": {store}, "Body": {"Hello"}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
		if fields[i+1] == "" {
			form.Del(fields[i])
		}
	}
	return s.api("POST", "/2010-04-01/Accounts/"+account+"/Messages.json", form)
}

func answer(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestListing(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.SetCourse(twilio.Course{Match: func(m twilio.Message) bool { return m.Body == "stuck" }, Step: time.Hour})
	for _, body := range []string{"1", "2", "3", "4", "5", "stuck"} {
		s.send("Body", body)
	}
	s.Text(jane, store, "hi")
	s.until(func() bool { return len(s.Screen(jane)) == 6 })
	today, list := time.Now().UTC().Format(time.DateOnly), "/2010-04-01/Accounts/"+account+"/Messages.json?"
	for query, want := range map[string]int{
		"": 7, "To=%2B14155550123": 6, "From=%2B14155550123": 1, "To=%2B14155550123&From=" + "%2B14155550100": 6,
		"To=%2B14155550123&DateSent=" + today: 5, "DateSent>=" + today: 6, "DateSent%3E=" + today: 6,
		"DateSent<=" + today: 6, "DateSent>=2999-01-01": 0, "DateSent=2001-01-01": 0,
	} {
		if _, body := s.api("GET", list+query, nil); len(body["messages"].([]any)) != want {
			t.Errorf("%q: %d messages, want %d", query, len(body["messages"].([]any)), want)
		}
	}
	var bodies []string
	for next := list + "PageSize=2&To=%2B14155550123"; next != ""; {
		_, page := s.api("GET", next, nil)
		for _, m := range page["messages"].([]any) {
			bodies = append(bodies, m.(map[string]any)["body"].(string))
		}
		if len(bodies) == 2 {
			s.send("Body", "late") // must not shift the next pages
		}
		next, _ = page["next_page_uri"].(string)
	}
	if want := "stuck 5 4 3 2 1"; strings.Join(bodies, " ") != want {
		t.Errorf("pages contain %v, want %s", bodies, want)
	}
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	s := play(t)
	base := "/2010-04-01/Accounts/" + account
	if status, body := s.api("GET", base+".json", nil); status != 200 || body["status"] != "active" {
		t.Errorf("account: %d %v", status, body)
	}
	_, body := s.api("GET", base+"/IncomingPhoneNumbers.json?PhoneNumber="+url.QueryEscape(store), nil)
	number := body["incoming_phone_numbers"].([]any)[0].(map[string]any)
	path := base + "/IncomingPhoneNumbers/" + number["sid"].(string) + ".json"
	s.api("POST", path, url.Values{"SmsUrl": {"https://new.example/in"}, "SmsMethod": {"GET"}, "SmsFallbackUrl": {"https://new.example/b"}})
	if _, got := s.api("GET", path, nil); got["sms_url"] != "https://new.example/in" || got["sms_method"] != "GET" || got["sms_fallback_url"] != "https://new.example/b" {
		t.Errorf("the number has %v", got)
	}
	s.api("POST", "/v1/Services/"+pool, url.Values{"UseInboundWebhookOnNumber": {"true"}})
	if _, got := s.api("GET", "/v1/Services/"+pool, nil); got["use_inbound_webhook_on_number"] != true {
		t.Errorf("the service has %v", got)
	}
	for path, want := range map[string]int{base + "/Nothing.json": 404, "/2010-04-01/Accounts/ACother/Messages.json": 404, base + "/Messages/SMnone.json": 404} {
		if status, body := s.api("GET", path, nil); status != want || body["code"] != 20404.0 {
			t.Errorf("%s: %d %v", path, status, body)
		}
	}
	resp, err := http.Get(s.url + base + ".json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if raw, _ := io.ReadAll(resp.Body); resp.StatusCode != 401 || !strings.Contains(string(raw), "20003") {
		t.Errorf("without credentials: %d %s", resp.StatusCode, raw)
	}
}

func TestFaultAfterAcceptance(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.Faults.Add(wire.Fault{Method: "POST", Act: wire.AnswerAfter, Status: 500, Times: 1}, wire.Fault{Act: wire.Answer, Status: 429, Times: 1})
	if status, _ := s.send(); status != 500 || len(s.Accepted()) != 1 {
		t.Errorf("got %d, accepted %d", status, len(s.Accepted()))
	}
	if status, body := s.send(); status != 429 || body["code"] != 20429.0 || len(s.Accepted()) != 1 {
		t.Errorf("got %d %v, accepted %d", status, body, len(s.Accepted()))
	}
	if got := s.Requests(); len(got) != 2 || got[0].Status != 500 || got[1].Status != 429 || got[0].Method != "POST" {
		t.Errorf("recorded %+v", got)
	}
}
