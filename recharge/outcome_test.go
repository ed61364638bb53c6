package recharge

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
)

// TestOutcomes makes every call against every failure.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, call := range testCalls() {
		for failure, test := range outcomes {
			t.Run(name+"/"+failure, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { test.check(t, call) })
			})
		}
	}
}

// An outcome is a failure and what a call has to make of it.
type outcome struct {
	answer func(http.ResponseWriter, *http.Request) // nil: the store refuses connections
	once   bool                                     // only the first request fails
	get    want
	change want
	shown  string // a part of the problem's text
}

// want is the result of a call.
type want struct {
	outcome  chat.Outcome // 0: it succeeds
	code     string
	requests int
	account  bool          // the whole account is concerned
	waits    time.Duration // at least, and at most a quarter longer
}

const second = time.Second

func answer(status int, body string, header ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func cutConnection(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

// answerOtherwise answers in another protocol than HTTP.
func answerOtherwise(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		io.WriteString(conn, "canary canary canary\r\n\r\n")
		conn.Close()
	}
}

func cutResponse(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, `{"id":`)
}

var (
	rejected = func(code string) want { return want{outcome: chat.Rejected, code: code, requests: 1} }
	broken   = want{outcome: chat.NotSent, code: "unreachable", requests: 3, waits: 1500 * time.Millisecond}
	unknown  = want{outcome: chat.MaybeSent, code: "unknown", requests: 1}
	whole    = func(w want) want { w.account = true; return w }
)

var outcomes = map[string]outcome{
	"401": {answer(401, `{"errors":"canary"}`), false, whole(rejected("token")), whole(rejected("token")), "connect Recharge again"},
	"402": {answer(402, `{"error":"canary"}`), false, rejected("refused"), rejected("refused"), "canary"},
	"403": {answer(403, `{"errors":"canary"}`), false, whole(rejected("scope")), whole(rejected("scope")), "Tools & apps"},
	"404": {answer(404, `{"errors":"Not Found canary"}`), false, rejected("gone"), rejected("gone"), "any more"},
	"409 once": {answer(409, `{"errors":"Route Lock"}`), true,
		want{requests: 2, waits: second}, want{requests: 2, waits: second}, ""},
	"409": {answer(409, `{"errors":"Route Lock canary"}`), false,
		want{chat.NotSent, "busy", 5, false, 15 * second}, want{chat.NotSent, "busy", 5, false, 15 * second}, "another change"},
	"422": {answer(422, `{"errors":{"date":["canary"]}}`), false, rejected("refused"), rejected("refused"), "(date: canary)"},
	"429 once": {answer(429, ``), true,
		want{requests: 2, waits: 2 * second}, want{requests: 2, waits: 2 * second}, ""},
	"429 with Retry-After": {answer(429, ``, "Retry-After", "7"), true,
		want{requests: 2, waits: 7 * second}, want{requests: 2, waits: 7 * second}, ""},
	"429": {answer(429, `{"errors":"canary"}`), false,
		want{chat.NotSent, "slow", 5, false, 30 * second}, want{chat.NotSent, "slow", 5, false, 30 * second}, "slow down"},
	"500 once":               {answer(500, `oops`), true, want{requests: 2, waits: second / 2}, unknown, ""},
	"502 without JSON":       {answer(502, `<html>canary</html>`), false, broken, unknown, "not"},
	"408":                    {answer(408, ``), false, broken, unknown, "not"},
	"400":                    {answer(400, `canary`), false, rejected("refused"), rejected("refused"), "(400)"},
	"cut before the request": {nil, false, whole(broken), whole(want{outcome: chat.NotSent, code: "unreachable", requests: 1}), "does not answer"},
	"cut after the request":  {cutConnection, false, whole(broken), unknown, "not"},
	"no HTTP":                {answerOtherwise, false, whole(broken), unknown, "not"},
	"cut in the response":    {cutResponse, false, broken, unknown, "not"},
}

