package hub_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"sidetext/hub"
	"sidetext/hub/bustest"
)

// BenchmarkStorm connects 5,000 agents of one shop at once, the first thousand of
// them to one room. It reports how long that takes, and a frame to the whole group.
func BenchmarkStorm(b *testing.B) {
	const sockets, together = 5000, 1000
	store := newTimedStore()
	for b.Loop() {
		h := hub.New(store.read, hub.Settings{DrainTime: time.Millisecond}, discard)
		var serving, opening sync.WaitGroup
		opening.Add(sockets)
		start := time.Now()
		for i := range sockets {
			conn := newNullConn(fmt.Sprint("shop/", max(i, together)))
			serving.Go(func() {
				_ = h.Serve(b.Context(), conn, func(s *hub.Socket, data []byte) error {
					id := strconv.Itoa(i)
					s.Identify(hub.Identity{Group: "shop", Session: id, Person: hub.Person{ID: id, Name: id}})
					s.Join(string(data))
					s.SendSnapshot(nil, 0)
					opening.Done()
					return nil
				})
			})
		}
		opening.Wait()
		opened := time.Since(start)
		start = time.Now()
		h.SendToGroup("shop", textFrame("shop/0", 0, 1))
		b.ReportMetric(float64(opened.Milliseconds()), "ms-to-open")
		b.ReportMetric(float64(time.Since(start).Microseconds()), "µs-to-group")
		if err := h.Drain(context.Background()); err != nil {
			b.Error(err)
		}
		serving.Wait()
	}
}

// BenchmarkUnneededHint measures a hint that no viewer needs, as nearly all are:
// half of them are about viewed rooms that are up to date, the others about rooms
// without viewers.
func BenchmarkUnneededHint(b *testing.B) {
	bus := capturingBus{bustest.NewMemory().Bus("a"), make(chan hub.Subscriber, 1)}
	h := hub.New(newTimedStore().read, hub.Settings{Node: "a", Bus: bus, Heartbeat: time.Hour}, discard)
	m := hub.Message{Node: "b"}
	for i := range 500 {
		room := fmt.Sprint("shop/", i)
		probe := h.StartProbe(room)
		defer probe.Close()
		h.SendUpdate(room, hub.Update{Rev: 7, Frame: []byte("{}")})
		m.Hints = append(m.Hints, hub.Hint{Room: room, Rev: 7}, hub.Hint{Room: "other/" + room, Rev: 7})
	}
	sub := <-bus.subscribed
	b.ReportAllocs()
	for b.Loop() {
		sub.OnMessage(m)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(m.Hints)), "ns/hint")
	if got := h.Stats().Reads; got > 500 { // the first OnLoss reads each room once
		b.Errorf("%d reads", got)
	}
	if err := h.Drain(context.Background()); err != nil {
		b.Error(err)
	}
}

// A capturingBus hands out its subscriber.
type capturingBus struct {
	hub.Bus
	subscribed chan hub.Subscriber
}

func (b capturingBus) Subscribe(ctx context.Context, sub hub.Subscriber) {
	b.subscribed <- sub
	b.Bus.Subscribe(ctx, sub)
}
