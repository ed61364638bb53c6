package hooks_test

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
)

// zipped is a little that becomes a lot.
func zipped(t testing.TB, text []byte) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(text)
	stage.Must(t, err)
	stage.Must(t, z.Close())
	return out.String()
}

func TestForgedTextIsRefused(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	endpoint := "/hooks/twilio/" + s.Line().Endpoint
	s.Log.AddSecrets(s.Line().Endpoint)
	path := endpoint + "/inbound"
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			if r.Header.Set(name, value); value == "" {
				r.Header.Del(name)
			}
		}
	}
	for name, test := range map[string]struct {
		stage.TwilioRequest
		status int
	}{
		"another token":              {stage.TwilioRequest{Path: path, Token: "another"}, 403},
		"no token":                   {stage.TwilioRequest{Path: path}, 403},
		"no signature":               {stage.TwilioRequest{Path: path, Token: demo.TwilioToken, Change: header("X-Twilio-Signature", "")}, 403},
		"nonsense as a signature":    {stage.TwilioRequest{Path: path, Token: demo.TwilioToken, Change: header("X-Twilio-Signature", "AAAA")}, 403},
		"another address was signed": {stage.TwilioRequest{Path: path, Token: demo.TwilioToken, At: "https://evil.example" + path}, 403},
		"another path was signed":    {stage.TwilioRequest{Path: path, Token: demo.TwilioToken, At: s.URL + endpoint + "/status/x"}, 403},
		"a query was added":          {stage.TwilioRequest{Path: path + "?a=1", Token: demo.TwilioToken, At: s.URL + path}, 403},
		"the host agrees with a forgery": {stage.TwilioRequest{Path: path, Token: demo.TwilioToken, At: "https://evil.example" + path, Change: func(r *http.Request) {
			r.Host = "evil.example"
			r.Header.Set("X-Forwarded-Host", "evil.example")
			r.Header.Set("X-Forwarded-Proto", "https")
		}}, 403},
		"the body is not what was signed": {stage.TwilioRequest{Path: path, Token: demo.TwilioToken, Body: "Body=else"}, 403},
		"a status without a signature":    {stage.TwilioRequest{Path: endpoint + "/status/x", Token: "another"}, 403},
		"an unknown endpoint":             {stage.TwilioRequest{Path: "/hooks/twilio/" + rand.Text() + "/inbound", Token: demo.TwilioToken}, 404},
		"no endpoint":                     {stage.TwilioRequest{Path: "/hooks/twilio//inbound", Token: demo.TwilioToken}, 404},
		"another vendor's endpoint":       {stage.TwilioRequest{Path: strings.Replace(path, "twilio", "gorgias", 1), Token: demo.TwilioToken}, 404},
		"asked with GET":                  {stage.TwilioRequest{Path: path, Token: demo.TwilioToken, Change: func(r *http.Request) { r.Method = http.MethodGet }}, 404},
		"compressed":                      {stage.TwilioRequest{Path: path, Token: demo.TwilioToken, Body: zipped(t, make([]byte, 10<<20)), Change: header("Content-Encoding", "gzip")}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			from, text := stage.NewPhone(), "canary of a forged text"
			s.Log.AddSecrets(from[1:], text)
			test.Form = stage.Inbound(from, text)
			before := s.Metric("sidetext_hooks_refused_total")
			got := s.Call(test.TwilioRequest)
			if got.Status != test.status || (got.Body != "" && test.Method() != http.MethodGet) {
				t.Errorf("got %d %q", got.Status, got.Body)
			}
			if counted := s.Metric("sidetext_hooks_refused_total") - before; (counted == 1) != (test.status == 403) {
				t.Errorf("counted %v refused requests", counted)
			}
			if texts := s.TextsFrom(from); len(texts) != 0 {
				t.Errorf("stored %v", texts)
			}
		})
	}
	if n := s.Quarantined(); n != 0 {
		t.Errorf("%d forged requests are in quarantine", n)
	}
}

// TestTextOfAnotherAccount: a good signature with another account in the form
// is refused.
func TestTextOfAnotherAccount(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	from := stage.NewPhone()
	got := s.Call(stage.TwilioRequest{Path: "/hooks/twilio/" + s.Line().Endpoint + "/inbound", Token: demo.TwilioToken, Form: stage.Inbound(from, "hello", "AccountSid", "AC"+strings.Repeat("f", 32))})
	if got.Status != 404 || got.Body != "" || len(s.TextsFrom(from)) != 0 || s.Quarantined() != 0 {
		t.Errorf("got %v, and stored %v", got, s.TextsFrom(from))
	}
}

