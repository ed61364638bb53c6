package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/pgtest"
)

// BenchmarkReceive measures 64 concurrent callers who receive texts of 1,000
// shoppers. A text counts once it is durable.
func BenchmarkReceive(b *testing.B) {
	answer := func(t *chat.Turn) { t.Answer("Reply with a number.") }
	b.Run("sqlite", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "bench.db")
		s := open(b, path)
		b.Run("received", func(b *testing.B) { receive(b, s, func(*chat.Turn) {}) })
		b.Run("answered", func(b *testing.B) { receive(b, s, answer) })
	})
	b.Run("postgres", func(b *testing.B) {
		server := pgtest.Start(b)
		for _, writers := range []int{2, 3, 4} {
			s, err := store.OpenWriters(b.Context(), server.Schema(b), key, writers)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = s.Close() })
			b.Run(fmt.Sprint(writers, " writers received"), func(b *testing.B) { receive(b, s, func(*chat.Turn) {}) })
			b.Run(fmt.Sprint(writers, " writers answered"), func(b *testing.B) { receive(b, s, answer) })
		}
	})
}

func receive(b *testing.B, s *store.Store, then func(*chat.Turn)) {
	b.Helper()
	config, err := createShop(b.Context(), s, "bench"+string(chat.NewID[chat.ShopID](time.Now())))
	if err != nil {
		b.Fatal(err)
	}
	trips := store.RoundTrips(s)
	const callers, shoppers = 64, 1000
	var next atomic.Int64
	took := make([]time.Duration, b.N)
	var calling sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	used := cpu(b)
	for range callers {
		calling.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				phone := chat.Phone(fmt.Sprintf("+1415555%04d", n%shoppers))
				began := time.Now()
				_, err := s.Receive(b.Context(), config, phone, began, func(t *chat.Turn) error {
					_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("SM", n), From: phone, Text: "Where is my order?"})
					then(t)
					return err
				})
				if err != nil {
					b.Error(err)
					return
				}
				took[n-1] = time.Since(began)
			}
		})
	}
	calling.Wait()
	b.StopTimer()
	used = cpu(b) - used
	slices.Sort(took)
	b.ReportMetric(float64(store.RoundTrips(s)-trips)/float64(b.N), "trips/text")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
	b.ReportMetric(float64(used.Microseconds())/float64(b.N), "cpu-µs/text")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// cpu returns the processor time of this process so far, the figure that depends
// least on how busy the machine is.
func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
