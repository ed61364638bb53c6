package redis_test

import (
	"fmt"
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"sidetext/hub"
	"sidetext/hub/bustest"
	"sidetext/hub/redis"
	"sidetext/hub/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var silent = slog.New(slog.DiscardHandler)

// open opens node's bus on the test's own channel.
func open(t testing.TB, url, node string) *redis.Bus {
	t.Helper()
	bus, err := redis.Open(t.Context(), url, "sidetext/"+t.Name(), node, silent)
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
		return func(node string) hub.Bus { return open(t, server.URL(), node) }
	})
}

func TestSplit(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	a, b := open(t, server.URL(), "a"), open(t, server.URL(), "b")
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
