package bridge_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sidetext/chat"
)

// A text whose attempt can never be saved ends in the failed list.
func TestTextThatCannotBeAttemptedFails(t *testing.T) {
	t.Parallel()
	w, _ := newAnsweredWorld(t)
	w.turns.fail(func() error { return errors.New("panic in a change") })
	for range 100 {
		w.advance(11 * time.Minute)
		w.settle()
	}
	w.turns.fail(nil)
	all, _, _ := w.store.Failures(w.ctx, w.config.Shop.ID, 9)
	n := 0
	for _, f := range all {
		if f.Kind == chat.SendSMS {
			n++
		}
	}
	if n == 0 {
		t.Error("the text is not in the failed list")
	}
}

// A sync that can never be saved ends in the failed list, also if the error blames
// the store.
func TestSyncThatCannotBeSavedFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.turns.fail(func() error { return fmt.Errorf("store: take a turn: %w: panic in a change", chat.ErrUnavailable) })
	for range 100 {
		w.advance(11 * time.Minute)
		w.settle()
	}
	w.turns.fail(nil)
	waiting, failed := w.counts()
	if failed == 0 {
		t.Errorf("%d wait, %d failed; want a failure", waiting, failed)
	}
}
