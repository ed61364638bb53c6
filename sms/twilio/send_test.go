package twilio_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/sms"
	"sidetext/sms/twilio"
)

var line = chat.Line{
	Number: "+14155550100", Account: "AC0123456789abcdef0123456789abcdef", Token: "secret", Endpoint: "e1",
}

func TestSendRequest(t *testing.T) {
	t.Parallel()
	service := line
	service.Service = "MG1"
	for name, test := range map[string]struct {
		line     chat.Line
		out      chat.Outgoing
		callback string
		want     url.Values
	}{
		"a text": {line, chat.Outgoing{From: line.Number, To: "+14155550123", Text: "a & b 👋", ValidityPeriod: time.Hour}, "https://x.example/s/1",
			url.Values{"From": {"+14155550100"}, "To": {"+14155550123"}, "Body": {"a & b 👋"}, "ValidityPeriod": {"3600"}, "StatusCallback": {"https://x.example/s/1"}}},
		"nothing optional": {line, chat.Outgoing{To: "+14155550123", Text: "a"}, "",
			url.Values{"From": {"+14155550100"}, "To": {"+14155550123"}, "Body": {"a"}}},
		"by a service": {service, chat.Outgoing{To: "+14155550123", Text: "a", ValidityPeriod: time.Millisecond}, "",
			url.Values{"From": {"+14155550100"}, "To": {"+14155550123"}, "Body": {"a"}, "MessagingServiceSid": {"MG1"}, "ValidityPeriod": {"1"}}},
		"valid for too long": {line, chat.Outgoing{To: "+14155550123", Text: "a", Service: "MG2", ValidityPeriod: 99 * time.Hour}, "",
			url.Values{"From": {"+14155550100"}, "To": {"+14155550123"}, "Body": {"a"}, "MessagingServiceSid": {"MG2"}, "ValidityPeriod": {"36000"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := make(chan *http.Request, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				got <- r
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, `{"sid":"SM1","status":"accepted","num_segments":"0"}`)
			}))
			defer server.Close()
			sent, err := twilio.New(server.URL+"/").Send(t.Context(), test.line, test.out, test.callback)
			if want := (sms.Sent{ID: "SM1", State: chat.Queued}); err != nil || sent != want {
				t.Fatalf("got %+v, %v", sent, err)
			}
			r := <-got
			if r.Method != http.MethodPost || r.URL.Path != "/2010-04-01/Accounts/"+line.Account+"/Messages.json" {
				t.Errorf("got %s %s", r.Method, r.URL)
			}
			if !reflect.DeepEqual(r.PostForm, test.want) {
				t.Errorf("got %v, want %v", r.PostForm, test.want)
			}
			if user, password, _ := r.BasicAuth(); user != line.Account || password != "secret" {
				t.Error("not the line's credentials")
			}
			for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
				if r.Header.Get(name) != "" {
					t.Errorf("%s may make net/http repeat the POST", name)
				}
			}
		})
	}
}

func TestSendAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		header string // Retry-After
		body   string
		sent   sms.Sent
		want   chat.SendError
	}{
		"numbers as numbers":          {200, "", `{"sid":"SM1","status":"sent","num_segments":3,"error_code":0}`, sms.Sent{ID: "SM1", State: chat.Sent, Segments: 3}, chat.SendError{}},
		"an unknown status":           {201, "", `{"sid":"SM1","status":"pondering"}`, sms.Sent{ID: "SM1", State: chat.Queued}, chat.SendError{}},
		"failed at once":              {201, "", `{"sid":"SM1","status":"failed","error_code":30034}`, sms.Sent{}, chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "30034"}}},
		"failed, no code":             {201, "", `{"sid":"SM1","status":"failed","error_code":null}`, sms.Sent{}, chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "failed"}}},
		"throttled, with 503":         {503, "2", `{"code":20429}`, sms.Sent{}, chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "20429"}, WholeAccount: true, RetryAfter: 2 * time.Second}},
		"throttled too long":          {429, "999999999", ``, sms.Sent{}, chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "20429"}, WholeAccount: true, RetryAfter: time.Hour}},
		"throttled until a past date": {429, "Wed, 21 Oct 2015 07:28:00 GMT", ``, sms.Sent{}, chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "20429"}, WholeAccount: true}},
		"throttled until a far date":  {429, "Wed, 21 Oct 2099 07:28:00 GMT", ``, sms.Sent{}, chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "20429"}, WholeAccount: true, RetryAfter: time.Hour}},
		"throttled, bad header":       {429, "soon", ``, sms.Sent{}, chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "20429"}, WholeAccount: true}},
		"an unknown code":             {400, "", `{"code":29999}`, sms.Sent{}, chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "29999"}}},
		"no code":                     {404, "", `{}`, sms.Sent{}, chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "refused"}}},
		"opted out":                   {400, "", `{"code":21610}`, sms.Sent{}, chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "21610"}, OptedOut: true}},
		"wrong credentials":           {401, "", `{"code":20003}`, sms.Sent{}, chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "20003"}, WholeAccount: true, RetryAfter: 5 * time.Minute}},
		"denied by a gateway":         {401, "", `<html>`, sms.Sent{}, chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "20003"}, WholeAccount: true, RetryAfter: 5 * time.Minute}},
		"no such account":             {404, "", `{"code":20404}`, sms.Sent{}, chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "20404"}, WholeAccount: true, RetryAfter: 5 * time.Minute}},
		"the hour is used up":         {400, "", `{"code":60728}`, sms.Sent{}, chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "60728"}, WholeAccount: true, RetryAfter: 15 * time.Minute}},
		"the day is used up":          {400, "", `{"code":63038}`, sms.Sent{}, chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "63038"}, WholeAccount: true, RetryAfter: time.Hour}},
		"the day, reported late":      {201, "", `{"sid":"SM1","status":"failed","error_code":63038}`, sms.Sent{}, chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "63038"}, WholeAccount: true, RetryAfter: time.Hour}},
		"the queue is full":           {400, "", `{"code":21611}`, sms.Sent{}, chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "21611"}, RetryAfter: time.Minute}},
		"a loop":                      {400, "", `{"code":14107}`, sms.Sent{}, chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "14107"}, Looped: true}},
		"to another phone":            {201, "", `{"sid":"SM1","status":"queued","to":"+14155550199"}`, sms.Sent{}, chat.SendError{Outcome: chat.MaybeSent, Problem: chat.Problem{Code: "mixed_up"}}},
		"another text":                {201, "", `{"sid":"SM1","status":"queued","to":"+14155550123","body":"b"}`, sms.Sent{}, chat.SendError{Outcome: chat.MaybeSent, Problem: chat.Problem{Code: "mixed_up"}}},
		"another account's":           {201, "", `{"sid":"SM1","status":"queued","account_sid":"AC9"}`, sms.Sent{}, chat.SendError{Outcome: chat.MaybeSent, Problem: chat.Problem{Code: "mixed_up"}}},
		"ours":                        {201, "", `{"sid":"SM1","status":"queued","account_sid":"` + line.Account + `","to":"+14155550123","body":"a","from":null}`, sms.Sent{ID: "SM1", State: chat.Queued}, chat.SendError{}},
		"of a trial account":          {201, "", `{"sid":"SM1","status":"queued","body":"Sent from your Twilio trial account - a"}`, sms.Sent{ID: "SM1", State: chat.Queued}, chat.SendError{}},
		"an odd date":                 {201, "", `{"status":"queued","date_created":7,"date_sent":"soon","sid":"SM1"}`, sms.Sent{ID: "SM1", State: chat.Queued}, chat.SendError{}},
		"something after it":          {201, "", `{"sid":"SM1","status":"queued"} oops`, sms.Sent{ID: "SM1", State: chat.Queued}, chat.SendError{}},
		"cut":                         {201, "", `{"sid":"SM1","sta`, sms.Sent{}, chat.SendError{Outcome: chat.MaybeSent, Problem: chat.Problem{Code: "unreadable"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", test.header)
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer server.Close()
			sent, err := twilio.New(server.URL).Send(t.Context(), line, chat.Outgoing{To: "+14155550123", Text: "a"}, "")
			if test.want.Outcome == 0 {
				if err != nil || sent != test.sent {
					t.Errorf("got %+v, %v; want %+v", sent, err, test.sent)
				}
				return
			}
			e := new(chat.SendError)
			if !errors.As(err, &e) {
				t.Fatalf("got %+v, %v", sent, err)
			}
			got := *e
			got.Cause, got.Problem.Text = nil, ""
			if got != test.want || e.Problem.Text == "" {
				t.Errorf("got %+v, want %+v", *e, test.want)
			}
		})
	}
	t.Run("an invalid base URL", func(t *testing.T) {
		t.Parallel()
		_, err := twilio.New("http://a b").Send(t.Context(), line, chat.Outgoing{}, "")
		if e := new(chat.SendError); !errors.As(err, &e) || e.Outcome != chat.Rejected || e.Problem.Code != "setup" {
			t.Errorf("got %v", err)
		}
	})
}

// Twilio may replace typographic characters, but keeps letters.
func TestSendWithReplacedCharacters(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"sid":"SM1","status":"accepted","body":"I'd like \"two\" - please..."}`)
	}))
	defer server.Close()
	for text, want := range map[string]bool{"I’d like “two” — please…": true, "👋 ¡Ñ!": true, "I’d like “ten” — please…": false} {
		sent, err := twilio.New(server.URL).Send(t.Context(), line, chat.Outgoing{To: "+14155550123", Text: text}, "")
		if (err == nil) != want {
			t.Errorf("%q: got %+v, %v", text, sent, err)
		}
	}
}
