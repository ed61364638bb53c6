package bridge_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sidetext/chat"
)

// If the store fails or the process panics after a request to send a text, the text is
// not sent again and its status is unknown.
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
				t.Fatalf("%d texts were sent before the claim expired, want 1", n)
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
				t.Errorf("after a report the text is %s", e.State)
			}
		})
	}
}

// A store that fails before the request only delays the text.
func TestUnsavedAttemptIsMadeLater(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	w.turns.fail(func() error { return chat.ErrUnavailable })
	w.settle()
	w.turns.fail(nil)
	if n := w.sender.sent("On it"); n != 0 {
		t.Fatal("sent without a saved attempt")
	}
	w.advance(2 * time.Second)
	w.settle()
	if e := w.snapshot(jane).Entries[seq-1]; e.State != chat.Queued || w.sender.sent("On it") != 1 {
		t.Errorf("the text is %s, sent %d times", e.State, w.sender.sent("On it"))
	}
}

// The provider answers when the time for the delivery is over.
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
		t.Errorf("the text is %s", e.State)
	}
}

// After a restart the deliveries that were running are taken over at once: a text whose
// attempt had begun is unknown and checked, another one is sent. A handler of the
// former process can't send any more.
func TestRestartTakesOverRunningDeliveries(t *testing.T) {
	t.Parallel()
	w, attempted := newAnsweredWorld(t)
	w.sender.failAfter = func(chat.Outgoing) error { panic("killed") }
	w.settle()
	w.wantState(jane, attempted, chat.Saved, "")
	w.sender.failAfter = nil
	w.receive(joe, "menu")
	notAttempted := int64(2)
	mine, err := w.store.Claim(w.ctx, w.config.Line.SendAccount(), 8, 8, w.time(), time.Minute)
	if err != nil || len(mine) != 1 {
		t.Fatal(len(mine), err)
	}
	w.restart()
	w.settle()
	w.wantState(jane, attempted, chat.Unknown, "looking")
	w.wantState(joe, notAttempted, chat.Queued, "")
	if err := w.handle(w.ctx, mine[0]); !errors.Is(err, chat.ErrLeaseExpired) {
		t.Errorf("the former process's handler: got %v", err)
	}
	w.advance(6 * time.Second)
	w.settle()
	w.wantState(jane, attempted, chat.Queued, "")
	if len(w.sender.accepted) != 2 {
		t.Errorf("%d texts were accepted, want 2", len(w.sender.accepted))
	}
}
