package redis_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sidetext/hub"
	"sidetext/hub/bustest"
	"sidetext/hub/redis"
	"sidetext/hub/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var silent = slog.New(slog.DiscardHandler)

// open opens node's bus on the test's own channel, as the product does.
func open(t testing.TB, url, node string) *redis.Bus {
	t.Helper()
	bus, err := redis.Open(t.Context(), url, "sidetext/"+t.Name(), node, silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	return bus
}

// refused opens a bus until that is refused, and returns why. A bus that gets no
// answer in time opens all the same: Redis may be away, or the machine too slow.
func refused(t *testing.T, url string, log *slog.Logger) error {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 15*time.Minute; {
		bus, err := redis.Open(t.Context(), url, "sidetext/x", "a", log)
		if err != nil {
			return err
		}
		bus.Close()
	}
	return nil
}

// patient opens a bus that gives a busy machine time to publish, where nothing
// may be dropped.
func patient(t testing.TB, url, node string, beat time.Duration) *redis.Bus {
	t.Helper()
	bus, err := redis.OpenPaced(t.Context(), url, "sidetext/"+t.Name(), node, silent, beat, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	return bus
}

func hint(room string, rev int64) hub.Message {
	return hub.Message{Hints: []hub.Hint{{Room: room, Rev: rev}}}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	bustest.Run(t, func(t *testing.T) bustest.Fleet {
		return func(node string) hub.Bus { return patient(t, server.URL(), node, 2*time.Second) }
	})
}

func TestSplit(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	a, b := patient(t, server.URL(), "a", 2*time.Second), patient(t, server.URL(), "b", 2*time.Second)
	ear, _ := bustest.Listen(t, b)
	var m hub.Message
	for i := range 5000 {
		m.Hints = append(m.Hints, hub.Hint{Room: fmt.Sprintf("a room with a name <%d>", i), Rev: int64(i + 1)})
	}
	a.Publish(m)
	ear.Until("all hints", func(h bustest.Heard) bool { return len(h.Hints) == len(m.Hints) })
	if h := ear.Now(); h.Messages < 4 || h.Lost != 1 {
		t.Errorf("%d messages, lost %d", h.Messages, h.Lost)
	}
}
