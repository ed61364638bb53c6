// Package bustest has the tests that every bus between nodes has to pass.
package bustest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sidetext/hub"
)

// A Fleet makes one node's bus after the other; they all hear each other.
type Fleet func(node string) hub.Bus

// Run runs the suite. make returns a fleet of which nobody has heard yet.
func Run(t *testing.T, make func(*testing.T) Fleet) {
	for name, test := range map[string]func(*testing.T, Fleet){
		"all hear it, the speaker too":            everybody,
		"what belongs together arrives":           whole,
		"events keep their order":                 order,
		"nobody listens":                          nobody,
		"who stops listening hears no more":       stops,
		"many speak at once":                      many,
		"publishing never waits for a slow ear":   slow,
		"health says whether and since when":      health,
		"what is changed later is not seen":       owned,
		"who listens later hears what comes then": later,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, make(t))
		})
	}
}

// Listen has a new ear listen to bus until the test ends, or stop is called;
// stop waits until the bus uses the ear no more. It returns when the bus is
// whole.
func Listen(t testing.TB, bus hub.Bus) (ear *Ear, stop func()) {
	t.Helper()
	ear = NewEar(t)
	stop = ListenTo(t, bus, ear)
	Whole(t, bus, true)
	return ear, stop
}

// ListenTo has ear listen to bus until the test ends, or stop is called.
func ListenTo(t testing.TB, bus hub.Bus, ear hub.Ear) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var listening sync.WaitGroup
	listening.Go(func() { bus.Listen(ctx, ear) })
	stop = func() { cancel(); listening.Wait() }
	t.Cleanup(stop)
	return stop
}

// Whole waits until bus says that it is whole, or that it is not.
func Whole(t testing.TB, bus hub.Bus, want bool) time.Duration {
	t.Helper()
	start := time.Now()
	for bus.Health().Whole != want {
		if time.Since(start) > patience {
			t.Fatalf("after %v it does not say that whole is %v: %+v", patience, want, bus.Health())
		}
		<-time.After(time.Millisecond)
	}
	return time.Since(start)
}

func hint(room string, rev int64) hub.Message {
	return hub.Message{Hints: []hub.Hint{{Room: room, Rev: rev}}}
}

func everybody(t *testing.T, join Fleet) {
	a, b, c := join("a"), join("b"), join("c")
	ears := make([]*Ear, 3)
	for i, bus := range []hub.Bus{a, b, c} {
		ears[i], _ = Listen(t, bus)
	}
	a.Publish(hint("r1", 1))
	b.Publish(hint("r2", 2))
	for _, ear := range ears {
		ear.UntilHint("r1", 1)
		ear.UntilHint("r2", 2)
		if h := ear.Now(); h.Lost != 1 || !h.Nodes["a"] || !h.Nodes["b"] || len(h.Nodes) != 2 {
			t.Errorf("heard from %v, lost %d", h.Nodes, h.Lost)
		}
	}
}

func whole(t *testing.T, join Fleet) {
	a, b := join("a"), join("b")
	ear, _ := Listen(t, b)
	people := []hub.Person{{ID: "1", Name: "Ben \"B\" Ünal 👋"}, {ID: "2", Name: "Ann", Typing: true}}
	a.Publish(hub.Message{
		Node:   "somebody else",
		Hints:  []hub.Hint{{Room: "r1", Rev: 7}, {Room: "r2", Rev: 0}},
		Events: []hub.Event{{Kind: "escalated", Group: "s1", Subject: "c1"}, {Kind: "wake"}},
		Here:   []hub.Presence{{Room: "r1", People: people}, {Room: "r2"}},
		Asks:   []string{"r3"},
	})
	a.Publish(hub.Message{Here: []hub.Presence{{Room: "r2", People: people[:1]}}})
	a.Publish(hub.Message{Here: []hub.Presence{{Room: "r1"}}})
	ear.Until("that all have left", func(h Heard) bool {
		people, said := h.Here[[2]string{"a", "r1"}]
		return said && len(people) == 0
	})
	h := ear.Now()
	if _, ok := h.Hints["r2"]; !ok || h.Hints["r1"] != 7 {
		t.Errorf("hints are %v", h.Hints)
	}
	if want := []hub.Event{{Kind: "escalated", Group: "s1", Subject: "c1"}, {Kind: "wake"}}; !slices.Equal(h.Events, want) {
		t.Errorf("events are %v", h.Events)
	}
	if got := h.Here[[2]string{"a", "r2"}]; !slices.Equal(got, people[:1]) {
		t.Errorf("in r2 are %v", got)
	}
	if !h.Asks["r3"] || len(h.Asks) != 1 {
		t.Errorf("asked for %v", h.Asks)
	}
}

func order(t *testing.T, join Fleet) {
	a, b := join("a"), join("b")
	ear, _ := Listen(t, b)
	const n = 500
	for i := range n {
		a.Publish(hub.Message{Events: []hub.Event{{Kind: "k", Subject: fmt.Sprint(i)}}})
	}
	ear.Until("all events", func(h Heard) bool { return len(h.Events) == n })
	for i, event := range ear.Now().Events {
		if event.Subject != fmt.Sprint(i) {
			t.Fatalf("event %d is %s", i, event.Subject)
		}
	}
}

