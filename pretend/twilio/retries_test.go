package twilio

import (
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"
	"testing/synctest"
)

// A webhookTransport answers with one handler after the other, then with empty TwiML,
// without a network.
type webhookTransport struct {
	answers []http.HandlerFunc
	tokens  []string // of all requests
}

func (w *webhookTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
	w.tokens = append(w.tokens, r.Header.Get("I-Twilio-Idempotency-Token"))
	answer := func(http.ResponseWriter, *http.Request) {}
	if len(w.answers) > 0 {
		answer, w.answers = w.answers[0], w.answers[1:]
	}
	response := httptest.NewRecorder()
	answer(response, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return response.Result(), nil
}

func TestRetries(t *testing.T) {
	t.Parallel()
	status := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, test := range map[string]struct {
		fragment string
		answers  []http.HandlerFunc
		requests int
		failure  string
	}{
		"5xx, all":               {"#rc=5&rp=all", []http.HandlerFunc{status(503), status(503)}, 3, ""},
		"5xx, listed":            {"#rc=1&rp=ct,5xx", []http.HandlerFunc{status(503), status(503)}, 2, "5xx"},
		"5xx, others listed":     {"#rc=5&rp=ct,rt,4xx", []http.HandlerFunc{status(503)}, 1, "5xx"},
		"4xx":                    {"#rp=4xx", []http.HandlerFunc{status(404)}, 2, ""},
		"timeout":                {"#rp=rt&rt=5000", []http.HandlerFunc{hang}, 2, ""},
		"timeout, not retried":   {"#rt=2000", []http.HandlerFunc{hang}, 1, "rt"},
		"total timeout":          {"#rc=5&rp=all&rt=9000&tt=2000", []http.HandlerFunc{hang, hang}, 1, "rt"},
		"out of range, defaults": {"#rc=99&rp=5xx", []http.HandlerFunc{status(503), status(503), status(503)}, 2, "5xx"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const store = "+14155550100"
				s := New(Account{Numbers: []Number{{Phone: store, SmsURL: "http://webhook.test/in" + test.fragment}}})
				defer s.Close()
				webhook := &webhookTransport{answers: test.answers}
				s.client.Transport = webhook
				_, calls, err := s.Deliver(t.Context(), Inbound{From: "+14155550123", To: store, Body: "hi"})
				if n := len(webhook.tokens); err != nil || n != test.requests || calls[0].Failure != test.failure || calls[0].Attempt != n {
					t.Errorf("%d requests, want %d; got %+v, %v", n, test.requests, calls, err)
				}
				for _, token := range webhook.tokens {
					if token == "" || token != webhook.tokens[0] {
						t.Errorf("attempts have different tokens: %q", webhook.tokens)
					}
				}
			})
		})
	}
}
