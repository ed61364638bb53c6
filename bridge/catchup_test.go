package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

func TestTextsThatNeverReachedUsAreFound(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.sendText(jane, "from before the number was ours", false)
	n.advance(time.Second)
	if !n.compare() || n.received(jane) != nil {
		t.Fatal("the first comparison brought something")
	}
	n.advance(time.Minute)
	n.sendText(jane, "one", true)
	n.advance(time.Second)
	n.sendText(jane, "two", false)
	n.sendText(joe, "menu", false)
	n.advance(time.Second)
	n.sendText(jane, "three", false)
	n.advance(time.Minute)
	n.sendText(jane, "four", false) // its webhook may still be on its way
	if n.compare() {
		t.Error("a young text is missing, and everything is said to be here")
	}
	if got := n.received(jane); !slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("Jane said %q", got)
	}
	if s := n.snapshot(joe); len(s.Entries) != 2 || s.Entries[0].ReceivedAt.IsZero() || s.Entries[1].Way != chat.Out {
		t.Errorf("what came late is answered like everything else; got %+v", s.Entries)
	}
	n.advance(21 * time.Second)
	for range 2 { // a second time changes nothing
		if !n.compare() {
			t.Error("not everything is here")
		}
	}
	if got := n.received(jane); !slices.Equal(got, []string{"one", "two", "three", "four"}) || n.found != 4 {
		t.Errorf("Jane said %q, and %d were found", got, n.found)
	}
	all, err := n.store.Comparisons(n.ctx, n.config.Shop.ID)
	if c := all[n.config.Line.ID]; err != nil || c.Late != 4 || !c.At.Equal(n.time()) || c.Trouble != "" {
		t.Errorf("kept %+v, %v", c, err)
	}
	for _, since := range n.provider.sinceTimes {
		if since.Before(noon.Add(time.Second)) {
			t.Errorf("texts since %v were asked for, when the number was not ours", since)
		}
	}
}

// What was missed while the provider could not be asked either is found later.
func TestAProviderThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.provider.fault = &chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "x", Text: "Twilio does not answer."}, Cause: errors.New("no")}
	for range 30 {
		n.advance(10 * time.Minute)
		n.sendText(jane, fmt.Sprint("text ", n.time().Unix()), false)
		if _, err := n.catchUp.Compare(n.ctx, n.config); err == nil {
			t.Fatal("nobody minds")
		}
	}
	all, _ := n.store.Comparisons(n.ctx, n.config.Shop.ID)
	if c := all[n.config.Line.ID]; c.Trouble != "Twilio does not answer." || !c.At.Equal(noon) {
		t.Errorf("kept %+v", c)
	}
	n.provider.fault = nil
	n.advance(time.Minute)
	if !n.compare() || n.found != 30 || !slices.IsSorted(n.received(jane)) {
		t.Errorf("%d were found: %q", n.found, n.received(jane))
	}
}

// The store may refuse in the middle: what is missing then is found the next
// time, and in order.
func TestWhatCouldNotBeTakenInIsFoundAgain(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.advance(time.Minute)
	for i := range 9 {
		n.sendText(jane, fmt.Sprint(i), false)
	}
	n.advance(time.Minute)
	taken := 0
	n.bridge.Turns = flakyReceive{n.turns, func() error {
		if taken++; taken%4 == 0 {
			return chat.ErrUnavailable
		}
		return nil
	}}
	for tries := 0; ; tries++ {
		if settled, err := n.catchUp.Compare(n.ctx, n.config); settled && err == nil {
			break
		}
		if tries > 5 {
			t.Fatal("they are never all here")
		}
	}
	if got := n.received(jane); !slices.Equal(got, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8"}) {
		t.Errorf("Jane said %q", got)
	}
}

// flakyReceive are turns that are refused now and then.
type flakyReceive struct {
	*turns
	refuse func() error
}

func (l flakyReceive) Receive(ctx context.Context, at chat.LineConfig, from chat.Phone, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	if err := l.refuse(); err != nil {
		return nil, err
	}
	return l.turns.Receive(ctx, at, from, now, do)
}
