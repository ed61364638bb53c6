package smstest

import (
	"context"
	"errors"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/sms"
)

var (
	out      = chat.Outgoing{Token: "01j9zz", From: line.Number, To: "+14155550123", Text: "Hello & welcome 👋", ValidityPeriod: time.Hour}
	callback = "https://sms.example.com/hooks/e1/status/01j9zz"
)

// testSendAnswers tests what Send makes of the answers of a provider.
func testSendAnswers(t *testing.T, p Provider) {
	for name, test := range map[string]struct {
		answer   Answer
		outcome  chat.Outcome  // 0: accepted
		after    time.Duration // at least
		all      bool
		optedOut bool
	}{
		"accepted":   {Accepted, 0, 0, false, false},
		"not mobile": {NotMobile, chat.Rejected, 0, false, false},
		"opted out":  {OptedOut, chat.Rejected, 0, false, true},
		"denied":     {Denied, chat.Rejected, time.Minute, true, false},
		"too many":   {TooMany, chat.NotSent, 7 * time.Second, true, false},
		"broken":     {Broken, chat.MaybeSent, 0, false, false},
		"mixed up":   {MixedUp, chat.MaybeSent, 0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				p.SendResponse(test.answer).write(w)
			}))
			defer server.Close()
			sent, err := p.NewClient(server.URL).Send(t.Context(), line, out, callback)
			if requests.Load() != 1 {
				t.Errorf("%d requests", requests.Load())
			}
			if test.outcome == 0 {
				if want := (sms.Sent{ID: SentID, State: chat.Queued, Segments: 2}); err != nil || sent != want {
					t.Errorf("got %+v, %v; want %+v", sent, err, want)
				}
				return
			}
			e := sendError(t, err, test.outcome)
			if (e.RetryAfter > 0) != (test.after > 0) || e.RetryAfter < test.after || e.WholeAccount != test.all || e.OptedOut != test.optedOut {
				t.Errorf("got after %v, all %v, opted out %v", e.RetryAfter, e.WholeAccount, e.OptedOut)
			}
		})
	}
}

// testSendFaults tests what Send makes of faults after the request was sent.
func testSendFaults(t *testing.T, p Provider) {
	all := maps.Clone(faults)
	maps.Copy(all, map[string]http.HandlerFunc{
		"no id":           func(w http.ResponseWriter, _ *http.Request) { Response{Status: 201, Body: "{}"}.write(w) },
		"refused in HTML": func(w http.ResponseWriter, _ *http.Request) { Response{Status: 400, Body: "<html>"}.write(w) },
	})
	for name, handle := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := chat.MaybeSent
			if name == "refused in HTML" {
				want = chat.Rejected
			}
			var requests atomic.Int32
			server := newServer(t, func(w http.ResponseWriter, r *http.Request) { requests.Add(1); handle(w, r) })
			_, err := p.NewClient(server.URL).Send(t.Context(), line, out, callback)
			sendError(t, err, want)
			if requests.Load() != 1 {
				t.Errorf("%d requests", requests.Load())
			}
		})
	}
	t.Run("accepted, endless", func(t *testing.T) {
		t.Parallel()
		server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			p.SendResponse(Accepted).write(w)
			writeForever(w, r)
		})
		if sent, err := p.NewClient(server.URL).Send(t.Context(), line, out, callback); err != nil || sent.ID != SentID {
			t.Errorf("got %+v, %v", sent, err)
		}
	})
}

