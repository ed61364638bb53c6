package redis_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"sidetext/hub/bustest"
	"sidetext/hub/redis"
	"sidetext/hub/redistest"
)

func TestSubscriptionKilled(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	const heartbeat = 2 * time.Second // so long that a slow machine does not miss three
	a, b := openPatient(t, server.URL(), "a", heartbeat), openPatient(t, server.URL(), "b", heartbeat)
	recorder, _ := bustest.Subscribe(t, b)
	stop := publishLoad(t, a)
	for i := range 5 {
		recorder.WaitFor("load", func(all bustest.Received) bool { return all.SinceLoss > 50 })
		server.Do(t, "CLIENT", "KILL", "TYPE", "pubsub")
		recorder.WaitForLosses(i + 2)
	}
	recorder.WaitFor("load", func(all bustest.Received) bool { return all.SinceLoss > 50 })
	newest := 0
	for room := range recorder.Received().Hints {
		if i, err := strconv.Atoi(strings.TrimPrefix(room, "load ")); err == nil {
			newest = max(newest, i)
		}
	}
	n := stop()
	publishUntilReceived(t, a, recorder, "after")
	bustest.WaitHealthy(t, b, true)
	got := recorder.Received()
	if got.Losses != 6 || b.Health().Reconnects != 5 {
		t.Errorf("after five kills: %d losses, %d reconnects", got.Losses, b.Health().Reconnects)
	}
	for i := newest; i <= n; i++ { // what was published after the last kill
		if got.Hints[fmt.Sprint("load ", i)] == 0 {
			t.Fatalf("hint %d of %d was not received", i, n)
		}
	}
}

// A subscription that is killed again and again is replaced with a back-off, because
// each one costs the subscriber a comparison with the store.
func TestSubscriptionKilledRepeatedly(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	bus := open(t, server.URL(), "a")
	recorder, _ := bustest.Subscribe(t, bus)
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr})
	t.Cleanup(func() { _ = client.Close() })
	start := time.Now()
	for time.Since(start) < 1500*time.Millisecond {
		if err := client.ClientKillByFilter(t.Context(), "TYPE", "pubsub").Err(); err != nil {
			t.Fatal(err)
		}
	}
	if n, took := recorder.Received().Losses, time.Since(start); float64(n) > 7*took.Seconds() {
		t.Errorf("%d losses in %v", n, took)
	}
	recorder.WaitForLosses(2)
	bustest.WaitHealthy(t, bus, true)
	publishUntilReceived(t, bus, recorder, "after")
}

