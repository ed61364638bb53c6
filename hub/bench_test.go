package hub_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/hub"
)

// BenchmarkLive makes 5,000 changes a second in 1,000 rooms, each with a viewer on
// a real socket in this process, and reports how long a change takes to a viewer.
func BenchmarkLive(b *testing.B) {
	b.Run("hint", func(b *testing.B) {
		benchmarkLive(b, 5000, func(s *testServer, room string, rev int64) { s.Hint(room, rev) })
	})
	b.Run("update", func(b *testing.B) {
		benchmarkLive(b, 5000, func(s *testServer, room string, rev int64) {
			s.SendUpdate(room, hub.Update{From: rev - 1, Rev: rev, Frame: textFrame(room, rev-1, rev)})
		})
	})
}

func benchmarkLive(b *testing.B, rate int, show func(s *testServer, room string, rev int64)) {
	const rooms = 1000
	store := newTimedStore()
	s := startServer(b, store, hub.Settings{})
	var mu sync.Mutex
	delays := make([]time.Duration, 0, b.N)
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
				room, from, rev, ok := parseFrame(data)
				if !ok {
					continue
				}
				store.mu.Lock()
				made := store.changes[room][from:rev]
				store.mu.Unlock()
				mu.Lock()
				for _, at := range made {
					delays = append(delays, now.Sub(at))
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
		show(s, room, store.change(room))
	}
	changes.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "changes/s")
	slices.Sort(delays)
	for _, p := range []float64{50, 99} {
		delay := delays[int(float64(len(delays)-1)*p/100)]
		b.ReportMetric(float64(delay)/1e6, fmt.Sprintf("p%.0f-ms", p))
	}
	for _, conn := range conns {
		_ = conn.Close()
	}
	viewers.Wait()
	s.end(b)
}

// BenchmarkSendUpdate measures the hub alone: one update under the one mutex, with
// two concurrent callers, 1,000 rooms, and sockets that discard what is written.
func BenchmarkSendUpdate(b *testing.B) {
	for _, viewers := range []int{0, 1, 10} {
		b.Run(fmt.Sprint(viewers, "-viewers"), func(b *testing.B) { benchmarkSendUpdate(b, 1000, viewers) })
	}
}

func benchmarkSendUpdate(b *testing.B, rooms, viewers int) {
	h := hub.New(newTimedStore().read, hub.Settings{QueueFrames: 1 << 20, QueueBytes: 1 << 40, DrainTime: time.Microsecond}, discard)
	var serving, opening sync.WaitGroup
	opening.Add(rooms * viewers)
	names := make([]string, rooms)
	for i := range names {
		names[i] = fmt.Sprint("shop/", i)
		for range viewers {
			conn := newNullConn(names[i])
			serving.Go(func() {
				_ = h.Serve(b.Context(), conn, func(s *hub.Socket, data []byte) error {
					s.Join(string(data))
					s.SendSnapshot(nil, 0)
					opening.Done()
					return nil
				})
			})
		}
	}
	opening.Wait()
	var next atomic.Int64
	frame := textFrame("shop/0", 0, 1)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := next.Add(1)
			h.SendUpdate(names[i%int64(rooms)], hub.Update{From: 0, Rev: i, Frame: frame})
		}
	})
	b.StopTimer()
	if err := h.Drain(context.Background()); err != nil {
		b.Error(err)
	}
	serving.Wait()
}

// A nullConn is a hub.Conn with one incoming message. It discards what is written.
type nullConn struct {
	message []byte
	ended   chan struct{}
	once    sync.Once
}

func newNullConn(message string) *nullConn {
	return &nullConn{message: []byte(message), ended: make(chan struct{})}
}

func (c *nullConn) ReadMessage() (int, []byte, error) {
	if message := c.message; message != nil {
		c.message = nil
		return textKind, message, nil
	}
	<-c.ended
	return 0, nil, io.EOF
}

func (c *nullConn) SetReadDeadline(at time.Time) error {
	if time.Until(at) < 10*time.Second { // a short deadline means that the hub ends the socket
		c.once.Do(func() { close(c.ended) })
	}
	return nil
}

func (c *nullConn) WriteMessage(int, []byte) error            { return nil }
func (c *nullConn) WriteControl(int, []byte, time.Time) error { return nil }
func (c *nullConn) SetWriteDeadline(time.Time) error          { return nil }
func (c *nullConn) SetReadLimit(int64)                        {}
func (c *nullConn) Close() error                              { return nil }
