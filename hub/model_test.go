package hub_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sidetext/hub"
)

// Hints are lost, duplicated, delayed and reordered, the store is slow or down, and
// viewers come and go. Each viewer receives updates without a gap or a duplicate
// (which a viewer reports by itself), and one heartbeat after the store has
// recovered it has the newest revision and is not stale.
func TestAllViewersReachTheNewestRevision(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, runHub) })
}

func runHub(t *rapid.T) {
	h := newTestHub(t, hub.Settings{Readers: rapid.IntRange(1, 3).Draw(t, "readers"), IdleTimeout: time.Hour})
	defer h.end()
	random := newDice(rapid.Uint64().Draw(t, "seed"))
	h.onRead = func(ctx context.Context, _ string) { random.sleep(ctx, 30*time.Millisecond) }
	h.onOpen = func(string) { random.sleep(context.Background(), 30*time.Millisecond) }
	rooms := rapid.SampledFrom([]string{"shop a/1", "shop a/2", "shop b/1"})
	var viewers []*viewer
	var hints []func() // the calls that a server could make

	t.Repeat(map[string]func(*rapid.T){
		"change": func(t *rapid.T) {
			room := rooms.Draw(t, "room")
			rev := h.commit(room)
			hints = append(hints, func() { h.Hint(room, rev) }, func() { h.Hint(room, 0) },
				func() { h.SendUpdate(room, changed(room, rev-1, rev)) })
			if rapid.Bool().Draw(t, "at once") {
				hints[len(hints)-rapid.IntRange(1, 3).Draw(t, "which")]()
			}
		},
		"hint arrives": func(t *rapid.T) { // again, late, or never
			if len(hints) > 0 {
				rapid.SampledFrom(hints).Draw(t, "hint")()
			}
		},
		"viewer comes": func(t *rapid.T) {
			if len(viewers) < 10 {
				viewers = append(viewers, h.view(rooms.Draw(t, "room")))
			}
		},
		"viewer goes": func(t *rapid.T) {
			if len(viewers) > 0 {
				i := rapid.IntRange(0, len(viewers)-1).Draw(t, "viewer")
				_ = viewers[i].conn.Close()
				viewers = append(viewers[:i], viewers[i+1:]...)
			}
		},
		"viewer opens": func(t *rapid.T) {
			if len(viewers) > 0 {
				rapid.SampledFrom(viewers).Draw(t, "viewer").send("open " + rooms.Draw(t, "room"))
			}
		},
		"store breaks":   func(*rapid.T) { h.setDown(true) },
		"store recovers": func(*rapid.T) { h.setDown(false) },
		"time passes": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.IntRange(0, 50).Draw(t, "ms")) * time.Millisecond)
		},
		"much time passes": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.IntRange(0, 20).Draw(t, "s")) * time.Second)
		},
	})

	h.setDown(false)
	time.Sleep(heartbeat + time.Second)
	synctest.Wait()
	for i, v := range viewers {
		room, pos, stale := v.state()
		if v.ended() {
			if !errors.Is(v.err, errDown) { // it opened a room while the store was down
				t.Errorf("viewer %d of %s ended: %v", i, room, v.err)
			}
			continue
		}
		if pos != h.rev(room) || stale {
			t.Errorf("viewer %d of %s is at %d, stale %v, want %d", i, room, pos, stale, h.rev(room))
		}
	}
}

// dice are a random source for several goroutines.
type dice struct {
	mu sync.Mutex
	*rand.Rand
}

func newDice(seed uint64) *dice { return &dice{Rand: rand.New(rand.NewPCG(seed, 0))} }

// sleep sleeps for a random time up to most, or until ctx ends.
func (d *dice) sleep(ctx context.Context, most time.Duration) {
	d.mu.Lock()
	length := time.Duration(d.Int64N(int64(most)))
	d.mu.Unlock()
	select {
	case <-time.After(length):
	case <-ctx.Done():
	}
}
