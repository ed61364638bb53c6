package stories

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/server/demo"
)

// line is the number that a shop is texted at.
func (s *stage) line() chat.Line {
	s.t.Helper()
	doors, err := s.App.Store.LineConfigs(context.Background(), s.Shop.ID)
	must(s.t, err)
	return doors[0].Line
}

// An answer is what a vendor got.
type answer struct {
	Status     int
	Kind, Body string
}

// A hook is a call as Twilio makes it.
type hook struct {
	path   string              // below the public address
	form   url.Values          // what is signed
	token  string              // of the account; signs
	at     string              // the address that is signed, unless it is the public one
	body   string              // what is sent, unless it is the form
	change func(*http.Request) // the last word
}

func (s *stage) call(h hook) answer {
	s.t.Helper()
	address := s.url + h.path
	if h.at == "" {
		h.at = address
	}
	if h.body == "" {
		h.body = h.form.Encode()
	}
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(h.body))
	must(s.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	req.Header.Set("X-Twilio-Signature", twilio.Sign(h.token, h.at, h.form))
	s.log.private(req.Header.Get("X-Twilio-Signature"))
	if h.change != nil {
		h.change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	must(s.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(s.t, err)
	return answer{resp.StatusCode, resp.Header.Get("Content-Type"), string(body)}
}

var messages struct {
	sync.Mutex
	n int
}

// inbound is the form of a new text. more are further names and values.
func inbound(from, text string, more ...string) url.Values {
	messages.Lock()
	defer messages.Unlock()
	messages.n++
	form := url.Values{
		"MessageSid": {fmt.Sprintf("SM%032x", messages.n)}, "AccountSid": {demo.TwilioAccount}, "From": {from}, "To": {demo.Number},
		"Body": {text}, "NumMedia": {"0"},
	}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// somebody is a phone that nobody else has.
func somebody() string {
	messages.Lock()
	defer messages.Unlock()
	messages.n++
	return fmt.Sprintf("+1415556%04d", messages.n)
}

// counted reads a figure that operators see.
func (s *stage) counted(name string) float64 {
	s.t.Helper()
	out := httptest.NewRecorder()
	s.App.AdminServer().Handler.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(out.Body.String()) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			must(s.t, err)
			return n
		}
	}
	s.t.Fatalf("there is no figure %q", name)
	return 0
}

func (s *stage) quarantined() int64 {
	s.t.Helper()
	n, err := s.App.Store.Quarantined(context.Background(), s.Shop.ID)
	must(s.t, err)
	return n
}

// heard are the texts of a phone that were kept.
func (s *stage) heard(phone string) (heard []chat.Entry) {
	s.t.Helper()
	for _, e := range s.conversation(phone).Entries {
		if e.Way == chat.In {
			heard = append(heard, e)
		}
	}
	return heard
}

// zipped is a little that becomes a lot.
func zipped(t testing.TB, text []byte) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(text)
	must(t, err)
	must(t, z.Close())
	return out.String()
}

func TestForgedTexts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	endpoint := "/hooks/twilio/" + s.line().Endpoint
	s.log.private(s.line().Endpoint)
	path := endpoint + "/inbound"
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			if r.Header.Set(name, value); value == "" {
				r.Header.Del(name)
			}
		}
	}
	for name, test := range map[string]struct {
		hook
		status int
	}{
		"another token":              {hook{path: path, token: "another"}, 403},
		"no token":                   {hook{path: path}, 403},
		"no signature":               {hook{path: path, token: demo.TwilioToken, change: header("X-Twilio-Signature", "")}, 403},
		"nonsense as a signature":    {hook{path: path, token: demo.TwilioToken, change: header("X-Twilio-Signature", "AAAA")}, 403},
		"another address was signed": {hook{path: path, token: demo.TwilioToken, at: "https://evil.example" + path}, 403},
		"another path was signed":    {hook{path: path, token: demo.TwilioToken, at: s.url + endpoint + "/status/x"}, 403},
		"a query was added":          {hook{path: path + "?a=1", token: demo.TwilioToken, at: s.url + path}, 403},
		"the host agrees with a forgery": {hook{path: path, token: demo.TwilioToken, at: "https://evil.example" + path, change: func(r *http.Request) {
			r.Host = "evil.example"
			r.Header.Set("X-Forwarded-Host", "evil.example")
			r.Header.Set("X-Forwarded-Proto", "https")
		}}, 403},
		"the body is not what was signed": {hook{path: path, token: demo.TwilioToken, body: "Body=else"}, 403},
		"a status without a signature":    {hook{path: endpoint + "/status/x", token: "another"}, 403},
		"an unknown endpoint":             {hook{path: "/hooks/twilio/" + rand.Text() + "/inbound", token: demo.TwilioToken}, 404},
		"no endpoint":                     {hook{path: "/hooks/twilio//inbound", token: demo.TwilioToken}, 404},
		"another vendor's endpoint":       {hook{path: strings.Replace(path, "twilio", "gorgias", 1), token: demo.TwilioToken}, 404},
		"asked with GET":                  {hook{path: path, token: demo.TwilioToken, change: func(r *http.Request) { r.Method = http.MethodGet }}, 404},
		"compressed":                      {hook{path: path, token: demo.TwilioToken, body: zipped(t, make([]byte, 10<<20)), change: header("Content-Encoding", "gzip")}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			from, text := somebody(), "canary of a forged text"
			s.log.private(from[1:], text)
			test.form = inbound(from, text)
			before := s.counted("sidetext_hooks_refused_total")
			got := s.call(test.hook)
			if got.Status != test.status || (got.Body != "" && test.method() != http.MethodGet) {
				t.Errorf("got %d %q", got.Status, got.Body)
			}
			if counted := s.counted("sidetext_hooks_refused_total") - before; (counted == 1) != (test.status == 403) {
				t.Errorf("counted %v refused requests", counted)
			}
			if heard := s.heard(from); len(heard) != 0 {
				t.Errorf("kept %v", heard)
			}
		})
	}
	if n := s.quarantined(); n != 0 {
		t.Errorf("%d forged requests are in quarantine", n)
	}
}

