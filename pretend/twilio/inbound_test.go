package twilio_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sidetext/pretend/twilio"
)

func TestInbound(t *testing.T) {
	t.Parallel()
	s := play(t)
	sid, calls, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "Skip it 👍", Extra: url.Values{"Novelty": {"yes"}}})
	if err != nil || len(calls) != 1 || calls[0].Status != 200 || calls[0].Failure != "" {
		t.Fatalf("got %+v, %v", calls, err)
	}
	r := s.requests()[0]
	for name, want := range map[string]string{
		"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": account, "From": jane, "To": store,
		"Body": "Skip it 👍", "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01",
		"ToCity": "", "FromCity": "", "Novelty": "yes",
	} {
		if !r.PostForm.Has(name) || r.PostForm.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, r.PostForm[name], want)
		}
	}
	if r.PostForm.Has("MessagingServiceSid") || r.PostForm.Has("OptOutType") {
		t.Errorf("unexpected parameters: %v", r.PostForm)
	}
	if r.Header.Get("X-Twilio-Signature") != twilio.Sign(token, s.hook+"/in", r.PostForm) {
		t.Error("wrong signature")
	}
	if m, ok := s.Message(sid); !ok || m.Direction != "inbound" || m.Status != "received" || len(s.Accepted()) != 0 {
		t.Errorf("logged %+v", m)
	}
}

func TestInboundProblems(t *testing.T) {
	t.Parallel()
	s := play(t)
	sid, calls, _ := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "hi", Copies: 3})
	again, _, _ := s.Deliver(t.Context(), twilio.Inbound{SID: sid, To: store})
	if len(calls) != 3 || again != sid || len(s.requests()) != 4 || len(s.Screen(jane)) != 1 || len(s.Messages()) != 1 {
		t.Errorf("%d calls, %d requests, the phone shows %v", len(calls), len(s.requests()), s.Screen(jane))
	}
	s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "hi", Forged: true})
	last := s.requests()[4]
	if last.Header.Get("X-Twilio-Signature") == twilio.Sign(token, s.hook+"/in", last.PostForm) {
		t.Error("a forged text has a valid signature")
	}
	if _, _, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: "+19", Body: "hi"}); err == nil || s.Text(jane, "+19", "hi") != "" {
		t.Error("a text to an unknown number was accepted")
	}
}

func TestInboundThroughService(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.Text(jane, pooled, "hi")
	s.until(func() bool { return len(s.Calls()) == 1 })
	if r := s.requests()[0]; r.URL.Path != "/pool" || r.PostForm.Get("MessagingServiceSid") != pool {
		t.Errorf("request %v to %s", r.PostForm, r.URL)
	}
	s.api("POST", "/v1/Services/"+pool, url.Values{"InboundRequestUrl": {""}})
	if _, calls, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: pooled, Body: "lost"}); err != nil || len(calls) != 0 || len(s.Messages()) != 1 {
		t.Errorf("a service without a URL: %v %v, %d in the log", calls, err, len(s.Messages()))
	}
}

func TestWebhookAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer  http.HandlerFunc
		replies string
		failure string
	}{
		"empty TwiML":  {answer(200, "text/xml", `<?xml version="1.0" encoding="UTF-8"?><Response/>`), "", ""},
		"nothing":      {answer(204, "", ""), "", ""},
		"message":      {answer(200, "application/xml", `<Response><Message><Body>a &amp; b</Body></Message><Message>c</Message></Response>`), "a & b|c", ""},
		"plain text":   {answer(200, "text/plain", "OK"), "OK", ""},
		"html":         {answer(200, "text/html; charset=utf-8", `<Response><Sms>old</Sms></Response>`), "old", ""},
		"ten at most":  {answer(200, "text/xml", "<Response>"+strings.Repeat("<Message>x</Message>", 12)+"</Response>"), strings.Repeat("|x", 10)[1:], ""},
		"broken XML":   {answer(200, "text/xml", `<Response>`), "", "12100"},
		"wrong root":   {answer(200, "text/xml", `<Reply/>`), "", "12102"},
		"wrong type":   {answer(200, "application/json", `{}`), "", "12300"},
		"too large":    {answer(200, "text/xml", "<Response>"+strings.Repeat(" ", 64<<10)+"</Response>"), "", "11750"},
		"server error": {answer(500, "text/plain", "Oh no"), "", "5xx"},
		"client error": {answer(403, "text/plain", "Go away"), "", "4xx"},
		"redirect with GET": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t)
			s.answers = append(s.answers, test.answer)
			_, calls, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "hi"})
			if err != nil || calls[0].Failure != test.failure {
				t.Errorf("got %+v, %v", calls, err)
			}
			var replies []string
			for _, line := range s.Screen(jane)[1:] {
				replies = append(replies, line.Text)
			}
			if got := strings.Join(replies, "|"); got != test.replies {
				t.Errorf("the phone shows %q, want %q", got, test.replies)
			}
			requests := s.requests()
			if name == "redirect with GET" && (len(requests) != 2 || requests[1].Method != "GET" || len(requests[1].Form) != 0) {
				t.Errorf("redirect was followed with %v", requests)
			} else if name != "redirect with GET" && len(requests) != 1 {
				t.Errorf("%d requests; by default only a failed connection is retried", len(requests))
			}
		})
	}
}

