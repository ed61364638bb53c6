package bustest_test

import (
	"fmt"
	"testing"

	"sidetext/hub"
	"sidetext/hub/bustest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	bustest.Run(t, func(*testing.T) bustest.Fleet { return bustest.NewMemory().Bus })
}

// A subscriber that does not keep up misses only what its queue has no room for,
// receives the rest in order, and gets one OnLoss.
func TestMemoryQueueIsBounded(t *testing.T) {
	t.Parallel()
	memory := bustest.NewMemory()
	a, b := memory.Bus("a"), memory.Bus("b")
	recorder, _ := bustest.Subscribe(t, b)
	unblock := recorder.Block()
	t.Cleanup(unblock)
	a.Publish(hub.Message{PresenceRequests: []string{"first"}})
	recorder.WaitFor("the first message", func(all bustest.Received) bool { return all.Requests["first"] })
	const n = 1024 + 10
	for i := range n {
		a.Publish(hub.Message{Events: []hub.Event{{Kind: fmt.Sprint(i)}}})
	}
	unblock()
	recorder.WaitForLosses(2)
	got := recorder.Received()
	if len(got.Events) != 1024 || got.Events[1023].Kind != "1023" || got.SinceLoss != 0 || got.Losses != 2 {
		t.Errorf("received %d events, %d after OnLoss, %d losses", len(got.Events), got.SinceLoss, got.Losses)
	}
	if a.Health().Dropped != 0 || b.Health().Dropped != 10 {
		t.Errorf("dropped: %d and %d", a.Health().Dropped, b.Health().Dropped)
	}
}