func TestServerKilled(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var log logBuffer
	a, err := redis.Open(t.Context(), server.URL(), "sidetext/x", "a", slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	recorder, _ := bustest.Subscribe(t, a)
	for i := range 2 {
		stop := publishLoad(t, a)
		server.Kill()
		bustest.WaitHealthy(t, a, false)
		for a.Health().Dropped < uint64(50*(i+1)) { // keep the server down for a while
			<-time.After(time.Millisecond)
		}
		server.Restart(t)
		recorder.WaitForLosses(i + 2)
		bustest.WaitHealthy(t, a, true)
		stop()
		publishUntilReceived(t, a, recorder, fmt.Sprint("after ", i))
	}
	if got := log.String(); strings.Count(got, "redis connection lost") != 2 || strings.Count(got, "redis connected") != 3 {
		t.Errorf("log:\n%s", got)
	}
}

// The network drops everything, with the heartbeat interval of production.
func TestNetworkPartition(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := newToxicProxy(t, server.Addr)
	a, b := open(t, "redis://"+proxy.Listen, "a"), open(t, server.URL(), "b")
	recorderA, _ := bustest.Subscribe(t, a)
	recorderB, _ := bustest.Subscribe(t, b)
	addToxic(t, proxy, "timeout", `{"timeout":0}`)
	detected := bustest.WaitHealthy(t, a, false)
	publishUntilReceived(t, b, recorderB, "during") // the other node is not affected
	removeToxics(t, proxy)
	recovered := recorderA.WaitForLosses(2)
	recovered += bustest.WaitHealthy(t, a, true)
	t.Logf("detected after %v, recovered after %v", detected, recovered)
	publishUntilReceived(t, b, recorderA, "after b")
	publishUntilReceived(t, a, recorderB, "after a")
}

// Existing connections accept what is written and deliver nothing, and new ones
// work.
func TestHalfOpenConnections(t *testing.T) {
	t.Parallel()
	const heartbeat = 100 * time.Millisecond
	server := redistest.Start(t)
	proxy := newHalfOpenProxy(t, server.Addr)
	a, b := openFast(t, proxy.addr, "a", heartbeat), openFast(t, server.Addr, "b", heartbeat)
	recorderA, _ := bustest.Subscribe(t, a)
	recorderB, _ := bustest.Subscribe(t, b)
	stop := publishLoad(t, b) // other nodes' messages must not hide that the own heartbeats are missing
	recorderA.WaitFor("load", func(all bustest.Received) bool { return all.SinceLoss > 10 })
	if n := proxy.halfOpen(true); n == 0 {
		t.Fatal("no subscription")
	}
	if took := recorderA.WaitForLosses(2); took < heartbeat {
		t.Errorf("detected after %v", took)
	}
	bustest.WaitHealthy(t, a, true)
	stop()
	publishUntilReceived(t, b, recorderA, "after")
	// The publishing connection: the other nodes detect what is lost on it. If that is
	// a heartbeat, the hint is published on the next connection.
	lost := ""
	for n := 0; a.Health().Dropped == 0; n++ {
		if proxy.halfOpen(false) == 0 {
			t.Fatal("no publishing connection")
		}
		losses := recorderB.Received().Losses
		lost = fmt.Sprint("lost ", n)
		a.Publish(hint(lost, 1))
		recorderB.WaitForLosses(losses + 1)
		publishUntilReceived(t, a, recorderB, fmt.Sprint("recovered ", n))
	}
	if rev := recorderB.Received().Hints[lost]; rev != 0 {
		t.Errorf("the lost hint was received: %d", rev)
	}
}

// A node that receives others' messages and not its own is unhealthy, because the
// others do not receive its messages either.
func TestPublishDenied(t *testing.T) {
	t.Parallel()
	const heartbeat = 100 * time.Millisecond
	server := redistest.Start(t)
	server.Do(t, "ACL", "SETUSER", "a", "on", "nopass", "+@all", "allchannels")
	a, b := openFast(t, "a:x@"+server.Addr, "a", heartbeat), openFast(t, server.Addr, "b", heartbeat)
	recorderA, _ := bustest.Subscribe(t, a)
	recorderB, _ := bustest.Subscribe(t, b)
	publishLoad(t, b)
	server.Do(t, "ACL", "SETUSER", "a", "-publish")
	bustest.WaitHealthy(t, a, false)
	recorderA.WaitForLosses(3)
	publishUntilReceived(t, b, recorderB, "during")
	server.Do(t, "ACL", "SETUSER", "a", "+publish")
	bustest.WaitHealthy(t, a, true)
	publishUntilReceived(t, a, recorderB, "after")
}

// Publish never blocks, whatever happens to the connection.
func TestPublishNeverBlocks(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := newToxicProxy(t, server.Addr)
	bus := open(t, "redis://"+proxy.Listen, "a")
	recorder, _ := bustest.Subscribe(t, bus)
	bus.Publish(hint("before", 1))
	recorder.WaitForHint("before", 1)
	for _, toxic := range []struct{ name, attributes string }{
		{"latency", `{"latency":1000}`}, {"bandwidth", `{"rate":1}`}, {"timeout", `{"timeout":0}`}, {"reset_peer", `{"timeout":0}`},
	} {
		addToxic(t, proxy, toxic.name, toxic.attributes)
		dropped := bus.Health().Dropped
		var took []time.Duration
		for n := 0; bus.Health().Dropped == dropped || n < 2000; n++ {
			start := time.Now()
			bus.Publish(hint(fmt.Sprint(toxic.name, n), 1))
			took = append(took, time.Since(start))
			<-time.After(50 * time.Microsecond)
		}
		removeToxics(t, proxy)
		slices.Sort(took)
		// A call that waits for the network takes 200 ms. The machine may stop the
		// test for longer, but not at every call.
		if median := took[len(took)/2]; median > 100*time.Millisecond {
			t.Errorf("%s: the median call took %v", toxic.name, median)
		}
	}
	proxy.Stop()
	bus.Close()
}
