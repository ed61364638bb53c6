package bridge_test

import (
	"errors"
	"testing"
	"time"

	"sidetext/chat"
)

func failure(outcome chat.Outcome) *chat.SendError {
	return &chat.SendError{Outcome: outcome, Problem: chat.Problem{Code: "x", Text: "A reason."}, Cause: errors.New("no")}
}

// failWith returns a fault that always fails with err.
func failWith(err error) func(chat.Outgoing) error {
	return func(chat.Outgoing) error { return err }
}

// newAnsweredWorld returns a world in which Anna has answered Jane at place seq.
func newAnsweredWorld(t *testing.T) (w *world, seq int64) {
	t.Helper()
	w = newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	return w, w.reply(jane, "On it")
}

func TestSendOutcomes(t *testing.T) {
	t.Parallel()
	refused := failure(chat.Rejected)
	refused.OptedOut = true
	type status struct {
		state chat.State
		code  string
	}
	for name, test := range map[string]struct {
		before, after error
		first, last   status
		accepted      int
		optedOut      bool
	}{
		"accepted":                {first: status{chat.Queued, ""}, last: status{chat.Queued, ""}, accepted: 1},
		"rejected":                {before: failure(chat.Rejected), first: status{chat.Failed, "x"}, last: status{chat.Failed, "x"}},
		"rejected, opted out":     {before: refused, first: status{chat.Failed, "x"}, last: status{chat.Failed, "x"}, optedOut: true},
		"accepted, response lost": {after: failure(chat.MaybeSent), first: status{chat.Unknown, "looking"}, last: status{chat.Queued, ""}, accepted: 1},
		"accepted, then an error": {after: errors.New("a bug"), first: status{chat.Unknown, "looking"}, last: status{chat.Queued, ""}, accepted: 1},
		"lost, outcome unknown":   {before: failure(chat.MaybeSent), first: status{chat.Unknown, "looking"}, last: status{chat.Unknown, "missing"}},
		"not sent":                {before: failure(chat.NotSent), first: status{chat.Saved, "x"}, last: status{chat.Failed, "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, seq := newAnsweredWorld(t)
			if test.before != nil {
				w.sender.failBefore = failWith(test.before)
			}
			if test.after != nil {
				w.sender.failAfter = failWith(test.after)
			}
			w.settle()
			w.wantState(jane, seq, test.first.state, test.first.code)
			w.finishRetries()
			w.wantState(jane, seq, test.last.state, test.last.code)
			if n := w.sender.sent("On it"); n != test.accepted {
				t.Errorf("accepted %d times, want %d", n, test.accepted)
			}
			if s := w.snapshot(jane); s.Conversation.OptedOut != test.optedOut {
				t.Errorf("opted out: %v", s.Conversation.OptedOut)
			}
			if waiting, failed := w.counts(); waiting+failed != 0 {
				t.Errorf("%d wait, %d failed", waiting, failed)
			}
		})
	}
}

// wantState checks the state and the problem's code of the entry at place seq.
func (w *world) wantState(of chat.Phone, seq int64, state chat.State, code string) {
	w.Helper()
	e := w.snapshot(of).Entries[seq-1]
	got := ""
	if e.Problem != nil {
		got = e.Problem.Code
	}
	if e.State != state || got != code {
		w.Errorf("entry %d is %s %q, want %s %q", seq, e.State, got, state, code)
	}
}

func TestSendIsRetriedWhileTextIsValid(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	w.sender.failBefore = failWith(failure(chat.NotSent))
	before := w.sender.sends
	for range 14 {
		w.advance(30 * time.Second)
		w.settle()
	}
	if n := w.sender.sends - before; n < 3 || n > 10 {
		t.Errorf("tried %d times in seven minutes", n)
	}
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Saved {
		t.Fatalf("the text is %s %+v", e.State, e.Problem)
	}
	w.sender.failBefore = nil
	w.advance(7 * time.Minute)
	w.settle()
	out := w.sender.accepted[len(w.sender.accepted)-1]
	if out.Text != "On it" || out.To != jane || out.From != w.config.Line.Number {
		t.Fatalf("sent %+v", out)
	}
	if out.ValidityPeriod <= 0 || out.ValidityPeriod > time.Minute {
		t.Errorf("a text of 14 minutes ago is valid for another %s", out.ValidityPeriod)
	}
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Queued {
		t.Errorf("the text is %s", e.State)
	}
}

// An agent's text that could not be sent in time is not sent later.
func TestExpiredTextIsNotSent(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	before := w.sender.sends
	w.advance(15 * time.Minute)
	w.settle()
	if n := w.sender.sends; n != before {
		t.Error("a text of 15 minutes ago was sent")
	}
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Failed || e.Problem.Code != "too_late" {
		t.Errorf("the text is %s %+v", e.State, e.Problem)
	}
}

func TestBadKeyPausesItsAccountOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coffee := w.addShop("Coffee Shop", "coffee")
	bad := failure(chat.Rejected)
	bad.WholeAccount, bad.RetryAfter = true, 5*time.Minute
	w.sender.failBefore = func(out chat.Outgoing) error {
		if out.To == joe {
			return bad
		}
		return nil
	}
	w.receive(joe, "menu")
	w.settle()
	tried := w.sender.sends
	w.receive(jane, "menu") // on the same account
	w.settle()
	if n := w.sender.sends; n != tried {
		t.Error("a text was sent from a paused account")
	}
	in := w.incoming(jane, "options")
	in.Account = coffee.Line.Account
	if err := w.bridge.Receive(w.ctx, coffee, in); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if n := len(w.sender.accepted); n != 1 {
		t.Errorf("another account sent %d texts, want 1", n)
	}
	w.sender.failBefore = nil
	w.advance(7 * time.Minute)
	w.settle()
	if n := len(w.sender.accepted); n != 3 {
		t.Errorf("with a good key %d texts were sent in all, want 3", n)
	}
}

func TestNothingIsSentAfterStop(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	w.receive(jane, "STOP", "menu", "hello?", "HELP")
	w.settle()
	if n := w.sender.sent("On it"); n != 0 {
		t.Error("a text from before STOP was sent after it")
	}
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Failed || e.Problem.Code != "opted_out" {
		t.Errorf("the text is %s %+v", e.State, e.Problem)
	}
	w.receive(jane, "START")
	w.finishRetries()
	if n := w.sender.sent("On it"); n != 0 {
		t.Error("a text from before STOP was sent after START")
	}
	w.reply(jane, "Welcome back")
	w.settle()
	if n := w.sender.sent("Welcome back"); n != 1 {
		t.Error("a text after START was not sent")
	}
}
