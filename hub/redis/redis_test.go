package redis_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"sidetext/hub"
	"sidetext/hub/bustest"
	"sidetext/hub/redis"
	"sidetext/hub/redistest"
)

func TestMain(m *testing.M) { bustest.Main(m) }

var discard = slog.New(slog.DiscardHandler)

// open opens node's bus on the test's channel, with the timing of production.
func open(t testing.TB, url, node string) *redis.Bus {
	t.Helper()
	bus, err := redis.Open(t.Context(), url, "sidetext/"+t.Name(), node, discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	return bus
}

// openUntilRefused opens a bus until that is refused, and returns why. Open
// succeeds if the server does not answer in time, as on a slow machine.
func openUntilRefused(t *testing.T, url string, log *slog.Logger) error {
	t.Helper()
	for start := time.Now(); time.Since(start) < 15*time.Minute; {
		bus, err := redis.Open(t.Context(), url, "sidetext/x", "a", log)
		if err != nil {
			return err
		}
		bus.Close()
	}
	return nil
}

// openFast opens a bus with a short heartbeat interval.
func openFast(t testing.TB, addr, node string, heartbeat time.Duration) *redis.Bus {
	t.Helper()
	return openWithTiming(t, "redis://"+addr, node, heartbeat, 200*time.Millisecond)
}

// openPatient opens a bus with a long timeout for publishing, for tests on a busy
// machine in which no message may be dropped.
func openPatient(t testing.TB, url, node string, heartbeat time.Duration) *redis.Bus {
	t.Helper()
	return openWithTiming(t, url, node, heartbeat, 10*time.Second)
}

func openWithTiming(t testing.TB, url, node string, heartbeat, timeout time.Duration) *redis.Bus {
	t.Helper()
	bus, err := redis.OpenWithTiming(t.Context(), url, "sidetext/"+t.Name(), node, discard, heartbeat, timeout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	return bus
}

func hint(room string, rev int64) hub.Message {
	return hub.Message{Hints: []hub.Hint{{Room: room, Rev: rev}}}
}

// publishUntilReceived publishes a hint about room repeatedly, because the first
// attempts may be dropped, until recorder has received it.
func publishUntilReceived(t testing.TB, bus hub.Bus, recorder *bustest.Recorder, room string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var publishing sync.WaitGroup
	defer publishing.Wait()
	defer cancel()
	publishing.Go(func() {
		tick := time.NewTicker(300 * time.Millisecond)
		defer tick.Stop()
		for {
			bus.Publish(hint(room, 1))
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	recorder.WaitForHint(room, 1)
}

// publishLoad publishes about a thousand hints a second, about the rooms "load 1",
// "load 2" …, until stop is called. stop returns their number.
func publishLoad(t testing.TB, bus hub.Bus) (stop func() int) {
	end := make(chan struct{})
	n := 0
	var publishing sync.WaitGroup
	publishing.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
				n++
				bus.Publish(hint(fmt.Sprint("load ", n), 1))
			}
		}
	})
	stop = sync.OnceValue(func() int { close(end); publishing.Wait(); return n })
	t.Cleanup(func() { stop() })
	return stop
}

func TestSuite(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	bustest.Run(t, func(t *testing.T) bustest.Fleet {
		return func(node string) hub.Bus { return openPatient(t, server.URL(), node, 2*time.Second) }
	})
}

// A message that does not fit into one envelope is split.
func TestSplitMessage(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	a, b := openPatient(t, server.URL(), "a", 2*time.Second), openPatient(t, server.URL(), "b", 2*time.Second)
	recorder, _ := bustest.Subscribe(t, b)
	var m hub.Message
	for i := range 5000 {
		m.Hints = append(m.Hints, hub.Hint{Room: fmt.Sprintf("a room with a name <%d>", i), Rev: int64(i + 1)})
	}
	a.Publish(m)
	recorder.WaitFor("all hints", func(all bustest.Received) bool { return len(all.Hints) == len(m.Hints) })
	if got := recorder.Received(); got.Messages < 4 || got.Losses != 1 {
		t.Errorf("%d messages, %d losses", got.Messages, got.Losses)
	}
}
