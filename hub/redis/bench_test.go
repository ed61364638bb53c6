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

// stopwatch hears hints whose revision is when they were published.
type stopwatch struct {
	began time.Time
	hints atomic.Int64
	took  chan time.Duration
}

func (s *stopwatch) Hear(m hub.Message) {
	now := time.Since(s.began)
	s.hints.Add(int64(len(m.Hints)))
	for _, h := range m.Hints {
		select {
		case s.took <- now - time.Duration(h.Rev):
		default:
		}
	}
}

func (s *stopwatch) Lost() {}

func (s *stopwatch) now() int64 { return int64(time.Since(s.began)) }

// BenchmarkHint is the way of a hint from one node through Redis to another.
func BenchmarkHint(b *testing.B) {
	server := redistest.Start(b)
	from, to := open(b, server.URL(), "a"), open(b, server.URL(), "b")
	watch := &stopwatch{began: time.Now(), took: make(chan time.Duration, 1<<20)}
	bustest.ListenTo(b, to, watch)
	bustest.Whole(b, to, true)
	report := func(b *testing.B, took []time.Duration) {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	}
	b.Run("one by one", func(b *testing.B) {
		var took []time.Duration
		for b.Loop() {
			from.Publish(hint("r", watch.now()))
			took = append(took, <-watch.took)
		}
		report(b, took)
	})
	for _, rate := range []int{500, 5000} {
		b.Run(fmt.Sprint(rate, " a second"), func(b *testing.B) {
			var took []time.Duration
			tick := time.NewTicker(time.Second / time.Duration(rate))
			defer tick.Stop()
			n := 0
			for b.Loop() {
				<-tick.C
				from.Publish(hint(fmt.Sprint("r", n), watch.now()))
				n++
			}
			for len(took) < n {
				took = append(took, <-watch.took)
			}
			report(b, took)
		})
	}
	b.Run("as many as go", func(b *testing.B) {
		heard, n := watch.hints.Load(), int64(0)
		dropped := from.Health().Dropped
		lost := func() int64 { return int64(from.Health().Dropped - dropped) } // or heard all the same
		for b.Loop() {
			from.Publish(hint(fmt.Sprint("r", n), 0))
			n++
			for n-lost()-watch.hints.Load()+heard > 5000 { // what is under way
				<-time.After(10 * time.Microsecond)
			}
		}
		for watch.hints.Load()-heard+lost() < n {
			<-time.After(10 * time.Microsecond)
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "hints/s")
		b.ReportMetric(float64(lost()), "dropped")
		for len(watch.took) > 0 {
			<-watch.took
		}
	})
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

func BenchmarkSwitch(b *testing.B) {
	s := hub.NewSwitch()
	from, to := s.Bus("a"), s.Bus("b")
	watch := &stopwatch{began: time.Now(), took: make(chan time.Duration, 1)}
	bustest.ListenTo(b, to, watch)
	bustest.Whole(b, to, true)
	for b.Loop() {
		from.Publish(hint("r", watch.now()))
		<-watch.took
	}
}