func (o outcome) check(t *testing.T, call testCall) {
	requests := 0
	store, accounts := newStore(t, Limits{}, func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests > 1 && o.once {
			io.WriteString(w, call.answer)
			return
		}
		o.answer(w, r)
	})
	store.dead = o.answer == nil
	begun := time.Now()
	err := call.do(t.Context(), clientOf(t, accounts))
	took := time.Since(begun)
	if store.dead {
		requests = store.dials
	}
	want := o.change
	if call.get() {
		want = o.get
	}
	if requests != want.requests {
		t.Errorf("%d requests, want %d", requests, want.requests)
	}
	if took < want.waits || took > want.waits*5/4+time.Millisecond {
		t.Errorf("took %v, want %v", took, want.waits)
	}
	if want.outcome == 0 {
		if err != nil {
			t.Errorf("got %v", err)
		}
		return
	}
	e := apiError(t, err)
	if e.Unknown() != (want.outcome == chat.MaybeSent) {
		t.Errorf("unknown %v: %v", e.Unknown(), e)
	}
	s := sendErrorOf(t, err)
	if s.Outcome != want.outcome || s.Problem.Code != want.code || s.WholeAccount != want.account || !errors.Is(s, e) {
		t.Errorf("got %+v, want %+v", s, want)
	}
	if !strings.Contains(s.Problem.Text, o.shown) {
		t.Errorf("text %q, want %q in it", s.Problem.Text, o.shown)
	}
	if strings.Contains(err.Error()+s.Error(), "canary") || strings.Contains(err.Error(), "html") {
		t.Errorf("an error has words of the vendor's: %v", s)
	}
}

// TestUnreadableResponse: the outcome of a change is unknown if the response can't be
// read, unless its content does not matter.
func TestUnreadableResponse(t *testing.T) {
	t.Parallel()
	for name, call := range testCalls() {
		for _, body := range []string{"", "canary", "[]", "{}", `{"charge":{"id":null},"deliveries":7}`} {
			if name == "retention strategies" && body == "[]" {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				err := call.do(t.Context(), newClient(t, answer(200, body)))
				if call.answer == "" {
					if err != nil {
						t.Errorf("%s: got %v", name, err)
					}
					return
				}
				e := apiError(t, err)
				if e.Status != 200 || e.Unknown() == call.get() || strings.Contains(e.Error(), "canary") {
					t.Errorf("%s, %q: got %v, unknown %v", name, body, e, e.Unknown())
				}
			})
		}
	}
}

// TestScopes: every call that needs a scope names one that the connection asks for.
func TestScopes(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{"write_payments": true} // only with stores that have it
	for _, s := range Scopes {
		for _, name := range s.Names {
			asked[name] = true
		}
	}
	for name, call := range testCalls() {
		c := newClient(t, answer(403, ``))
		e := apiError(t, call.do(t.Context(), c))
		withoutScope := name == "token" || name == "webhooks" || name == "delete webhook"
		if withoutScope != (e.Scope == "") || e.Scope != "" && !asked[e.Scope] {
			t.Errorf("%s: needs %q", name, e.Scope)
		}
	}
}

// TestRetriesEndWithContext: a call does not wait for a retry that would come too
// late.
func TestRetriesEndWithContext(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"conflict": 409, "rate": 429} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				c := newClient(t, func(w http.ResponseWriter, r *http.Request) { requests++; w.WriteHeader(status) })
				ctx, cancel := context.WithTimeout(t.Context(), 9*second)
				defer cancel()
				begun := time.Now()
				e := apiError(t, c.SendAccountAccess(ctx, "3"))
				if e.Status != status || e.RetryAfter < 4*second || e.Unknown() || ctx.Err() != nil || time.Since(begun) > 9*second {
					t.Errorf("got %v, retry after %v, after %v", e, e.RetryAfter, time.Since(begun))
				}
				if requests < 3 {
					t.Errorf("%d requests", requests)
				}
			})
		})
	}
}

func TestCanceledCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(409) })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(second/2, cancel)
		begun := time.Now()
		if e := apiError(t, c.SendAccountAccess(ctx, "3")); e.Status != 409 || time.Since(begun) != second/2 {
			t.Errorf("during a wait: got %v after %v", e, time.Since(begun))
		}
		if e := apiError(t, c.SendAccountAccess(ctx, "3")); !errors.Is(e, context.Canceled) || e.Unknown() {
			t.Errorf("before: got %v, unknown %v", e, e.Unknown())
		}
	})
}