// testSendNotSent tests attempts that fail before a byte of the request was sent. Only
// these may be repeated.
func testSendNotSent(t *testing.T, p Provider) {
	t.Run("no server", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(nil)
		server.Close()
		_, err := p.NewClient(server.URL).Send(t.Context(), line, out, callback)
		sendError(t, err, chat.NotSent)
	})
	t.Run("no such name", func(t *testing.T) {
		t.Parallel()
		_, err := p.NewClient("https://no-such-host.invalid").Send(t.Context(), line, out, callback)
		sendError(t, err, chat.NotSent)
	})
	t.Run("no TLS", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(nil)
		defer server.Close()
		_, err := p.NewClient(strings.Replace(server.URL, "http:", "https:", 1)).Send(t.Context(), line, out, callback)
		sendError(t, err, chat.NotSent)
	})
	t.Run("unknown certificate", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request was made") }))
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.Close()
		_, err := p.NewClient(server.URL).Send(t.Context(), line, out, callback)
		sendError(t, err, chat.NotSent)
	})
	t.Run("already cancelled", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request was made") }))
		defer server.Close()
		_, err := p.NewClient(server.URL).Send(ctx, line, out, callback)
		sendError(t, err, chat.NotSent)
	})
}

// testSendLost tests attempts that fail after the request was sent.
func testSendLost(t *testing.T, p Provider) {
	t.Run("deadline", func(t *testing.T) { t.Parallel(); testDeadline(t, p) })
	t.Run("no answer in time", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			cancel() // during the request
			<-r.Context().Done()
		}))
		defer server.Close()
		_, err := p.NewClient(server.URL).Send(ctx, line, out, callback)
		sendError(t, err, chat.MaybeSent)
	})
	// net/http may repeat a request on a connection that was in use before.
	t.Run("an idle connection breaks", func(t *testing.T) {
		t.Parallel()
		var requests atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			if requests.Add(1) == 1 {
				p.SendResponse(Accepted).write(w)
				return
			}
			closeConn(w, "")
		}))
		defer server.Close()
		client := p.NewClient(server.URL)
		if _, err := client.Send(t.Context(), line, out, callback); err != nil {
			t.Fatal(err)
		}
		_, err := client.Send(t.Context(), line, out, callback)
		sendError(t, err, chat.MaybeSent)
		if requests.Load() != 2 {
			t.Errorf("%d requests for two texts", requests.Load())
		}
	})
}

// testDeadline tests that Send itself checks the deadline: the process may have been
// suspended, and go on before any timer fires.
func testDeadline(t *testing.T, p Provider) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return // a header without its body is no request
		}
		requests.Add(1)
		p.SendResponse(Accepted).write(w)
	}))
	t.Cleanup(server.Close)
	for name, deadline := range map[string]time.Time{
		"passed before the request": time.Now().Add(-time.Second),
		"passes while connecting":   time.Now().Add(200 * time.Millisecond),
	} {
		t.Run(name, func(t *testing.T) {
			client := p.NewClient(server.URL)
			if _, err := client.Send(t.Context(), line, out, callback); err != nil { // opens a connection
				t.Fatal(err)
			}
			before := requests.Load()
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
				GotConn: func(httptrace.GotConnInfo) { <-time.After(time.Until(deadline)) },
			})
			_, err := client.Send(noTimer{ctx, deadline}, line, out, callback)
			sendError(t, err, chat.NotSent)
			if requests.Load() != before {
				t.Error("the text was sent")
			}
		})
	}
}

// noTimer is a context that has a deadline, but is not cancelled then.
type noTimer struct {
	context.Context
	deadline time.Time
}

func (c noTimer) Deadline() (time.Time, bool) { return c.deadline, true }

// sendError returns err as a send error. It fails if the outcome is another one, if there
// is no explanation, or if the error text has a phone number, a text or a token in it.
func sendError(t *testing.T, err error, want chat.Outcome) *chat.SendError {
	t.Helper()
	e := new(chat.SendError)
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a send error", err)
	}
	if e.Outcome != want || e.Problem.Code == "" || e.Problem.Text == "" || e.Cause == nil {
		t.Errorf("got outcome %d, problem %+v, cause %v; want outcome %d", e.Outcome, e.Problem, e.Cause, want)
	}
	for _, secret := range []string{string(out.To[1:]), string(line.Number[1:]), out.Text, string(line.Token)} {
		if strings.Contains(e.Error(), secret) {
			t.Errorf("the error text has a secret in it: %v", e)
		}
	}
	return e
}
