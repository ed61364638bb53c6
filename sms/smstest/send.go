package smstest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/sms"
)

var (
	out      = chat.Outgoing{Token: "01j9zz", From: line.Number, To: "+14155550123", Text: "Hello & welcome 👋", Lasts: time.Hour}
	callback = "https://sms.example.com/hooks/e1/status/01j9zz"
)

// answers holds the adapter to what a provider may answer.
func answers(t *testing.T, p Provider) {
	for name, test := range map[string]struct {
		answer   Answer
		outcome  chat.Outcome // 0: accepted
		after    time.Duration
		optedOut bool
	}{
		"accepted":   {Accepted, 0, 0, false},
		"not mobile": {NotMobile, chat.Rejected, 0, false},
		"opted out":  {OptedOut, chat.Rejected, 0, true},
		"denied":     {Denied, chat.Rejected, 0, false},
		"too many":   {TooMany, chat.NotSent, 7 * time.Second, false},
		"broken":     {Broken, chat.Lost, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				p.Answer(test.answer).write(w)
			}))
			defer server.Close()
			sent, err := p.At(server.URL).Send(t.Context(), line, out, callback)
			if asked.Load() != 1 {
				t.Errorf("asked %d times", asked.Load())
			}
			if test.outcome == 0 {
				if want := (sms.Sent{ID: SentID, State: chat.Queued, Segments: 2}); err != nil || sent != want {
					t.Errorf("got %+v, %v; want %+v", sent, err, want)
				}
				return
			}
			e := outcome(t, err, test.outcome)
			if e.After != test.after || e.OptedOut != test.optedOut {
				t.Errorf("got after %v, opted out %v", e.After, e.OptedOut)
			}
		})
	}
}

// network holds it to what may happen on the way.
func network(t *testing.T, p Provider) {
	for name, test := range map[string]struct {
		handle  http.HandlerFunc
		outcome chat.Outcome
	}{
		"reset after reading": {func(w http.ResponseWriter, _ *http.Request) { hangUp(w, "") }, chat.Lost},
		"not HTTP":            {func(w http.ResponseWriter, _ *http.Request) { hangUp(w, "hello\r\n") }, chat.Lost},
		"truncated head":      {func(w http.ResponseWriter, _ *http.Request) { hangUp(w, "HTTP/1.1 201 Cre") }, chat.Lost},
		"truncated answer": {func(w http.ResponseWriter, _ *http.Request) {
			hangUp(w, "HTTP/1.1 201 Created\r\nContent-Length: 999\r\n\r\n{")
		}, chat.Lost},
		"an answer that is not": {func(w http.ResponseWriter, _ *http.Request) { Response{Status: 201, Body: "<html>"}.write(w) }, chat.Lost},
		"an empty answer":       {func(w http.ResponseWriter, _ *http.Request) { Response{Status: 200}.write(w) }, chat.Lost},
		"no id":                 {func(w http.ResponseWriter, _ *http.Request) { Response{Status: 201, Body: "{}"}.write(w) }, chat.Lost},
		"request time-out":      {func(w http.ResponseWriter, _ *http.Request) { Response{Status: 408}.write(w) }, chat.Lost},
		"gateway":               {func(w http.ResponseWriter, _ *http.Request) { Response{Status: 502, Body: "<html>"}.write(w) }, chat.Lost},
		"unavailable": {func(w http.ResponseWriter, _ *http.Request) {
			Response{Status: 503, Header: map[string]string{"Retry-After": "1"}}.write(w)
		}, chat.Lost},
		"moved": {func(w http.ResponseWriter, _ *http.Request) {
			Response{Status: 307, Header: map[string]string{"Location": "/"}}.write(w)
		}, chat.Lost},
		"refused in HTML": {func(w http.ResponseWriter, _ *http.Request) { Response{Status: 400, Body: "<html>"}.write(w) }, chat.Rejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				_ = r.ParseForm() // reads the body, so that hanging up comes after the request
				test.handle(w, r)
			}))
			defer server.Close()
			_, err := p.At(server.URL).Send(t.Context(), line, out, callback)
			outcome(t, err, test.outcome)
			if asked.Load() != 1 {
				t.Errorf("asked %d times", asked.Load())
			}
		})
	}
}

// unreached holds it to attempts that end before a byte of the request is out:
// those, and only those, may be made again.
func unreached(t *testing.T, p Provider) {
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(nil)
		server.Close()
		_, err := p.At(server.URL).Send(t.Context(), line, out, callback)
		outcome(t, err, chat.NotSent)
	})
	t.Run("no such name", func(t *testing.T) {
		t.Parallel()
		_, err := p.At("https://nobody.invalid").Send(t.Context(), line, out, callback)
		outcome(t, err, chat.NotSent)
	})
	t.Run("no TLS", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(nil)
		defer server.Close()
		_, err := p.At(strings.Replace(server.URL, "http:", "https:", 1)).Send(t.Context(), line, out, callback)
		outcome(t, err, chat.NotSent)
	})
	t.Run("given up before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("asked") }))
		defer server.Close()
		_, err := p.At(server.URL).Send(ctx, line, out, callback)
		outcome(t, err, chat.NotSent)
	})
}

// broken holds it to attempts that end when the request is out.
func broken(t *testing.T, p Provider) {
	t.Run("no answer in time", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			cancel() // the deadline strikes while the provider is at it
			<-r.Context().Done()
		}))
		defer server.Close()
		_, err := p.At(server.URL).Send(ctx, line, out, callback)
		outcome(t, err, chat.Lost)
	})
	// A POST on a connection that was good a moment ago is what net/http likes
	// to repeat by itself.
	t.Run("a good connection breaks", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			if asked.Add(1) == 1 {
				p.Answer(Accepted).write(w)
				return
			}
			hangUp(w, "")
		}))
		defer server.Close()
		sender := p.At(server.URL)
		if _, err := sender.Send(t.Context(), line, out, callback); err != nil {
			t.Fatal(err)
		}
		_, err := sender.Send(t.Context(), line, out, callback)
		outcome(t, err, chat.Lost)
		if asked.Load() != 2 {
			t.Errorf("two texts asked for %d times", asked.Load())
		}
	})
}

// outcome insists on a send error that is explained, and keeps a phone number,
// a text and a token out of its words for us.
func outcome(t *testing.T, err error, want chat.Outcome) *chat.SendError {
	t.Helper()
	e := new(chat.SendError)
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a send error", err)
	}
	if e.Outcome != want || e.Problem.Code == "" || e.Problem.Text == "" || e.Cause == nil {
		t.Errorf("got outcome %d, problem %+v, cause %v; want outcome %d", e.Outcome, e.Problem, e.Cause, want)
	}
	for _, secret := range []string{string(out.To), out.Text, string(line.Token)} {
		if strings.Contains(e.Error(), secret) {
			t.Errorf("the error says too much: %v", e)
		}
	}
	return e
}

// hangUp ends the connection after some last words.
func hangUp(w http.ResponseWriter, words string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = conn.Write([]byte(words))
	_ = conn.Close()
}
