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

func TestCompareFindsMissingTexts(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.sendText(jane, "from before the number was ours", false)
	n.advance(time.Second)
	if !n.compare() || n.received(jane) != nil {
		t.Fatal("the first comparison received a text")
	}
	n.advance(time.Minute)
	n.sendText(jane, "one", true)
	n.advance(time.Second)
	n.sendText(jane, "two", false)
	n.sendText(joe, "menu", false)
	n.advance(time.Second)
	n.sendText(jane, "three", false)
	n.advance(time.Minute)
	n.sendText(jane, "four", false) // recent: its webhook may still arrive
	if n.compare() {
		t.Error("complete although a recent text is missing")
	}
	if got := n.received(jane); !slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("received %q from Jane", got)
	}
	if s := n.snapshot(joe); len(s.Entries) != 2 || s.Entries[0].ReceivedAt.IsZero() || s.Entries[1].Way != chat.Out {
		t.Errorf("a late text is not answered: %+v", s.Entries)
	}
	n.advance(21 * time.Second)
	for range 2 { // a second time changes nothing
		if !n.compare() {
			t.Error("not complete")
		}
	}
	if got := n.received(jane); !slices.Equal(got, []string{"one", "two", "three", "four"}) || n.found != 4 {
		t.Errorf("received %q from Jane, %d found", got, n.found)
	}
	all, err := n.store.Comparisons(n.ctx, n.config.Shop.ID)
	if c := all[n.config.Line.ID]; err != nil || c.Late != 4 || !c.At.Equal(n.time()) || c.Trouble != "" {
		t.Errorf("comparison %+v, %v", c, err)
	}
	for _, since := range n.provider.sinceTimes {
		if since.Before(noon.Add(time.Second)) {
			t.Errorf("the list was read since %v, before the number was connected", since)
		}
	}
}

// Texts that were missed while the provider's list could not be read are found later.
func TestCompareAfterProviderOutage(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.provider.fault = &chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "x", Text: "Twilio does not answer."}, Cause: errors.New("no")}
	for range 30 {
		n.advance(10 * time.Minute)
		n.sendText(jane, fmt.Sprint("text ", n.time().Unix()), false)
		if _, err := n.catchUp.Compare(n.ctx, n.config); err == nil {
			t.Fatal("no error")
		}
	}
	all, _ := n.store.Comparisons(n.ctx, n.config.Shop.ID)
	if c := all[n.config.Line.ID]; c.Trouble != "Twilio does not answer." || !c.At.Equal(noon) {
		t.Errorf("comparison %+v", c)
	}
	n.provider.fault = nil
	n.advance(time.Minute)
	if !n.compare() || n.found != 30 || !slices.IsSorted(n.received(jane)) {
		t.Errorf("%d found: %q", n.found, n.received(jane))
	}
}

// If the store fails in the middle, the rest is received by the next comparison, in
// order.
func TestCompareRepeatsFailedTexts(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.advance(time.Minute)
	for i := range 9 {
		n.sendText(jane, fmt.Sprint(i), false)
	}
	n.advance(time.Minute)
	received := 0
	n.bridge.Turns = flakyReceive{n.turns, func() error {
		if received++; received%4 == 0 {
			return chat.ErrUnavailable
		}
		return nil
	}}
	for tries := 0; ; tries++ {
		if complete, err := n.catchUp.Compare(n.ctx, n.config); complete && err == nil {
			break
		}
		if tries > 5 {
			t.Fatal("never complete")
		}
	}
	if got := n.received(jane); !slices.Equal(got, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8"}) {
		t.Errorf("received %q from Jane", got)
	}
}

// A flakyReceive is turns of which some calls of Receive fail.
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
