package bridge_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sidetext/chat"
)

// Whatever goes wrong with the store once a text has been handed over: it is not
// sent a second time, and says so.
func TestTextWithUnsavedOutcomeIsNotSentAgain(t *testing.T) {
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
func TestUnsavedAttemptIsMadeLater(t *testing.T) {
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
func TestOutcomeIsSavedAfterDeadline(t *testing.T) {
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
func TestRestartTakesOverRunningDeliveries(t *testing.T) {
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
