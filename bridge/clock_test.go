package bridge_test

import (
	"fmt"
	"testing"
	"time"

	"sidetext/chat"
)

// Our clock was ahead and is put right: what came in meanwhile is still found.
func TestCatchingUpAfterOurClockWasPutRight(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	ahead := 30 * time.Minute
	n.pass(ahead) // our clock is ahead
	n.compare()
	n.pass(time.Hour)
	n.compare()
	n.pass(-ahead) // put right
	n.pass(time.Second)
	n.text(jane, "hello", false) // while we were down, say
	n.pass(time.Minute)
	for range 100 {
		_, _ = n.u.Compare(n.ctx, n.door)
		n.pass(2 * time.Minute)
	}
	if len(n.said(jane)) != 1 {
		t.Error("a text is lost in silence")
	}
}

// Our clock stays ahead of the provider's: nothing falls in between.
func TestCatchingUpByAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	n.compare()
	n.pass(time.Minute)
	real := n.time()
	ahead := 15 * time.Minute
	n.pass(ahead)
	n.compare()
	for i := range 20 { // the provider's clock is right
		in := n.incoming(jane, fmt.Sprint(i))
		in.At = real.Add(time.Duration(i) * 2 * time.Minute)
		n.list.texts = append(n.list.texts, in)
		n.pass(2 * time.Minute)
		n.compare()
	}
	if got := len(n.said(jane)); got < 15 {
		t.Errorf("of 20 texts %d are here", got)
	}
}

// A clock that is put right between a text and its attempt hides no attempt.
func TestNothingIsSentTwiceWhenAClockIsPutRight(t *testing.T) {
	t.Parallel()
	w, _ := answering(t)
	w.pass(-time.Hour)
	if err := w.store.RepairDueTimes(w.ctx, w.time()); err != nil {
		t.Fatal(err)
	}
	// the process is killed after the provider took the text
	w.sender.blind = func(chat.Outgoing) error { panic("killed") }
	w.pass(time.Second)
	mine, err := w.store.Claim(w.ctx, w.door.Line.SendAccount(), 8, 8, w.time().Add(time.Hour), time.Minute)
	if err != nil || len(mine) == 0 {
		t.Fatal(mine, err)
	}
	for _, d := range mine {
		func() {
			defer func() { _ = recover() }()
			_ = w.handle(w.ctx, d)
		}()
	}
	w.sender.blind = nil
	w.restart()
	for range 6 {
		w.pass(30 * time.Minute)
		w.sweep()
		w.settle()
	}
	if n := w.sender.sent("On it"); n != 1 {
		t.Errorf("it was sent %d times", n)
	}
}

// An attempt that lies in the future can't be looked for by time.
func TestAListMeansNothingWhenAClockWasPutRight(t *testing.T) {
	t.Parallel()
	w, seq := answering(t)
	w.sender.blind = always(failure(chat.MaybeSent))
	w.settle()
	w.is(jane, seq, chat.Unknown, "looking")
	w.pass(-48 * time.Hour)                           // the clock was two days ahead
	w.sender.list[len(w.sender.list)-1].At = w.time() // the provider's was not
	if err := w.store.RepairDueTimes(w.ctx, w.time()); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		w.settle()
		w.pass(10 * time.Minute)
	}
	w.is(jane, seq, chat.Unknown, "no_evidence")
	for range 60 {
		w.pass(time.Hour)
		w.settle()
	}
	w.is(jane, seq, chat.Unknown, "no_evidence")
}

// However the clock was set, an answer does not arrive in the night.
func TestAClockThatIsPutRightMakesNoTextLastLonger(t *testing.T) {
	t.Parallel()
	w, _ := answering(t)
	w.pass(-8 * time.Hour)
	_ = w.store.RepairDueTimes(w.ctx, w.time())
	w.settle()
	out := w.sender.taken[len(w.sender.taken)-1]
	if out.Text != "On it" || out.ValidityPeriod > 15*time.Minute {
		t.Errorf("%q may arrive within %v", out.Text, out.ValidityPeriod)
	}
}
