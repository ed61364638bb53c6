package hub_test

import (
	"fmt"
	"testing"

	"sidetext/hub"
	"sidetext/hub/bustest"
)

func TestSwitch(t *testing.T) {
	t.Parallel()
	bustest.Run(t, func(*testing.T) bustest.Fleet { return hub.NewSwitch().Bus })
}

// A node that does not keep up misses only what it has no room for, hears what
// is left in order, and is told once.
func TestSwitchIsBounded(t *testing.T) {
	t.Parallel()
	s := hub.NewSwitch()
	a, b := s.Bus("a"), s.Bus("b")
	ear, _ := bustest.Listen(t, b)
	unplug := ear.Plug()
	t.Cleanup(unplug)
	a.Publish(hub.Message{Asks: []string{"first"}})
	ear.Until("the first", func(h bustest.Heard) bool { return h.Asks["first"] })
	const n = 1024 + 10
	for i := range n {
		a.Publish(hub.Message{Events: []hub.Event{{Kind: fmt.Sprint(i)}}})
	}
	unplug()
	ear.Until("that something is lost", func(h bustest.Heard) bool { return h.Lost == 2 })
	h := ear.Now()
	if len(h.Events) != 1024 || h.Events[1023].Kind != "1023" || h.Since != 0 {
		t.Errorf("heard %d events, %d after it was told", len(h.Events), h.Since)
	}
	if a.Health().Dropped != 0 || b.Health().Dropped != 10 {
		t.Errorf("dropped: %d and %d", a.Health().Dropped, b.Health().Dropped)
	}
}
