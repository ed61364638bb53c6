// Package bustest has the tests that every hub.Bus must pass, and a bus in memory
// for the tests of the hub.
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

// A Fleet returns a new bus for node. All buses of one fleet are connected.
type Fleet func(node string) hub.Bus

// Run runs the suite. newFleet returns a fleet without nodes.
func Run(t *testing.T, newFleet func(*testing.T) Fleet) {
	for name, test := range map[string]func(*testing.T, Fleet){
		"all nodes receive a message, including the sender": testDelivery,
		"messages arrive complete":                          testContents,
		"events keep their order":                           testEventOrder,
		"publishing without a subscriber":                   testNoSubscriber,
		"nothing is received after unsubscribing":           testUnsubscribe,
		"many concurrent publishers":                        testConcurrentPublishers,
		"publishing never waits for a slow subscriber":      testSlowSubscriber,
		"health reports its state and since when":           testHealth,
		"a message changed after Publish":                   testChangedMessage,
		"a late subscriber receives later messages only":    testLateSubscriber,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newFleet(t))
		})
	}
}

// Subscribe subscribes a new recorder to bus and waits until bus is healthy. The
// subscription lasts until the test ends or stop is called; stop waits until the
// bus no longer uses the recorder.
func Subscribe(t testing.TB, bus hub.Bus) (recorder *Recorder, stop func()) {
	t.Helper()
	recorder = NewRecorder(t)
	stop = SubscribeWith(t, bus, recorder)
	WaitHealthy(t, bus, true)
	return recorder, stop
}

// SubscribeWith subscribes sub to bus until the test ends or stop is called.
func SubscribeWith(t testing.TB, bus hub.Bus, sub hub.Subscriber) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var subscription sync.WaitGroup
	subscription.Go(func() { bus.Subscribe(ctx, sub) })
	stop = func() { cancel(); subscription.Wait() }
	t.Cleanup(stop)
	return stop
}

// WaitHealthy waits until bus reports that it is healthy, or with want false that
// it is not, and returns how long that took.
func WaitHealthy(t testing.TB, bus hub.Bus, want bool) time.Duration {
	t.Helper()
	start := time.Now()
	for bus.Health().Healthy != want {
		if time.Since(start) > waitLimit {
			t.Fatalf("after %v healthy is not %v: %+v", waitLimit, want, bus.Health())
		}
		<-time.After(time.Millisecond)
	}
	return time.Since(start)
}

func hint(room string, rev int64) hub.Message {
	return hub.Message{Hints: []hub.Hint{{Room: room, Rev: rev}}}
}

func testDelivery(t *testing.T, newBus Fleet) {
	a, b, c := newBus("a"), newBus("b"), newBus("c")
	recorders := make([]*Recorder, 3)
	for i, bus := range []hub.Bus{a, b, c} {
		recorders[i], _ = Subscribe(t, bus)
	}
	a.Publish(hint("r1", 1))
	b.Publish(hint("r2", 2))
	for _, recorder := range recorders {
		recorder.WaitForHint("r1", 1)
		recorder.WaitForHint("r2", 2)
		if got := recorder.Received(); got.Losses != 1 || !got.Nodes["a"] || !got.Nodes["b"] || len(got.Nodes) != 2 {
			t.Errorf("received from %v, %d losses", got.Nodes, got.Losses)
		}
	}
}

