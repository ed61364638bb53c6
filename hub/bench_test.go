package hub_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/hub"
)

const (
	idleSockets = 10_000
	farSide     = "HUB_TEST_FAR_SIDE" // in a child process: the address to connect to
)

// BenchmarkIdle reports what an idle socket costs the server, each of somebody
// else, in a room of its own and with its opening behind it. The clients live in another process.
func BenchmarkIdle(b *testing.B) {
	l := &ledger{made: make(map[string][]time.Time)}
	for b.Loop() {
		s := serve(b, l.look, l.open, hub.Settings{})
		heap, rss := memory(b)
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), farSide+"="+s.url)
		child.Stderr = os.Stderr
		hold, err := child.StdinPipe()
		if err != nil {
			b.Fatal(err)
		}
		said, err := child.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := child.Start(); err != nil {
			b.Fatal(err)
		}
		if line, err := bufio.NewReader(said).ReadString('\n'); err != nil {
			b.Fatalf("far side: %q, %v", line, err)
		}
		if got := s.Stats(); got.Sockets != idleSockets || got.Rooms != idleSockets {
			b.Fatalf("stats %+v", got)
		}
		heapNow, rssNow := memory(b)
		b.ReportMetric(float64(heapNow-heap)/idleSockets/1024, "KiB-go/socket")
		b.ReportMetric(float64(rssNow-rss)/idleSockets/1024, "KiB-rss/socket")
		_ = hold.Close()
		if err := child.Wait(); err != nil {
			b.Fatal(err)
		}
		s.end(b)
	}
}

// memory returns what Go holds from the system, and what is resident, in bytes.
func memory(b *testing.B) (held, resident int64) {
	runtime.GC() // shrinks stacks
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return int64(m.Sys - m.HeapReleased), pages * int64(os.Getpagesize())
}

// stayConnected is the far side of BenchmarkIdle: it opens the sockets, says so,
// and keeps them until its input ends.
func stayConnected(url string) {
	var dialing sync.WaitGroup
	rooms := make(chan int)
	conns := make([]io.Closer, idleSockets) // one that is forgotten is closed by the collector
	for range 32 {
		dialing.Go(func() {
			for i := range rooms {
				conn, err := dial(url, fmt.Sprintf("shop%d/%d as agent %d", i%100, i, i))
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				conns[i] = conn
			}
		})
	}
	for i := range idleSockets {
		rooms <- i
	}
	close(rooms)
	dialing.Wait()
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, conn := range conns {
		_ = conn.Close()
	}
}

// BenchmarkLive makes 5,000 changes a second in 1,000 rooms, each with a viewer
// on a real socket in this process, and reports how long a viewer waits for one.
func BenchmarkLive(b *testing.B) {
	for _, by := range []string{"hint", "tell"} {
		b.Run(by, func(b *testing.B) { live(b, by == "tell", 5000) })
	}
}

func live(b *testing.B, tell bool, rate int) {
	const rooms = 1000
	l := &ledger{made: make(map[string][]time.Time)}
	s := serve(b, l.look, l.open, hub.Settings{})
	var mu sync.Mutex
	waits := make([]time.Duration, 0, b.N)
	var viewers, changes sync.WaitGroup
	changes.Add(b.N)
	var conns []io.Closer
	for i := range rooms {
		conn, err := dial(s.url, fmt.Sprint("shop/", i))
		if err != nil {
			b.Fatal(err)
		}
		conns = append(conns, conn)
		viewers.Go(func() {
			for {
				_, data, err := conn.ReadMessage()
				if err != nil {
					return
				}
				now := time.Now()
				room, from, rev, ok := parse(data)
				if !ok {
					continue
				}
				l.mu.Lock()
				made := l.made[room][from:rev]
				l.mu.Unlock()
				mu.Lock()
				for _, at := range made {
					waits = append(waits, now.Sub(at))
				}
				mu.Unlock()
				changes.Add(-len(made))
			}
		})
	}
	b.ResetTimer()
	start := time.Now()
	for i := range b.N {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(rate))))
		room := fmt.Sprint("shop/", i*7919%rooms)
		rev := l.change(room)
		if tell {
			s.Tell(room, hub.News{From: rev - 1, Rev: rev, Frame: entry(room, rev-1, rev)})
		} else {
			s.Hint(room, rev)
		}
	}
	changes.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "changes/s")
	slices.Sort(waits)
	for _, p := range []float64{50, 99} {
		wait := waits[int(float64(len(waits)-1)*p/100)]
		b.ReportMetric(float64(wait)/1e6, fmt.Sprintf("p%.0f-ms", p))
	}
	for _, conn := range conns {
		_ = conn.Close()
	}
	viewers.Wait()
	s.end(b)
}

// BenchmarkTell is the hub alone, with two callers at once in 1,000 rooms and
// sockets that cost nothing: what one change takes under the one lock.
func BenchmarkTell(b *testing.B) {
	for _, viewers := range []int{0, 1, 10} {
		b.Run(fmt.Sprint(viewers, "-viewers"), func(b *testing.B) { tell(b, 1000, viewers) })
	}
}

func tell(b *testing.B, rooms, viewers int) {
	l := &ledger{made: make(map[string][]time.Time)}
	h := hub.New(l.look, hub.Settings{Frames: 1 << 20, Bytes: 1 << 40, Spread: time.Microsecond}, discard)
	var serving, opening sync.WaitGroup
	opening.Add(rooms * viewers)
	names := make([]string, rooms)
	for i := range names {
		names[i] = fmt.Sprint("shop/", i)
		for range viewers {
			conn := &sink{say: []byte(names[i]), woken: make(chan struct{})}
			serving.Go(func() {
				_ = h.Serve(b.Context(), conn, func(s *hub.Socket, data []byte) error {
					s.Join(string(data))
					s.Opened(nil, 0)
					opening.Done()
					return nil
				})
			})
		}
	}
	opening.Wait()
	var next atomic.Int64
	frame := entry("shop/0", 0, 1)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := next.Add(1)
			h.Tell(names[i%int64(rooms)], hub.News{From: 0, Rev: i, Frame: frame})
		}
	})
	b.StopTimer()
	if err := h.Drain(context.Background()); err != nil {
		b.Error(err)
	}
	serving.Wait()
}

// A sink is a Conn that says one thing and swallows everything.
type sink struct {
	say   []byte
	woken chan struct{}
	once  sync.Once
}

func (s *sink) ReadMessage() (int, []byte, error) {
	if say := s.say; say != nil {
		s.say = nil
		return text, say, nil
	}
	<-s.woken
	return 0, nil, io.EOF
}

func (s *sink) SetReadDeadline(at time.Time) error {
	if time.Until(at) < 10*time.Second { // the hub wants the reader back
		s.once.Do(func() { close(s.woken) })
	}
	return nil
}

func (s *sink) WriteMessage(int, []byte) error            { return nil }
func (s *sink) WriteControl(int, []byte, time.Time) error { return nil }
func (s *sink) SetWriteDeadline(time.Time) error          { return nil }
func (s *sink) SetReadLimit(int64)                        {}
func (s *sink) Close() error                              { return nil }
