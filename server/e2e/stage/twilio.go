package stage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/server/demo"
)

// Line returns the shop's line.
func (s *Stage) Line() chat.Line {
	s.T.Helper()
	lines, err := s.App.Store.LineConfigs(context.Background(), s.Shop.ID)
	Must(s.T, err)
	return lines[0].Line
}

// A Response is what a vendor got.
type Response struct {
	Status     int
	Kind, Body string
}

// A TwilioRequest is a request as Twilio makes it.
type TwilioRequest struct {
	Path   string              // below the public address
	Form   url.Values          // is signed
	Token  string              // the Auth Token that signs
	At     string              // the signed address, if not the public one
	Body   string              // the body, if not the form
	Change func(*http.Request) // changes the request at the end
}

// Call makes a request as Twilio does.
func (s *Stage) Call(h TwilioRequest) Response {
	s.T.Helper()
	address := s.URL + h.Path
	if h.At == "" {
		h.At = address
	}
	if h.Body == "" {
		h.Body = h.Form.Encode()
	}
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(h.Body))
	Must(s.T, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	req.Header.Set("X-Twilio-Signature", twilio.Sign(h.Token, h.At, h.Form))
	s.Log.AddSecrets(req.Header.Get("X-Twilio-Signature"))
	if h.Change != nil {
		h.Change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	Must(s.T, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	Must(s.T, err)
	return Response{resp.StatusCode, resp.Header.Get("Content-Type"), string(body)}
}

var counter struct {
	sync.Mutex
	n int
}

// Inbound is the form of a new text. more are further names and values.
func Inbound(from, text string, more ...string) url.Values {
	counter.Lock()
	defer counter.Unlock()
	counter.n++
	form := url.Values{
		"MessageSid": {fmt.Sprintf("SM%032x", counter.n)}, "AccountSid": {demo.TwilioAccount}, "From": {from}, "To": {demo.Number},
		"Body": {text}, "NumMedia": {"0"},
	}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// NewPhone returns a number that no other test uses.
func NewPhone() string {
	counter.Lock()
	defer counter.Unlock()
	counter.n++
	return fmt.Sprintf("+1415556%04d", counter.n)
}

// Metric reads a metric.
func (s *Stage) Metric(name string) float64 {
	s.T.Helper()
	out := httptest.NewRecorder()
	s.App.AdminServer().Handler.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(out.Body.String()) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			Must(s.T, err)
			return n
		}
	}
	s.T.Fatalf("there is no metric %q", name)
	return 0
}

// Quarantined counts the requests in quarantine.
func (s *Stage) Quarantined() int64 {
	s.T.Helper()
	n, err := s.App.Store.Quarantined(context.Background(), s.Shop.ID)
	Must(s.T, err)
	return n
}

// TextsFrom returns the saved texts of a phone.
func (s *Stage) TextsFrom(phone string) (texts []chat.Entry) {
	s.T.Helper()
	for _, e := range s.Conversation(phone).Entries {
		if e.Way == chat.In {
			texts = append(texts, e)
		}
	}
	return texts
}

// Method is the HTTP method.
func (h TwilioRequest) Method() string {
	r := &http.Request{Method: http.MethodPost, Header: http.Header{}}
	if h.Change != nil {
		h.Change(r)
	}
	return r.Method
}
