package bridge_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
)

// If an agent asks for a check just when the last check ends, the text is checked
// again.
func TestCheckAgainDuringLastCheck(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	w.sender.failBefore = failWith(failure(chat.MaybeSent))
	w.settle()
	w.advance(6 * time.Second)
	w.settle()
	w.advance(25 * time.Second)
	w.settle()
	w.advance(90 * time.Second)
	w.settle()
	w.wantState(jane, seq, chat.Unknown, "missing")
	var click sync.Once
	checked := false
	w.bridge.Turns = afterTurn{w.turns, func() { // the agent clicks just after the answer is saved
		click.Do(func() {
			checked = true
			other := *w.bridge
			other.Turns = w.turns
			if err := other.CheckAgain(w.ctx, w.config.Shop.ID, w.conversation(jane), seq); err != nil {
				t.Error(err)
			}
		})
	}}
	w.advance(9 * time.Minute)
	w.settle()
	if !checked {
		t.Fatal("the text was not checked again")
	}
	for range 50 {
		w.advance(10 * time.Minute)
		w.settle()
	}
	w.wantState(jane, seq, chat.Unknown, "missing")
}

// afterTurn calls a function after each turn.
type afterTurn struct {
	*turns
	do func()
}

func (a afterTurn) Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	defer a.do()
	return a.turns.Turn(ctx, shop, id, now, do)
}

// A text that was certainly not sent does not become unknown when the process is
// killed before the delivery was postponed.
func TestNotSentIsRemembered(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	w.sender.failBefore = failWith(failure(chat.NotSent))
	w.advance(time.Second)
	mine, err := w.store.Claim(w.ctx, w.config.Line.SendAccount(), 8, 8, w.time(), time.Minute)
	if err != nil || len(mine) == 0 {
		t.Fatal(mine, err)
	}
	for _, d := range mine {
		_ = w.handle(w.ctx, d) // and then the process is killed
	}
	w.sender.failBefore = nil
	w.restart()
	w.advance(2 * time.Minute)
	w.expireClaims()
	w.settle()
	w.wantState(jane, seq, chat.Queued, "")
}

// A text that will not be valid any more when its account's pause ends fails at once,
// with the reason.
func TestTextFailsIfPauseOutlastsItsValidity(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	no := failure(chat.NotSent)
	no.WholeAccount, no.RetryAfter = true, time.Hour
	w.sender.failBefore = failWith(no)
	w.settle()
	w.advance(16 * time.Minute)
	w.settle()
	w.wantState(jane, seq, chat.Failed, "x")
}

// If no report arrives, the provider is asked after one, five and thirty minutes, and
// then no more.
func TestStatusIsCheckedWithoutReports(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	w.settle()
	w.wantState(jane, seq, chat.Queued, "")
	other := w.reply(jane, "And this")
	w.settle()
	before := w.sender.queries
	last := &w.sender.list[len(w.sender.list)-1]
	for _, check := range []struct {
		after time.Duration
		state chat.State
	}{{61 * time.Second, chat.Sent}, {4 * time.Minute, chat.Sent}, {26 * time.Minute, chat.Delivered}} {
		last.State = check.state
		w.advance(check.after)
		w.settle()
		w.wantState(jane, other, check.state, "")
	}
	w.wantState(jane, seq, chat.Queued, "") // the provider lists no other state
	asked := w.sender.queries - before
	w.advance(48 * time.Hour)
	w.settle()
	if asked < 6 || w.sender.queries-before != asked {
		t.Errorf("asked %d times, and then %d times more", asked, w.sender.queries-before-asked)
	}
}