func nobody(t *testing.T, join Fleet) {
	a := join("a")
	for i := range 3000 {
		a.Publish(hint("r", int64(i)))
	}
	if h := a.Health(); h.Whole || h.Published != 3000 || h.Heard != 0 {
		t.Errorf("nobody listens: %+v", h)
	}
}

func later(t *testing.T, join Fleet) {
	a, b := join("a"), join("b")
	early, _ := Listen(t, a)
	a.Publish(hint("before", 1))
	early.UntilHint("before", 1)
	ear, _ := Listen(t, b)
	a.Publish(hint("after", 1))
	ear.UntilHint("after", 1)
	if h := ear.Now(); h.Hints["before"] != 0 || h.Lost != 1 {
		t.Errorf("heard %v, lost %d", h.Hints, h.Lost)
	}
}

func stops(t *testing.T, join Fleet) {
	a, b := join("a"), join("b")
	left, stop := Listen(t, a)
	ear, _ := Listen(t, b)
	stop()
	if a.Health().Whole {
		t.Error("it is whole, and nobody listens")
	}
	messages := left.Now().Messages
	a.Publish(hint("r", 1)) // who does not listen can still speak
	ear.UntilHint("r", 1)
	if left.Now().Messages != messages {
		t.Error("it heard something after it had stopped")
	}
}

func many(t *testing.T, join Fleet) {
	const nodes, speakers, each = 3, 4, 200
	buses, ears := make([]hub.Bus, nodes), make([]*Ear, nodes)
	for i := range nodes {
		buses[i] = join(fmt.Sprint("n", i))
		ears[i], _ = Listen(t, buses[i])
	}
	var speaking sync.WaitGroup
	for i, bus := range buses {
		for j := range speakers {
			speaking.Go(func() {
				for k := range each {
					bus.Publish(hint(fmt.Sprintf("r%d.%d", i, j), int64(k+1)))
				}
			})
		}
	}
	speaking.Wait()
	for _, ear := range ears {
		ear.Until("the last of every room, or that something is lost", func(h Heard) bool {
			for i := range nodes {
				for j := range speakers {
					if h.Hints[fmt.Sprintf("r%d.%d", i, j)] != each && h.Lost < 2 {
						return false
					}
				}
			}
			return true
		})
	}
}

// slow publishes a great deal while one of two nodes hears nothing. What that
// one does not hear later it is told of as lost.
func slow(t *testing.T, join Fleet) {
	a, b := join("a"), join("b")
	quick, _ := Listen(t, a)
	ear, _ := Listen(t, b)
	unplug := ear.Plug()
	t.Cleanup(unplug)
	a.Publish(hint("first", 1))
	ear.UntilHint("first", 1)
	const n = 20_000
	for i := range n { // which does not wait for b: that hears nothing until all are published
		a.Publish(hint(fmt.Sprint("r", i), 1))
	}
	quick.Until("all, or that something is lost", func(h Heard) bool { return len(h.Hints) == n+1 || h.Lost > 1 })
	unplug()
	ear.Until("all, or that something is lost", func(h Heard) bool { return len(h.Hints) == n+1 || h.Lost > 1 })
	if h := ear.Now(); h.Lost > 1 && a.Health().Dropped+b.Health().Dropped == 0 {
		t.Error("something is lost and nothing counted")
	}
	a.Publish(hint("after", 1))
	ear.UntilHint("after", 1)
	quick.UntilHint("after", 1)
}

func health(t *testing.T, join Fleet) {
	before := time.Now()
	a := join("a")
	if h := a.Health(); h.Whole || h.Since.Before(before) || h.Since.After(time.Now()) {
		t.Errorf("at first: %+v", h)
	}
	ear, stop := Listen(t, a)
	begun := a.Health().Since
	for i := range 5 {
		a.Publish(hint("r", int64(i+1)))
	}
	ear.UntilHint("r", 5)
	h := a.Health()
	if !h.Whole || !h.Since.Equal(begun) || h.Published != 5 || h.Heard == 0 || h.Heard > 5 || h.Dropped != 0 || h.Garbage != 0 || h.Again != 0 {
		t.Errorf("then: %+v", h)
	}
	stop()
	if h := a.Health(); h.Whole || !h.Since.After(begun) {
		t.Errorf("at last: %+v, begun %v", h, begun)
	}
}

func owned(t *testing.T, join Fleet) {
	a := join("a")
	ear, _ := Listen(t, a)
	m := hint("r", 1)
	a.Publish(m)
	m.Node = "z"
	m.Hints = append(m.Hints, hub.Hint{Room: "x", Rev: 1})
	a.Publish(hint("s", 1))
	ear.UntilHint("s", 1)
	if h := ear.Now(); h.Hints["r"] != 1 || h.Hints["x"] != 0 || h.Nodes["z"] {
		t.Errorf("heard %+v", h)
	}
}
