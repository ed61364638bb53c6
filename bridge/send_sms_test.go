package bridge_test

import (
	"context"
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

func TestWhatBecomesOfAText(t *testing.T) {
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

func TestATextIsTriedAgainWhileItMakesSense(t *testing.T) {
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
func TestAStaleTextIsNotSentAtAll(t *testing.T) {
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

func TestABadKeyStopsItsAccountOnly(t *testing.T) {
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

func TestNothingLeavesAfterSTOP(t *testing.T) {
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

// Whatever goes wrong with the store once a text has been handed over: it is not
// sent a second time, and says so.
func TestATextWhoseFateCouldNotBeKept(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(){
		"store": func() {}, "panic": func() { panic("in the client") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, seq := newAnsweredWorld(t)
			w.sender.failAfter = func(chat.Outgoing) error {
				w.turns.fail(func() error { return chat.ErrUnavailable })
				fault()
				return nil
			}
			w.settle()
			w.turns.fail(nil)
			w.sender.failAfter = nil
			w.reply(jane, "Next")
			w.settle()
			if n := w.sender.sent("On it") + w.sender.sent("Next"); n != 1 {
				t.Fatalf("before the lease ended there were %d sends", n)
			}
			w.sender.queryError = failure(chat.NotSent)
			w.advance(61 * time.Second)
			w.expireClaims()
			w.settle()
			w.wantState(jane, seq, chat.Unknown, "looking")
			w.restart()
			w.finishRetries()
			w.wantState(jane, seq, chat.Unknown, "no_evidence")
			if w.sender.sent("On it") != 1 || w.sender.sent("Next") != 1 {
				t.Errorf("sent %d and %d times", w.sender.sent("On it"), w.sender.sent("Next"))
			}
			token := w.sender.accepted[len(w.sender.accepted)-2].Token
			a, err := w.store.Attempt(w.ctx, w.config.Line, token, "")
			if err == nil {
				err = w.bridge.Report(w.ctx, a, chat.Report{Token: token, ID: "SM9", State: chat.Delivered})
			}
			if err != nil {
				t.Fatal(err)
			}
			if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Delivered {
				t.Errorf("evidence made it %s", e.State)
			}
		})
	}
}

// Before anything was sent, a store that is away only delays.
func TestAnAttemptThatCouldNotBeKeptIsMadeLater(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	w.turns.fail(func() error { return chat.ErrUnavailable })
	w.settle()
	w.turns.fail(nil)
	if n := w.sender.sent("On it"); n != 0 {
		t.Fatal("it was sent without a kept attempt")
	}
	w.advance(2 * time.Second)
	w.settle()
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Queued || w.sender.sent("On it") != 1 {
		t.Errorf("it became %s, sent %d times", e.State, w.sender.sent("On it"))
	}
}

// A provider that takes as long as a delivery may take at all.
func TestAFateIsKeptHoweverLateItIsKnown(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	mine, err := w.store.Claim(w.ctx, w.config.Line.SendAccount(), 8, 8, w.time(), time.Minute)
	if err != nil || len(mine) != 1 {
		t.Fatal(len(mine), err)
	}
	ctx, end := context.WithCancel(w.ctx)
	w.sender.failAfter = func(chat.Outgoing) error {
		end()
		return nil
	}
	if err := w.handle(ctx, mine[0]); err != nil {
		t.Fatal(err)
	}
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Queued {
		t.Errorf("it became %s", e.State)
	}
}

// A server that was killed and starts again takes up at once what it was sending:
// what was tried is in doubt, what was not is sent. Its own old hands can do
// nothing any more.
func TestAServerThatStartsAgainTakesOver(t *testing.T) {
	t.Parallel()
	w, tried := newAnsweredWorld(t)
	w.sender.failAfter = func(chat.Outgoing) error { panic("killed") }
	w.settle()
	w.wantState(jane, tried, chat.Saved, "")
	w.sender.failAfter = nil
	w.receive(joe, "menu")
	untried := int64(2)
	mine, err := w.store.Claim(w.ctx, w.config.Line.SendAccount(), 8, 8, w.time(), time.Minute)
	if err != nil || len(mine) != 1 {
		t.Fatal(len(mine), err)
	}
	w.restart()
	w.settle()
	w.wantState(jane, tried, chat.Unknown, "looking")
	w.wantState(joe, untried, chat.Queued, "")
	if err := w.handle(w.ctx, mine[0]); !errors.Is(err, chat.ErrLeaseExpired) {
		t.Errorf("an old hand goes on: %v", err)
	}
	w.advance(6 * time.Second)
	w.settle()
	w.wantState(jane, tried, chat.Queued, "")
	if len(w.sender.accepted) != 2 {
		t.Errorf("%d texts left", len(w.sender.accepted))
	}
}
