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

// A stage is one Twilio, reachable, and a webhook that answers as it is told.
type stage struct {
	*twilio.Twilio
	t       *testing.T
	url     string
	hook    string
	mu      sync.Mutex
	answers []http.HandlerFunc // of the next calls; then empty TwiML
	heard   []*http.Request    // with their forms, and Host as scheme and host
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

func (s *stage) listen(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	s.mu.Lock()
	s.heard = append(s.heard, r)
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
	return slices.Clone(s.heard)
}

func (s *stage) until(ok func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Until(ctx, ok); err != nil {
		s.t.Fatal("waited in vain")
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

func TestSendingRefused(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.Block(store, "+14155550999")
	for name, test := range map[string]struct {
		fields []string
		code   float64
	}{
		"no receiver":          {[]string{"To", ""}, 21604},
		"no sender":            {[]string{"From", ""}, 21603},
		"nothing to say":       {[]string{"Body", ""}, 21602},
		"too long":             {[]string{"Body", strings.Repeat("é", 1601)}, 21617},
		"foreign sender":       {[]string{"From", "+14155559999"}, 21606},
		"not a number":         {[]string{"To", "0415"}, 21211},
		"opted out":            {[]string{"To", "+14155550999"}, 21610},
		"callback is no URL":   {[]string{"StatusCallback", "here"}, 21609},
		"media is no URL":      {[]string{"MediaUrl", "here"}, 21620},
		"unknown service":      {[]string{"MessagingServiceSid", "MGnone"}, 21705},
		"magic from, invalid":  {[]string{"From", "+15005550001"}, 21212},
		"magic from, foreign":  {[]string{"From", "+15005550007"}, 21606},
		"magic from, full":     {[]string{"From", "+15005550008"}, 21611},
		"magic to, invalid":    {[]string{"To", "+15005550001"}, 21211},
		"magic to, no route":   {[]string{"To", "+15005550002"}, 21612},
		"magic to, region":     {[]string{"To", "+15005550003"}, 21408},
		"magic to, opted out":  {[]string{"To", "+15005550004"}, 21610},
		"magic to, not mobile": {[]string{"To", "+15005550009"}, 21614},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := s.send(test.fields...)
			if status != 400 || body["code"] != test.code || body["status"] != 400.0 || body["message"] == "" {
				t.Errorf("got %d %v, want %v", status, body, test.code)
			}
		})
	}
	if got := s.Accepted(); len(got) != 0 {
		t.Errorf("accepted %v", got)
	}
}

func TestSending(t *testing.T) {
	t.Parallel()
	s := play(t)
	status, body := s.send("Body", "Hello 👍", "StatusCallback", s.hook+"/status?m=1")
	if status != 201 || body["status"] != "queued" || body["num_segments"] != "1" || body["num_media"] != "0" ||
		body["direction"] != "outbound-api" || body["from"] != store || body["date_sent"] != nil {
		t.Errorf("got %d %v", status, body)
	}
	if _, err := time.Parse(time.RFC1123Z, body["date_created"].(string)); err != nil {
		t.Error(err)
	}
	sid := body["sid"].(string)
	s.until(func() bool { return len(s.Calls()) == 3 })
	var states []string
	for _, r := range s.requests() {
		states = append(states, r.PostForm.Get("MessageStatus"))
		if want := twilio.Sign(token, "http://"+r.Host+r.RequestURI, r.PostForm); r.Header.Get("X-Twilio-Signature") != want {
			t.Error("a callback is signed wrongly")
		}
		if r.PostForm.Get("MessageSid") != sid || r.URL.RawQuery != "m=1" {
			t.Errorf("told %v at %s", r.PostForm, r.URL)
		}
	}
	if want := []string{"sending", "sent", "delivered"}; !slices.Equal(states, want) {
		t.Errorf("told %v, want %v", states, want)
	}
	if m, _ := s.Message(sid); m.Status != "delivered" || m.Sent.IsZero() {
		t.Errorf("in the end %+v", m)
	}
	if lines := s.Screen(jane); len(lines) != 1 || lines[0].Text != "Hello 👍" || lines[0].By != "store" {
		t.Errorf("the phone shows %+v", lines)
	}
}

func TestSendingThroughService(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.Block(pooled, "+14155550999")
	status, body := s.send("From", "", "MessagingServiceSid", pool, "To", "+14155550999")
	if status != 201 || body["status"] != "accepted" || body["from"] != nil || body["num_segments"] != "0" {
		t.Errorf("got %d %v", status, body)
	}
	s.until(func() bool { m := s.Accepted()[0]; return m.Status == "failed" && m.ErrorCode == 21610 })
}

func TestCourses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		course twilio.Course
		want   string
	}{
		"reversed":    {twilio.Course{Reversed: true}, "delivered sent sending"},
		"doubled":     {twilio.Course{Doubled: true}, "sending sending sent sent delivered delivered"},
		"late":        {twilio.Course{Late: time.Millisecond}, "sending sent delivered"},
		"early":       {twilio.Course{Early: true}, "sending sent delivered"},
		"undelivered": {twilio.Course{End: "undelivered", ErrorCode: 30003}, "sending sent undelivered"},
		"failed":      {twilio.Course{End: "failed", ErrorCode: 30007}, "failed"},
		"silence":     {twilio.Course{End: "sent", Step: time.Millisecond}, "sending sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t)
			test.course.Times = 1
			s.SetCourse(twilio.Course{Match: func(m twilio.Message) bool { return m.To != jane }, Never: true})
			s.SetCourse(test.course)
			s.send("StatusCallback", s.hook)
			want := strings.Fields(test.want)
			if test.course.Early && len(s.Calls()) != len(want) {
				t.Errorf("%d callbacks before the 201", len(s.Calls()))
			}
			s.until(func() bool { return len(s.Calls()) == len(want) })
			for i, r := range s.requests() {
				if r.PostForm.Get("MessageStatus") != want[i] {
					t.Errorf("callback %d: %v, want %s", i, r.PostForm, want[i])
				}
				if test.course.ErrorCode != 0 && i == len(want)-1 && r.PostForm.Get("ErrorCode") == "" {
					t.Error("no ErrorCode")
				}
			}
			s.send("StatusCallback", s.hook) // the course was for one message
			s.until(func() bool { return len(s.Calls()) == len(want)+3 })
			s.send("StatusCallback", s.hook, "To", "+14155550777")
			s.until(func() bool { return len(s.Screen("+14155550777")) == 1 })
			if n := len(s.Calls()); n != len(want)+3 {
				t.Errorf("%d calls, some of a message whose callbacks never come", n)
			}
		})
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
			s.send("Body", "late") // moves nothing on the pages to come
		}
		next, _ = page["next_page_uri"].(string)
	}
	if want := "stuck 5 4 3 2 1"; strings.Join(bodies, " ") != want {
		t.Errorf("pages hold %v, want %s", bodies, want)
	}
}

func TestSetUp(t *testing.T) {
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
		t.Errorf("nobody: %d %s", resp.StatusCode, raw)
	}
}

func TestFaultAfterAcceptance(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.Faults.Ask(wire.Fault{Method: "POST", Act: wire.AnswerAfter, Status: 500, Times: 1}, wire.Fault{Act: wire.Answer, Status: 429, Times: 1})
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