func TestUnusualTexts(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	path := "/hooks/twilio/" + s.Line().Endpoint + "/inbound"
	bare := "http://127.0.0.1" + path
	media := func(n int) (more []string) {
		more = append(more, "NumMedia", strconv.Itoa(n))
		for i := range n {
			more = append(more, fmt.Sprintf("MediaUrl%d", i), "https://api.twilio.com/"+strconv.Itoa(i), fmt.Sprintf("MediaContentType%d", i), "image/jpeg")
		}
		return more
	}
	for name, test := range map[string]struct {
		stage.TwilioRequest
		from, text string
		more       []string
		want       string
		media      int
	}{
		"plain":                        {text: "hello", want: "hello"},
		"without words":                {},
		"one picture":                  {text: "look", more: media(1), want: "look", media: 1},
		"ten pictures without a word":  {more: media(10), media: 10},
		"a short code":                 {from: "72345", text: "your code is 1", want: "your code is 1"},
		"a name":                       {from: "ACME", text: "hi", want: "hi"},
		"unknown fields":               {text: "hi", more: []string{"Novelty", "1", "Channel\x00", "\xff"}, want: "hi"},
		"NUL":                          {text: "a\x00b", want: "a\uFFFDb"},
		"what is not UTF-8":            {text: "caf\xe9", want: "caf\uFFFD"},
		"signs and other scripts":      {text: "50% + 1 & = ? été 🍵\u2028", want: "50% + 1 & = ? été 🍵\u2028"},
		"badly escaped":                {TwilioRequest: stage.TwilioRequest{Body: "%"}, text: "50%", want: "50%"},
		"through a service":            {text: "hi", more: []string{"MessagingServiceSid", "MG" + strings.Repeat("0", 32)}, want: "hi"},
		"signed without the port":      {TwilioRequest: stage.TwilioRequest{At: bare}, text: "hi", want: "hi"},
		"with a query":                 {TwilioRequest: stage.TwilioRequest{Path: path + "?a=1&b=%2F"}, text: "hi", want: "hi"},
		"behind a proxy that says all": {TwilioRequest: stage.TwilioRequest{Change: func(r *http.Request) { r.Host = "evil.example"; r.Header.Set("X-Forwarded-Host", "evil.example") }}, text: "hi", want: "hi"},
		"very long":                    {text: strings.Repeat("é", 3200), want: strings.Repeat("é", 3200)},
	} {
		t.Run(name, func(t *testing.T) {
			if test.from == "" {
				test.from = stage.NewPhone()
			}
			if test.Path == "" {
				test.Path = path
			}
			test.Token, test.Form = demo.TwilioToken, stage.Inbound(test.from, test.text, test.more...)
			if test.Body == "%" {
				test.Body = strings.Replace(test.Form.Encode(), "%25", "%", 1)
			}
			for range 2 { // the second time changes nothing
				got := s.Call(test.TwilioRequest)
				if got.Status != 200 || !strings.HasPrefix(got.Kind, "text/xml") || !strings.HasSuffix(got.Body, "<Response/>") {
					t.Errorf("got %+v", got)
				}
			}
			texts := s.TextsFrom(test.from)
			if len(texts) != 1 || texts[0].Text != test.want || len(texts[0].Media) != test.media {
				t.Errorf("stored %+v", texts)
			}
		})
	}
	if n := s.Quarantined(); n != 0 {
		t.Errorf("%d of them are in quarantine", n)
	}
	for _, m := range s.World.Twilio.Accepted() {
		if !chat.Phone(m.To).Reachable() {
			t.Errorf("texted %q", m.To)
		}
	}
}

func TestUnreadableTextIsQuarantined(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	path := "/hooks/twilio/" + s.Line().Endpoint + "/inbound"
	s.Log.AddSecrets("canary in an unreadable body")
	for name, h := range map[string]stage.TwilioRequest{
		"without an id":          {Form: stage.Inbound(stage.NewPhone(), "canary in an unreadable body", "MessageSid", "")},
		"to another number":      {Form: stage.Inbound(stage.NewPhone(), "canary in an unreadable body", "To", "+14155550111")},
		"to no number":           {Form: stage.Inbound(stage.NewPhone(), "hi", "To", "")},
		"no form at all":         {Form: url.Values{"%%%": {""}, "\x01": {"%"}}, Body: "%%%&%01=%"},
		"nothing":                {Body: "&", Form: url.Values{}},
		"a report without an id": {Form: url.Values{"MessageStatus": {"sent"}}, Path: "/hooks/twilio/" + s.Line().Endpoint + "/status/x"},
	} {
		t.Run(name, func(t *testing.T) {
			if h.Path == "" {
				h.Path = path
			}
			h.Token = demo.TwilioToken
			saved, counted := s.Quarantined(), s.Metric("sidetext_hooks_quarantined_total")
			got := s.Call(h)
			if strings.HasSuffix(h.Path, "/inbound") {
				if got.Status != 200 || !strings.HasPrefix(got.Kind, "text/xml") || !strings.HasSuffix(got.Body, "<Response/>") {
					t.Errorf("got %+v", got)
				}
			} else if got.Status != 204 || got.Body != "" {
				t.Errorf("got %+v", got)
			}
			if s.Quarantined() != saved+1 || s.Metric("sidetext_hooks_quarantined_total") != counted+1 {
				t.Error("it is not in quarantine")
			}
		})
	}
}
