package redis_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"sidetext/hub"
	"sidetext/hub/bustest"
	"sidetext/hub/redis"
	"sidetext/hub/redistest"
)

// paced opens a bus with heartbeats that follow each other faster.
func paced(t testing.TB, addr, node string, beat time.Duration) *redis.Bus {
	t.Helper()
	bus, err := redis.OpenPaced(t.Context(), "redis://"+addr, "sidetext/"+t.Name(), node, silent, beat, 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	return bus
}

func lost(n int) func(bustest.Heard) bool {
	return func(h bustest.Heard) bool { return h.Lost >= n }
}

// heard publishes on one bus until that arrives at the ear; the first attempts
// may be dropped.
func heard(t testing.TB, bus hub.Bus, ear *bustest.Ear, room string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var speaking sync.WaitGroup
	defer speaking.Wait()
	defer cancel()
	speaking.Go(func() {
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
	ear.UntilHint(room, 1)
}

// load publishes about a thousand hints a second until it is stopped, each about
// a room of its own, and says how many.
func load(t testing.TB, bus hub.Bus) (stop func() int) {
	end := make(chan struct{})
	n := 0
	var working sync.WaitGroup
	working.Go(func() {
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
	stop = sync.OnceValue(func() int { close(end); working.Wait(); return n })
	t.Cleanup(func() { stop() })
	return stop
}

func TestKilledSubscriptions(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	const beat = 2 * time.Second // no machine is so slow that three are missed
	a, b := patient(t, server.URL(), "a", beat), patient(t, server.URL(), "b", beat)
	ear, _ := bustest.Listen(t, b)
	stop := load(t, a)
	for i := range 5 {
		ear.Until("load", func(h bustest.Heard) bool { return h.Since > 50 })
		server.Do(t, "CLIENT", "KILL", "TYPE", "pubsub")
		ear.Until("that something is lost", lost(i+2))
	}
	ear.Until("load", func(h bustest.Heard) bool { return h.Since > 50 })
	newest := 0
	for room := range ear.Now().Hints {
		if i, err := strconv.Atoi(strings.TrimPrefix(room, "load ")); err == nil {
			newest = max(newest, i)
		}
	}
	n := stop()
	heard(t, a, ear, "after")
	bustest.Whole(t, b, true)
	h := ear.Now()
	if h.Lost != 6 || b.Health().Again != 5 {
		t.Errorf("five times cut: lost %d, again %d", h.Lost, b.Health().Again)
	}
	for i := newest; i <= n; i++ { // what was published after the last time
		if h.Hints[fmt.Sprint("load ", i)] == 0 {
			t.Fatalf("%d of %d was not heard", i, n)
		}
	}
}

// A way that never holds is not tried without a pause: each time costs the ear a
// look at everything.
func TestCutAgainAndAgain(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	bus := open(t, server.URL(), "a")
	ear, _ := bustest.Listen(t, bus)
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr})
	t.Cleanup(func() { _ = client.Close() })
	start := time.Now()
	for time.Since(start) < 1500*time.Millisecond {
		if err := client.ClientKillByFilter(t.Context(), "TYPE", "pubsub").Err(); err != nil {
			t.Fatal(err)
		}
	}
	if n, took := ear.Now().Lost, time.Since(start); float64(n) > 7*took.Seconds() {
		t.Errorf("in %v it was told %d times that something is lost", took, n)
	}
	ear.Until("that something is lost", lost(2))
	bustest.Whole(t, bus, true)
	heard(t, bus, ear, "after")
}

func TestServerKilled(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var said lines
	a, err := redis.Open(t.Context(), server.URL(), "sidetext/x", "a", slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	ear, _ := bustest.Listen(t, a)
	for i := range 2 {
		stop := load(t, a)
		server.Kill()
		bustest.Whole(t, a, false)
		for a.Health().Dropped < uint64(50*(i+1)) { // the server is away for a while
			<-time.After(time.Millisecond)
		}
		server.Again(t)
		ear.Until("that something is lost", lost(i+2))
		bustest.Whole(t, a, true)
		stop()
		heard(t, a, ear, fmt.Sprint("after ", i))
	}
	if got := said.String(); strings.Count(got, "do not hear") != 2 || strings.Count(got, "nodes hear each other") != 3 {
		t.Errorf("it logs %s", got)
	}
}

// With the heartbeat that the product has.
func TestBlackHole(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := poisoned(t, server.Addr)
	a, b := open(t, "redis://"+proxy.Listen, "a"), open(t, server.URL(), "b")
	ear, _ := bustest.Listen(t, a)
	near, _ := bustest.Listen(t, b)
	poison(t, proxy, "timeout", `{"timeout":0}`)
	found := bustest.Whole(t, a, false)
	if found > 7*time.Second {
		t.Errorf("found after %v", found)
	}
	heard(t, b, near, "meanwhile") // who is not behind it hears on
	heal(t, proxy)
	took := ear.Until("that something is lost", lost(2))
	took += bustest.Whole(t, a, true)
	t.Logf("found after %v, healed %v after it was whole again", found, took)
	heard(t, b, ear, "after b")
	heard(t, a, near, "after a")
}

// A connection that takes everything and gives nothing, though new ones work.
func TestHalfOpen(t *testing.T) {
	t.Parallel()
	const beat = 100 * time.Millisecond
	server := redistest.Start(t)
	tun := dig(t, server.Addr)
	a, b := paced(t, tun.addr, "a", beat), paced(t, server.Addr, "b", beat)
	ear, _ := bustest.Listen(t, a)
	near, _ := bustest.Listen(t, b)
	stop := load(t, b) // that others speak proves nothing
	ear.Until("load", func(h bustest.Heard) bool { return h.Since > 10 })
	if n := tun.halve(true); n == 0 {
		t.Fatal("there is no subscription")
	}
	if took := ear.Until("that something is lost", lost(2)); took < beat {
		t.Errorf("found after %v", took)
	}
	bustest.Whole(t, a, true)
	stop()
	heard(t, b, ear, "after")
	// And the one to publish over: what was lost there all others learn.
	if n := tun.halve(false); n == 0 {
		t.Fatal("there is no connection to publish over")
	}
	was := near.Now().Lost
	a.Publish(hint("lost", 1))
	near.Until("that something is lost", lost(was+1))
	heard(t, a, near, "found again")
	if near.Now().Hints["lost"] != 0 || a.Health().Dropped == 0 {
		t.Errorf("dropped %d", a.Health().Dropped)
	}
}

// Whoever hears others and not itself can't be heard by them.
func TestMute(t *testing.T) {
	t.Parallel()
	const beat = 100 * time.Millisecond
	server := redistest.Start(t)
	server.Do(t, "ACL", "SETUSER", "a", "on", "nopass", "+@all", "allchannels")
	a, b := paced(t, "a:x@"+server.Addr, "a", beat), paced(t, server.Addr, "b", beat)
	ear, _ := bustest.Listen(t, a)
	near, _ := bustest.Listen(t, b)
	load(t, b)
	server.Do(t, "ACL", "SETUSER", "a", "-publish")
	bustest.Whole(t, a, false)
	ear.Until("that something is lost", lost(3))
	heard(t, b, ear, "meanwhile")
	server.Do(t, "ACL", "SETUSER", "a", "+publish")
	bustest.Whole(t, a, true)
	heard(t, a, near, "after")
}

// Whatever Redis does, nobody waits for it.
func TestPublishNeverWaits(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := poisoned(t, server.Addr)
	bus := open(t, "redis://"+proxy.Listen, "a")
	ear, _ := bustest.Listen(t, bus)
	bus.Publish(hint("before", 1))
	ear.UntilHint("before", 1)
	for _, toxic := range []struct{ name, attributes string }{
		{"latency", `{"latency":1000}`}, {"bandwidth", `{"rate":1}`}, {"timeout", `{"timeout":0}`}, {"reset_peer", `{"timeout":0}`},
	} {
		poison(t, proxy, toxic.name, toxic.attributes)
		dropped := bus.Health().Dropped
		var took []time.Duration
		for n := 0; bus.Health().Dropped == dropped || n < 2000; n++ {
			start := time.Now()
			bus.Publish(hint(fmt.Sprint(toxic.name, n), 1))
			took = append(took, time.Since(start))
			<-time.After(50 * time.Microsecond)
		}
		heal(t, proxy)
		slices.Sort(took)
		// One that waited for the network would take 200 ms. The machine may stop us
		// for longer, but not each time.
		if half := took[len(took)/2]; half > 100*time.Millisecond {
			t.Errorf("%s: half of them took %v", toxic.name, half)
		}
	}
	proxy.Stop()
	bus.Close()
}