func testContents(t *testing.T, newBus Fleet) {
	a, b := newBus("a"), newBus("b")
	recorder, _ := Subscribe(t, b)
	people := []hub.Person{{ID: "1", Name: "Ben \"B\" Ünal 👋"}, {ID: "2", Name: "Ann", Typing: true}}
	a.Publish(hub.Message{
		Node:             "replaced by the bus",
		Hints:            []hub.Hint{{Room: "r1", Rev: 7}, {Room: "r2", Rev: 0}},
		Events:           []hub.Event{{Kind: "escalated", Group: "s1", Subject: "c1"}, {Kind: "wake"}},
		Presence:         []hub.Presence{{Room: "r1", People: people}, {Room: "r2"}},
		PresenceRequests: []string{"r3"},
	})
	a.Publish(hub.Message{Presence: []hub.Presence{{Room: "r2", People: people[:1]}}})
	a.Publish(hub.Message{Presence: []hub.Presence{{Room: "r1"}}})
	recorder.WaitFor("an empty presence of r1", func(all Received) bool {
		people, ok := all.Presence[[2]string{"a", "r1"}]
		return ok && len(people) == 0
	})
	got := recorder.Received()
	if _, ok := got.Hints["r2"]; !ok || got.Hints["r1"] != 7 {
		t.Errorf("hints are %v", got.Hints)
	}
	if want := []hub.Event{{Kind: "escalated", Group: "s1", Subject: "c1"}, {Kind: "wake"}}; !slices.Equal(got.Events, want) {
		t.Errorf("events are %v", got.Events)
	}
	if got := got.Presence[[2]string{"a", "r2"}]; !slices.Equal(got, people[:1]) {
		t.Errorf("presence of r2 is %v", got)
	}
	if !got.Requests["r3"] || len(got.Requests) != 1 {
		t.Errorf("requests are %v", got.Requests)
	}
}

func testEventOrder(t *testing.T, newBus Fleet) {
	a, b := newBus("a"), newBus("b")
	recorder, _ := Subscribe(t, b)
	const n = 500
	for i := range n {
		a.Publish(hub.Message{Events: []hub.Event{{Kind: "k", Subject: fmt.Sprint(i)}}})
	}
	recorder.WaitFor("all events", func(all Received) bool { return len(all.Events) == n })
	got := recorder.Received()
	if got.Losses > 1 {
		return // a cluster's nodes may overtake each other, which is reported as a loss
	}
	for i, event := range got.Events {
		if event.Subject != fmt.Sprint(i) {
			t.Fatalf("event %d is %s", i, event.Subject)
		}
	}
}

func testNoSubscriber(t *testing.T, newBus Fleet) {
	a := newBus("a")
	for i := range 3000 {
		a.Publish(hint("r", int64(i)))
	}
	if h := a.Health(); h.Healthy || h.Published != 3000 || h.Received != 0 {
		t.Errorf("without a subscriber: %+v", h)
	}
}

func testLateSubscriber(t *testing.T, newBus Fleet) {
	a, b := newBus("a"), newBus("b")
	early, _ := Subscribe(t, a)
	a.Publish(hint("before", 1))
	early.WaitForHint("before", 1)
	late, _ := Subscribe(t, b)
	a.Publish(hint("after", 1))
	late.WaitForHint("after", 1)
	if got := late.Received(); got.Hints["before"] != 0 || got.Losses != 1 {
		t.Errorf("received %v, %d losses", got.Hints, got.Losses)
	}
}

func testUnsubscribe(t *testing.T, newBus Fleet) {
	a, b := newBus("a"), newBus("b")
	stopped, stop := Subscribe(t, a)
	recorder, _ := Subscribe(t, b)
	stop()
	if a.Health().Healthy {
		t.Error("healthy without a subscription")
	}
	messages := stopped.Received().Messages
	a.Publish(hint("r", 1)) // a bus without a subscription can still publish
	recorder.WaitForHint("r", 1)
	if stopped.Received().Messages != messages {
		t.Error("a message came after unsubscribing")
	}
}

