package figures_test

import (
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sidetext/server/e2e/harness"
)

// The benchmarks measure a server in a process of its own, with SQLite at full
// durability and a played helpdesk with its real rate limit, from a client on the same
// machine. They report figures and check nothing. See docs/performance.md.

// BenchmarkDisk measures the disk alone at the rate of the open loop: 20 KiB written and
// synced 500 times a second. No text can be answered faster.
func BenchmarkDisk(b *testing.B) {
	const rate, lasts = 500, 10 * time.Second
	file, err := os.CreateTemp(b.TempDir(), "disk")
	harness.Must(b, err)
	defer file.Close()
	data := make([]byte, 20<<10)
	n := int(rate * lasts.Seconds())
	synced := make([]time.Duration, n)
	begin := time.Now()
	for i := range n {
		due := begin.Add(time.Duration(i) * time.Second / rate)
		time.Sleep(time.Until(due))
		_, err := file.WriteAt(data, int64(i%200*len(data)))
		harness.Must(b, err)
		harness.Must(b, syscall.Fdatasync(int(file.Fd())))
		synced[i] = time.Since(due)
	}
	slices.Sort(synced)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ms(synced[n/2]), "sync-p50-ms")
	b.ReportMetric(ms(synced[n*99/100]), "sync-p99-ms")
}

// BenchmarkOpenLoop sends 500 texts a second, without waiting for answers, to
// conversations with 1,000 open pop-ups.
func BenchmarkOpenLoop(b *testing.B) {
	const rate, lasts = 500, 20 * time.Second
	w := newBenchServer(b, 1000)
	w.watch(b, 1000)
	client := w.client()
	n := int(rate * lasts.Seconds())
	answered := make([]time.Duration, n)
	var failed atomic.Int64
	var sending sync.WaitGroup
	begin := time.Now().Add(time.Second)
	for i := range n {
		due := begin.Add(time.Duration(i) * time.Second / rate)
		time.Sleep(time.Until(due))
		sending.Go(func() {
			var err error
			if answered[i], err = w.sendText(client, i, due); err != nil {
				failed.Add(1)
			}
		})
	}
	sending.Wait()
	w.report(b, n, answered, failed.Load())
}

// BenchmarkClosedLoop runs 64 senders, each of which sends its next text as soon as the
// last one is answered.
func BenchmarkClosedLoop(b *testing.B) {
	const senders, lasts = 64, 10 * time.Second
	w := newBenchServer(b, 1000)
	w.watch(b, 1000)
	client := w.client()
	w.profile(b, 8)
	before := w.cpuTime(b)
	var next, failed atomic.Int64
	var mu sync.Mutex
	var answered []time.Duration
	var sending sync.WaitGroup
	begin := time.Now()
	for range senders {
		sending.Go(func() {
			var mine []time.Duration
			for time.Since(begin) < lasts {
				took, err := w.sendText(client, int(next.Add(1)), time.Now())
				if err != nil {
					failed.Add(1)
				}
				mine = append(mine, took)
			}
			mu.Lock()
			defer mu.Unlock()
			answered = append(answered, mine...)
		})
	}
	sending.Wait()
	took := time.Since(begin)
	w.report(b, len(answered), answered, failed.Load())
	b.ReportMetric(float64(len(answered))/took.Seconds(), "texts/s")
	b.ReportMetric(float64((w.cpuTime(b)-before).Microseconds())/float64(len(answered)), "server-cpu-us/text")
}

// report waits for the frames of n texts and reports how long everything took.
func (w *benchServer) report(b *testing.B, n int, answered []time.Duration, failed int64) {
	b.Helper()
	var shown []time.Duration
	timeout := time.After(20 * time.Second)
wait:
	for len(shown) < n-int(failed) {
		select {
		case d := <-w.shown:
			shown = append(shown, d)
		case <-timeout:
			break wait
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(failed), "failed")
	b.ReportMetric(float64(n-int(failed)-len(shown)), "lost-frames")
	for name, all := range map[string][]time.Duration{"answer": answered, "frame": shown} {
		slices.Sort(all)
		if len(all) > 0 {
			b.ReportMetric(ms(all[len(all)/2]), name+"-p50-ms")
			b.ReportMetric(ms(all[len(all)*99/100]), name+"-p99-ms")
		}
	}
}

// BenchmarkIdleSockets measures the memory of an idle pop-up in the server: objects and
// stacks in use, and resident memory, which includes what opening 10,000 sockets at once
// left unused.
func BenchmarkIdleSockets(b *testing.B) {
	const n = 10_000
	w := newBenchServer(b, 1000)
	used, resident := w.memory(b)
	w.watch(b, n)
	usedNow, residentNow := w.memory(b)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric((usedNow-used)/n/1024, "KiB/socket-in-use")
	b.ReportMetric((residentNow-resident)/n/1024, "KiB/socket-resident")
}

// ms returns a duration in milliseconds.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
