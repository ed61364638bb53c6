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
