package bridge_test

import (
	"errors"
	"testing"
	"time"

	"sidetext/chat"
)

func failure(outcome chat.Outcome) *chat.SendError {
	return &chat.SendError{Outcome: outcome, Problem: chat.Problem{Code: "x", Text: "In words."}, Cause: errors.New("no")}
}

// failWith fails with err.
func failWith(err error) func(chat.Outgoing) error {
	return func(chat.Outgoing) error { return err }
}

// newAnsweredWorld is a world in which Anna has answered Jane at place seq.
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
	type fate struct {
		state chat.State
		code  string
	}
	for name, test := range map[string]struct {
		fault, blind error
		soon, later  fate
		taken        int
		optedOut     bool
	}{
		"taken":                    {soon: fate{chat.Queued, ""}, later: fate{chat.Queued, ""}, taken: 1},
		"refused":                  {fault: failure(chat.Rejected), soon: fate{chat.Failed, "x"}, later: fate{chat.Failed, "x"}},
		"refused, opted out":       {fault: refused, soon: fate{chat.Failed, "x"}, later: fate{chat.Failed, "x"}, optedOut: true},
		"taken, and nobody knows":  {blind: failure(chat.MaybeSent), soon: fate{chat.Unknown, "looking"}, later: fate{chat.Queued, ""}, taken: 1},
		"taken, and it went wrong": {blind: errors.New("a mistake"), soon: fate{chat.Unknown, "looking"}, later: fate{chat.Queued, ""}, taken: 1},
		"lost, and nobody knows":   {fault: failure(chat.MaybeSent), soon: fate{chat.Unknown, "looking"}, later: fate{chat.Unknown, "missing"}},
		"never reached":            {fault: failure(chat.NotSent), soon: fate{chat.Saved, "x"}, later: fate{chat.Failed, "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, seq := newAnsweredWorld(t)
			if test.fault != nil {
				w.sender.failBefore = failWith(test.fault)
			}
			if test.blind != nil {
				w.sender.failAfter = failWith(test.blind)
			}
			w.settle()
			w.wantState(jane, seq, test.soon.state, test.soon.code)
			w.finishRetries()
			w.wantState(jane, seq, test.later.state, test.later.code)
			if n := w.sender.sent("On it"); n != test.taken {
				t.Errorf("taken %d times, want %d", n, test.taken)
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

// wantState insists on what became of the entry at a place.
func (w *world) wantState(who chat.Phone, seq int64, state chat.State, code string) {
	w.Helper()
	e := w.snapshot(who).Entries[seq-1]
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
		t.Errorf("in seven minutes it was tried %d times", n)
	}
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Saved {
		t.Fatalf("it became %s %+v", e.State, e.Problem)
	}
	w.sender.failBefore = nil
	w.advance(7 * time.Minute)
	w.settle()
	out := w.sender.accepted[len(w.sender.accepted)-1]
	if out.Text != "On it" || out.To != jane || out.From != w.config.Line.Number {
		t.Fatalf("sent %+v", out)
	}
	if out.ValidityPeriod <= 0 || out.ValidityPeriod > time.Minute {
		t.Errorf("14 minutes old, it may be kept for another %s", out.ValidityPeriod)
	}
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Queued {
		t.Errorf("it became %s", e.State)
	}
}

// The server was down, or the account's key was bad, for a night.
func TestExpiredTextIsNotSent(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	before := w.sender.sends
	w.advance(15 * time.Minute)
	w.settle()
	if n := w.sender.sends; n != before {
		t.Error("an answer of 15 minutes ago was sent")
	}
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Failed || e.Problem.Code != "too_late" {
		t.Errorf("it became %s %+v", e.State, e.Problem)
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
		t.Error("a paused account was used")
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
		t.Error("what was queued before STOP was sent after it")
	}
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Failed || e.Problem.Code != "opted_out" {
		t.Errorf("it became %s %+v", e.State, e.Problem)
	}
	w.receive(jane, "START")
	w.finishRetries()
	if n := w.sender.sent("On it"); n != 0 {
		t.Error("START brought it back")
	}
	w.reply(jane, "Welcome back")
	w.settle()
	if n := w.sender.sent("Welcome back"); n != 1 {
		t.Error("after START nothing is sent")
	}
}