func (h hook) method() string {
	r := &http.Request{Method: http.MethodPost, Header: http.Header{}}
	if h.change != nil {
		h.change(r)
	}
	return r.Method
}

// TestForeignAccount has a good signature and another account in the form.
func TestForeignAccount(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	from := somebody()
	got := s.call(hook{path: "/hooks/twilio/" + s.line().Endpoint + "/inbound", token: demo.TwilioToken, form: inbound(from, "hello", "AccountSid", "AC"+strings.Repeat("f", 32))})
	if got.Status != 404 || got.Body != "" || len(s.heard(from)) != 0 || s.quarantined() != 0 {
		t.Errorf("got %v, and kept %v", got, s.heard(from))
	}
}

func TestOddTexts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	path := "/hooks/twilio/" + s.line().Endpoint + "/inbound"
	bare := "http://127.0.0.1" + path
	media := func(n int) (more []string) {
		more = append(more, "NumMedia", strconv.Itoa(n))
		for i := range n {
			more = append(more, fmt.Sprintf("MediaUrl%d", i), "https://api.twilio.com/"+strconv.Itoa(i), fmt.Sprintf("MediaContentType%d", i), "image/jpeg")
		}
		return more
	}
	for name, test := range map[string]struct {
		hook
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
		"fields that nobody knows":     {text: "hi", more: []string{"Novelty", "1", "Channel\x00", "\xff"}, want: "hi"},
		"NUL":                          {text: "a\x00b", want: "a\uFFFDb"},
		"what is not UTF-8":            {text: "caf\xe9", want: "caf\uFFFD"},
		"signs and other scripts":      {text: "50% + 1 & = ? été 🍵\u2028", want: "50% + 1 & = ? été 🍵\u2028"},
		"badly escaped":                {hook: hook{body: "%"}, text: "50%", want: "50%"},
		"through a service":            {text: "hi", more: []string{"MessagingServiceSid", "MG" + strings.Repeat("0", 32)}, want: "hi"},
		"signed without the port":      {hook: hook{at: bare}, text: "hi", want: "hi"},
		"with a query":                 {hook: hook{path: path + "?a=1&b=%2F"}, text: "hi", want: "hi"},
		"behind a proxy that says all": {hook: hook{change: func(r *http.Request) { r.Host = "evil.example"; r.Header.Set("X-Forwarded-Host", "evil.example") }}, text: "hi", want: "hi"},
		"very long":                    {text: strings.Repeat("é", 3200), want: strings.Repeat("é", 3200)},
	} {
		t.Run(name, func(t *testing.T) {
			if test.from == "" {
				test.from = somebody()
			}
			if test.path == "" {
				test.path = path
			}
			test.token, test.form = demo.TwilioToken, inbound(test.from, test.text, test.more...)
			if test.body == "%" {
				test.body = strings.Replace(test.form.Encode(), "%25", "%", 1)
			}
			for range 2 { // the second time changes nothing
				got := s.call(test.hook)
				if got.Status != 200 || !strings.HasPrefix(got.Kind, "text/xml") || !strings.HasSuffix(got.Body, "<Response/>") {
					t.Errorf("got %+v", got)
				}
			}
			heard := s.heard(test.from)
			if len(heard) != 1 || heard[0].Text != test.want || len(heard[0].Media) != test.media {
				t.Errorf("kept %+v", heard)
			}
		})
	}
	if n := s.quarantined(); n != 0 {
		t.Errorf("%d of them are in quarantine", n)
	}
	for _, m := range s.World.Twilio.Accepted() {
		if !chat.Phone(m.To).Reachable() {
			t.Errorf("texted %q", m.To)
		}
	}
}

func TestUnreadableTexts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	path := "/hooks/twilio/" + s.line().Endpoint + "/inbound"
	s.log.private("canary in a body that nobody can read")
	for name, h := range map[string]hook{
		"without an id":          {form: inbound(somebody(), "canary in a body that nobody can read", "MessageSid", "")},
		"to another number":      {form: inbound(somebody(), "canary in a body that nobody can read", "To", "+14155550111")},
		"to nobody":              {form: inbound(somebody(), "hi", "To", "")},
		"no form at all":         {form: url.Values{"%%%": {""}, "\x01": {"%"}}, body: "%%%&%01=%"},
		"nothing":                {body: "&", form: url.Values{}},
		"a report without an id": {form: url.Values{"MessageStatus": {"sent"}}, path: "/hooks/twilio/" + s.line().Endpoint + "/status/x"},
	} {
		t.Run(name, func(t *testing.T) {
			if h.path == "" {
				h.path = path
			}
			h.token = demo.TwilioToken
			kept, counted := s.quarantined(), s.counted("sidetext_hooks_quarantined_total")
			got := s.call(h)
			if strings.HasSuffix(h.path, "/inbound") {
				if got.Status != 200 || !strings.HasPrefix(got.Kind, "text/xml") || !strings.HasSuffix(got.Body, "<Response/>") {
					t.Errorf("got %+v", got)
				}
			} else if got.Status != 204 || got.Body != "" {
				t.Errorf("got %+v", got)
			}
			if s.quarantined() != kept+1 || s.counted("sidetext_hooks_quarantined_total") != counted+1 {
				t.Error("it is not in quarantine")
			}
		})
	}
}
