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

// answers holds the adapter to what a provider may answer.
func answers(t *testing.T, p Provider) {
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
			if (e.RetryAfter > 0) != (test.after > 0) || e.RetryAfter < test.after || e.WholeAccount != test.all || e.OptedOut != test.optedOut {
				t.Errorf("got after %v, all %v, opted out %v", e.RetryAfter, e.WholeAccount, e.OptedOut)
			}
		})
	}
}

// network holds it to what may happen on the way.
func network(t *testing.T, p Provider) {
	trouble := maps.Clone(troubles)
	maps.Copy(trouble, map[string]http.HandlerFunc{
		"no id":           func(w http.ResponseWriter, _ *http.Request) { Response{Status: 201, Body: "{}"}.write(w) },
		"refused in HTML": func(w http.ResponseWriter, _ *http.Request) { Response{Status: 400, Body: "<html>"}.write(w) },
	})
	for name, handle := range trouble {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := chat.MaybeSent
			if name == "refused in HTML" {
				want = chat.Rejected
			}
			var asked atomic.Int32
			server := serve(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); handle(w, r) })
			_, err := p.At(server.URL).Send(t.Context(), line, out, callback)
			outcome(t, err, want)
			if asked.Load() != 1 {
				t.Errorf("asked %d times", asked.Load())
			}
		})
	}
	t.Run("accepted, and no end", func(t *testing.T) {
		t.Parallel()
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			p.Answer(Accepted).write(w)
			ramble(w, r)
		})
		if sent, err := p.At(server.URL).Send(t.Context(), line, out, callback); err != nil || sent.ID != SentID {
			t.Errorf("got %+v, %v", sent, err)
		}
	})
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
	t.Run("a certificate of somebody else's", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("asked") }))
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.Close()
		_, err := p.At(server.URL).Send(t.Context(), line, out, callback)
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
	t.Run("frozen", func(t *testing.T) { t.Parallel(); frozen(t, p) })
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
		outcome(t, err, chat.MaybeSent)
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
		outcome(t, err, chat.MaybeSent)
		if asked.Load() != 2 {
			t.Errorf("two texts asked for %d times", asked.Load())
		}
	})
}

// frozen holds it to find out for itself that its time is over: the process may
// have stood still, and go on before any timer strikes.
func frozen(t *testing.T, p Provider) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return // the head of a request is none
		}
		asked.Add(1)
		p.Answer(Accepted).write(w)
	}))
	t.Cleanup(server.Close)
	for name, until := range map[string]time.Time{
		"over before it began": time.Now().Add(-time.Second),
		"over while it began":  time.Now().Add(200 * time.Millisecond),
	} {
		t.Run(name, func(t *testing.T) {
			client := p.At(server.URL)
			if _, err := client.Send(t.Context(), line, out, callback); err != nil { // from here on there is a connection
				t.Fatal(err)
			}
			before := asked.Load()
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
				GotConn: func(httptrace.GotConnInfo) { <-time.After(time.Until(until)) },
			})
			_, err := client.Send(stopped{ctx, until}, line, out, callback)
			outcome(t, err, chat.NotSent)
			if asked.Load() != before {
				t.Error("it was sent")
			}
		})
	}
}

// stopped is a context whose timer does not strike.
type stopped struct {
	context.Context
	until time.Time
}

func (s stopped) Deadline() (time.Time, bool) { return s.until, true }

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
	for _, secret := range []string{string(out.To[1:]), string(line.Number[1:]), out.Text, string(line.Token)} {
		if strings.Contains(e.Error(), secret) {
			t.Errorf("the error says too much: %v", e)
		}
	}
	return e
}
