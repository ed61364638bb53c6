package bridge_test

import (
	"fmt"
	"testing"
	"time"

	"sidetext/chat"
)

// Our clock was ahead and is set back. A text that arrived meanwhile is still found.
func TestCompareAfterClockIsSetBack(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	ahead := 30 * time.Minute
	n.advance(ahead) // our clock is ahead
	n.compare()
	n.advance(time.Hour)
	n.compare()
	n.advance(-ahead) // corrected
	n.advance(time.Second)
	n.sendText(jane, "hello", false) // its webhook is lost
	n.advance(time.Minute)
	for range 100 {
		_, _ = n.catchUp.Compare(n.ctx, n.config)
		n.advance(2 * time.Minute)
	}
	if len(n.received(jane)) != 1 {
		t.Error("the text was not found")
	}
}

// Our clock stays ahead of the provider's. Texts are found nevertheless.
func TestCompareWithClockAhead(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.advance(time.Minute)
	real := n.time()
	ahead := 15 * time.Minute
	n.advance(ahead)
	n.compare()
	for i := range 20 { // the provider's clock is right
		in := n.incoming(jane, fmt.Sprint(i))
		in.At = real.Add(time.Duration(i) * 2 * time.Minute)
		n.provider.texts = append(n.provider.texts, in)
		n.advance(2 * time.Minute)
		n.compare()
	}
	if got := len(n.received(jane)); got < 15 {
		t.Errorf("%d of 20 texts were found", got)
	}
}

// An attempt is found although the clock was set back between the text and the attempt.
func TestNothingIsSentTwiceAfterClockIsSetBack(t *testing.T) {
	t.Parallel()
	w, _ := newAnsweredWorld(t)
	w.advance(-time.Hour)
	if err := w.store.RepairDueTimes(w.ctx, w.time()); err != nil {
		t.Fatal(err)
	}
	// The process is killed after the provider accepted the text.
	w.sender.failAfter = func(chat.Outgoing) error { panic("killed") }
	w.advance(time.Second)
	mine, err := w.store.Claim(w.ctx, w.config.Line.SendAccount(), 8, 8, w.time().Add(time.Hour), time.Minute)
	if err != nil || len(mine) == 0 {
		t.Fatal(mine, err)
	}
	for _, d := range mine {
		func() {
			defer func() { _ = recover() }()
			_ = w.handle(w.ctx, d)
		}()
	}
	w.sender.failAfter = nil
	w.restart()
	for range 6 {
		w.advance(30 * time.Minute)
		w.expireClaims()
		w.settle()
	}
	if n := w.sender.sent("On it"); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// After the clock was set back, an attempt lies in the future and can't be found in a
// list by its time.
func TestListIsNoEvidenceAfterClockIsSetBack(t *testing.T) {
	t.Parallel()
	w, seq := newAnsweredWorld(t)
	w.sender.failAfter = failWith(failure(chat.MaybeSent))
	w.settle()
	w.wantState(jane, seq, chat.Unknown, "looking")
	w.advance(-48 * time.Hour)                        // the clock was two days ahead
	w.sender.list[len(w.sender.list)-1].At = w.time() // the provider's clock was right
	if err := w.store.RepairDueTimes(w.ctx, w.time()); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		w.settle()
		w.advance(10 * time.Minute)
	}
	w.wantState(jane, seq, chat.Unknown, "no_evidence")
	for range 60 {
		w.advance(time.Hour)
		w.settle()
	}
	w.wantState(jane, seq, chat.Unknown, "no_evidence")
}

// Setting the clock back does not make a text valid for longer.
func TestClockSetBackDoesNotProlongValidity(t *testing.T) {
	t.Parallel()
	w, _ := newAnsweredWorld(t)
	w.advance(-8 * time.Hour)
	_ = w.store.RepairDueTimes(w.ctx, w.time())
	w.settle()
	out := w.sender.accepted[len(w.sender.accepted)-1]
	if out.Text != "On it" || out.ValidityPeriod > 15*time.Minute {
		t.Errorf("%q is valid for %v", out.Text, out.ValidityPeriod)
	}
}