func TestFailedConnectionIsRetriedThenFallback(t *testing.T) {
	t.Parallel()
	s := play(t)
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = dead.Close()
	s.SetWebhook(store, "http://"+dead.Addr().String()+"/in")
	number, _ := s.Number(store)
	s.api("POST", "/2010-04-01/Accounts/"+account+"/IncomingPhoneNumbers/"+number.SID+".json", url.Values{"SmsFallbackUrl": {s.hook + "/fallback"}})
	sid, calls, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "hi"})
	if err != nil || calls[0].Kind != twilio.FallbackCall || calls[0].Failure != "" {
		t.Fatalf("got %+v, %v", calls, err)
	}
	if all := s.Calls(); len(all) != 3 || all[0].Failure != "ct" || all[1].Failure != "ct" || all[1].Attempt != 2 {
		t.Errorf("requests: %+v", all)
	}
	r := s.requests()[0]
	if r.PostForm.Get("MessageSid") != sid || r.PostForm.Get("ErrorCode") != "11200" || !strings.Contains(r.PostForm.Get("ErrorUrl"), dead.Addr().String()) {
		t.Errorf("the fallback got %v", r.PostForm)
	}
}

func TestKeywords(t *testing.T) {
	t.Parallel()
	s := play(t)
	send := func(text string) (answers int) {
		before := len(s.Screen(jane))
		if _, _, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: text}); err != nil {
			t.Fatal(err)
		}
		return len(s.Screen(jane)) - before - 1
	}
	for i, step := range []struct {
		text    string
		answers int
		blocked bool
	}{
		{"STOP PLEASE", 0, false}, {"cancel my order", 0, false}, {"Help", 1, false}, {"info", 1, false}, {"yes", 0, false},
		{" stop\n", 1, true}, {"STOP", 0, true}, {"HELP", 0, true}, {"Unstop", 1, false},
		{"CANCEL", 1, true}, {"START", 1, false}, {"revoke", 1, true}, {"hello?", 0, true},
	} {
		if got := send(step.text); got != step.answers || s.OptedOut(store, jane) != step.blocked {
			t.Errorf("step %d, %q: %d answers, blocked: %v", i, step.text, got, s.OptedOut(store, jane))
		}
	}
	if n := len(s.requests()); n != 13 {
		t.Errorf("the webhook got %d texts, want 13", n)
	}
	if status, body := s.send(); status != 400 || body["code"] != 21610.0 {
		t.Errorf("a text after an opt-out: %d %v", status, body)
	}
}

func TestMedia(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.Text(jane, store, "", twilio.Media{Type: "image/png", Data: []byte("picture"), NotFoundTimes: 1}, twilio.Media{Type: "image/jpeg", URL: "https://elsewhere.example/x"})
	s.until(func() bool { return len(s.Calls()) == 1 })
	form := s.requests()[0].PostForm
	if form.Get("NumMedia") != "2" || form.Get("MediaContentType0") != "image/png" || form.Get("MediaUrl1") != "https://elsewhere.example/x" || !strings.HasPrefix(form.Get("MessageSid"), "MM") {
		t.Fatalf("request %v", form)
	}
	fetch := func(signedIn bool) (int, string) {
		r, _ := http.NewRequest("GET", form.Get("MediaUrl0"), nil)
		if signedIn {
			r.SetBasicAuth(account, token)
		}
		resp, err := http.DefaultClient.Do(r) // drops the credentials on the other host
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		raw, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(raw)
	}
	if status, _ := fetch(false); status != 401 {
		t.Errorf("without credentials: %d", status)
	}
	if status, _ := fetch(true); status != 404 {
		t.Errorf("first request: %d", status)
	}
	if status, body := fetch(true); status != 200 || body != "picture" {
		t.Errorf("got %d %q", status, body)
	}
}

func TestCloseEndsCourses(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.SetCourse(twilio.Course{Step: time.Hour})
	s.send()
	s.Close()
	if m := s.Accepted()[0]; m.Status != "queued" {
		t.Errorf("got %+v", m)
	}
}