func testConcurrentPublishers(t *testing.T, newBus Fleet) {
	const nodes, publishers, each = 3, 4, 200
	buses, recorders := make([]hub.Bus, nodes), make([]*Recorder, nodes)
	for i := range nodes {
		buses[i] = newBus(fmt.Sprint("n", i))
		recorders[i], _ = Subscribe(t, buses[i])
	}
	var publishing sync.WaitGroup
	for i, bus := range buses {
		for j := range publishers {
			publishing.Go(func() {
				for k := range each {
					bus.Publish(hint(fmt.Sprintf("r%d.%d", i, j), int64(k+1)))
				}
			})
		}
	}
	publishing.Wait()
	for _, recorder := range recorders {
		recorder.WaitFor("the last revision of each room, or OnLoss", func(all Received) bool {
			for i := range nodes {
				for j := range publishers {
					if all.Hints[fmt.Sprintf("r%d.%d", i, j)] != each && all.Losses < 2 {
						return false
					}
				}
			}
			return true
		})
	}
}

// testSlowSubscriber publishes many messages while one of two subscribers is
// blocked. What that one misses must be reported to it as a loss.
func testSlowSubscriber(t *testing.T, newBus Fleet) {
	a, b := newBus("a"), newBus("b")
	fast, _ := Subscribe(t, a)
	slow, _ := Subscribe(t, b)
	unblock := slow.Block()
	t.Cleanup(unblock)
	a.Publish(hint("first", 1))
	slow.WaitForHint("first", 1)
	const n = 20_000
	for i := range n { // Publish does not wait for b, which receives nothing until all are published
		a.Publish(hint(fmt.Sprint("r", i), 1))
	}
	allOrLoss := func(all Received) bool { return len(all.Hints) == n+1 || all.Losses > 1 }
	fast.WaitFor("all messages, or OnLoss", allOrLoss)
	unblock()
	slow.WaitFor("all messages, or OnLoss", allOrLoss)
	if got := slow.Received(); got.Losses > 1 && a.Health().Dropped+b.Health().Dropped == 0 {
		t.Error("messages were lost, and none counted as dropped")
	}
	publishUntilReceived(t, a, hint("after", 1), slow, fast)
}

// publishUntilReceived publishes a hint repeatedly, because a queue may still be
// full, until all recorders have received it.
func publishUntilReceived(t *testing.T, bus hub.Bus, m hub.Message, recorders ...*Recorder) {
	t.Helper()
	missing := func(r *Recorder) bool { return r.Received().Hints[m.Hints[0].Room] < m.Hints[0].Rev }
	for start := time.Now(); slices.ContainsFunc(recorders, missing); {
		if time.Since(start) > waitLimit {
			t.Fatalf("after %v a hint about %s was not received", waitLimit, m.Hints[0].Room)
		}
		bus.Publish(m)
		<-time.After(10 * time.Millisecond)
	}
}

func testHealth(t *testing.T, newBus Fleet) {
	before := time.Now()
	a := newBus("a")
	if h := a.Health(); h.Healthy || h.Since.Before(before) || h.Since.After(time.Now()) {
		t.Errorf("before subscribing: %+v", h)
	}
	recorder, stop := Subscribe(t, a)
	since := a.Health().Since
	for i := range 5 {
		a.Publish(hint("r", int64(i+1)))
	}
	recorder.WaitForHint("r", 5)
	h := a.Health()
	if !h.Healthy || !h.Since.Equal(since) || h.Published != 5 || h.Received == 0 || h.Received > 5 || h.Dropped != 0 || h.Invalid != 0 || h.Reconnects != 0 {
		t.Errorf("while subscribed: %+v", h)
	}
	stop()
	if h := a.Health(); h.Healthy || !h.Since.After(since) {
		t.Errorf("after unsubscribing: %+v, subscribed since %v", h, since)
	}
}

func testChangedMessage(t *testing.T, newBus Fleet) {
	a := newBus("a")
	recorder, _ := Subscribe(t, a)
	m := hint("r", 1)
	a.Publish(m)
	m.Node = "z"
	m.Hints = append(m.Hints, hub.Hint{Room: "x", Rev: 1})
	a.Publish(hint("s", 1))
	recorder.WaitForHint("s", 1)
	if got := recorder.Received(); got.Hints["r"] != 1 || got.Hints["x"] != 0 || got.Nodes["z"] {
		t.Errorf("received %+v", got)
	}
}
