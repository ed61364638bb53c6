package hub_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"sidetext/hub"
)

// BenchmarkStorm has 5,000 agents of one shop come at once, the first thousand of
// them to one room: how long that takes, and a ring to all of them.
func BenchmarkStorm(b *testing.B) {
	const sockets, hot = 5000, 1000
	l := &ledger{made: make(map[string][]time.Time)}
	for b.Loop() {
		h := hub.New(l.look, hub.Settings{Spread: time.Millisecond}, discard)
		var serving, opening sync.WaitGroup
		opening.Add(sockets)
		start := time.Now()
		for i := range sockets {
			conn := &sink{say: []byte(fmt.Sprint("shop/", max(i, hot))), woken: make(chan struct{})}
			serving.Go(func() {
				_ = h.Serve(b.Context(), conn, func(s *hub.Socket, data []byte) error {
					id := strconv.Itoa(i)
					s.Introduce(hub.Guest{Group: "shop", Session: id, Who: hub.Person{ID: id, Name: id}})
					s.Join(string(data))
					s.Opened(nil, 0)
					opening.Done()
					return nil
				})
			})
		}
		opening.Wait()
		came := time.Since(start)
		start = time.Now()
		h.Ring("shop", entry("shop/0", 0, 1))
		b.ReportMetric(float64(came.Milliseconds()), "ms-to-come")
		b.ReportMetric(float64(time.Since(start).Microseconds()), "µs-to-ring")
		if err := h.Drain(context.Background()); err != nil {
			b.Error(err)
		}
		serving.Wait()
	}
}

// BenchmarkHear is what a hint costs that no viewer needs, as nearly all: half of
// them are of rooms that somebody views, and has seen.
func BenchmarkHear(b *testing.B) {
	l := &ledger{made: make(map[string][]time.Time)}
	bus := attentive{hub.NewSwitch().Bus("a"), make(chan hub.Ear, 1)}
	h := hub.New(l.look, hub.Settings{Node: "a", Bus: bus, Beat: time.Hour}, discard)
	m := hub.Message{Node: "b"}
	for i := range 500 {
		room := fmt.Sprint("shop/", i)
		sentry := h.Watch(room)
		defer sentry.Close()
		h.Tell(room, hub.News{Rev: 7, Frame: []byte("{}")})
		m.Hints = append(m.Hints, hub.Hint{Room: room, Rev: 7}, hub.Hint{Room: "other/" + room, Rev: 7})
	}
	ear := <-bus.ear
	b.ReportAllocs()
	for b.Loop() {
		ear.Hear(m)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(m.Hints)), "ns/hint")
	if got := h.Stats().Looks; got > 500 { // when it began to listen
		b.Errorf("%d looks", got)
	}
	if err := h.Drain(context.Background()); err != nil {
		b.Error(err)
	}
}

// attentive is a bus that says who listens.
type attentive struct {
	hub.Bus
	ear chan hub.Ear
}

func (a attentive) Listen(ctx context.Context, ear hub.Ear) {
	a.ear <- ear
	a.Bus.Listen(ctx, ear)
}
