package redis_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/hub"
	"sidetext/hub/bustest"
	"sidetext/hub/redistest"
)

// A stopwatch is a subscriber that measures the delay of hints whose revision is
// the time at which they were published.
type stopwatch struct {
	began  time.Time
	hints  atomic.Int64
	delays chan time.Duration
}

func (s *stopwatch) OnMessage(m hub.Message) {
	now := time.Since(s.began)
	s.hints.Add(int64(len(m.Hints)))
	for _, h := range m.Hints {
		select {
		case s.delays <- now - time.Duration(h.Rev):
		default:
		}
	}
}

func (s *stopwatch) OnLoss() {}

func (s *stopwatch) now() int64 { return int64(time.Since(s.began)) }

// BenchmarkHint measures hints from one node through Redis to another.
func BenchmarkHint(b *testing.B) {
	server := redistest.Start(b)
	from, to := open(b, server.URL(), "a"), open(b, server.URL(), "b")
	watch := &stopwatch{began: time.Now(), delays: make(chan time.Duration, 1<<20)}
	bustest.SubscribeWith(b, to, watch)
	bustest.WaitHealthy(b, to, true)
	b.Run("one by one", func(b *testing.B) {
		var delays []time.Duration
		for b.Loop() {
			from.Publish(hint("r", watch.now()))
			delays = append(delays, <-watch.delays)
		}
		reportDelays(b, delays)
	})
	for _, rate := range []int{500, 5000} {
		b.Run(fmt.Sprint(rate, " a second"), func(b *testing.B) {
			var delays []time.Duration
			tick := time.NewTicker(time.Second / time.Duration(rate))
			defer tick.Stop()
			n := 0
			for b.Loop() {
				<-tick.C
				from.Publish(hint(fmt.Sprint("r", n), watch.now()))
				n++
			}
			for len(delays) < n {
				delays = append(delays, <-watch.delays)
			}
			reportDelays(b, delays)
		})
	}
	b.Run("as many as possible", func(b *testing.B) { benchmarkThroughput(b, from, watch) })
}

func reportDelays(b *testing.B, delays []time.Duration) {
	slices.Sort(delays)
	b.ReportMetric(float64(delays[len(delays)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(delays[len(delays)*99/100].Microseconds())/1000, "p99-ms")
}

// benchmarkThroughput keeps 5,000 hints in flight.
func benchmarkThroughput(b *testing.B, from hub.Bus, watch *stopwatch) {
	before, n := watch.hints.Load(), int64(0)
	droppedBefore := from.Health().Dropped
	dropped := func() int64 { return int64(from.Health().Dropped - droppedBefore) } // a timed-out publication may arrive all the same
	for b.Loop() {
		from.Publish(hint(fmt.Sprint("r", n), 0))
		n++
		for n-dropped()-watch.hints.Load()+before > 5000 {
			<-time.After(10 * time.Microsecond)
		}
	}
	for watch.hints.Load()-before+dropped() < n {
		<-time.After(10 * time.Microsecond)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "hints/s")
	b.ReportMetric(float64(dropped()), "dropped")
	for len(watch.delays) > 0 {
		<-watch.delays
	}
}

func BenchmarkPublish(b *testing.B) {
	server := redistest.Start(b)
	bus := open(b, server.URL(), "a")
	rooms := make([]string, 1000)
	for i := range rooms {
		rooms[i] = fmt.Sprint("room ", i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		bus.Publish(hint(rooms[i%len(rooms)], int64(i)))
	}
}

// BenchmarkMemory measures a hint through the bus in memory, for comparison.
func BenchmarkMemory(b *testing.B) {
	memory := bustest.NewMemory()
	from, to := memory.Bus("a"), memory.Bus("b")
	watch := &stopwatch{began: time.Now(), delays: make(chan time.Duration, 1)}
	bustest.SubscribeWith(b, to, watch)
	bustest.WaitHealthy(b, to, true)
	for b.Loop() {
		from.Publish(hint("r", watch.now()))
		<-watch.delays
	}
}
