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

// Whatever becomes of the hints, however slow or broken the store was, whoever
// came and went: every viewer follows without a gap or a repeat (a viewer
// reports those by itself), and within a beat of the store's recovery each has
// the newest revision and is not told otherwise.
func TestEveryViewerEndsComplete(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, follow) })
}

func follow(t *rapid.T) {
	w := newWorld(t, hub.Settings{Lookers: rapid.IntRange(1, 3).Draw(t, "lookers"), Silence: time.Hour})
	defer w.end()
	random := newDice(rapid.Uint64().Draw(t, "seed"))
	w.looking = func(ctx context.Context, _ string) { random.nap(ctx, 30*time.Millisecond) }
	w.opening = func(string) { random.nap(context.Background(), 30*time.Millisecond) }
	rooms := rapid.SampledFrom([]string{"shop a/1", "shop a/2", "shop b/1"})
	var viewers []*viewer
	var hints []func() // on their way

	t.Repeat(map[string]func(*rapid.T){
		"change": func(t *rapid.T) {
			room := rooms.Draw(t, "room")
			rev := w.commit(room)
			hints = append(hints, func() { w.Hint(room, rev) }, func() { w.Hint(room, 0) },
				func() { w.Tell(room, changed(room, rev-1, rev)) })
			if rapid.Bool().Draw(t, "at once") {
				hints[len(hints)-rapid.IntRange(1, 3).Draw(t, "which")]()
			}
		},
		"hint arrives": func(t *rapid.T) { // again, or late, or never
			if len(hints) > 0 {
				rapid.SampledFrom(hints).Draw(t, "hint")()
			}
		},
		"viewer comes": func(t *rapid.T) {
			if len(viewers) < 10 {
				viewers = append(viewers, w.view(rooms.Draw(t, "room")))
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
				rapid.SampledFrom(viewers).Draw(t, "viewer").say("open " + rooms.Draw(t, "room"))
			}
		},
		"store breaks":  func(*rapid.T) { w.set(true) },
		"store is back": func(*rapid.T) { w.set(false) },
		"time passes": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.IntRange(0, 50).Draw(t, "ms")) * time.Millisecond)
		},
		"much time passes": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.IntRange(0, 20).Draw(t, "s")) * time.Second)
		},
	})

	w.set(false)
	time.Sleep(beat + time.Second)
	synctest.Wait()
	for i, v := range viewers {
		room, pos, stale := v.state()
		if v.ended() {
			if !errors.Is(v.why, errDown) { // it opened while the store was down
				t.Errorf("viewer %d of %s ended: %v", i, room, v.why)
			}
			continue
		}
		if pos != w.at(room) || stale {
			t.Errorf("viewer %d of %s is at %d, stale %v, want %d", i, room, pos, stale, w.at(room))
		}
	}
}

func (v *viewer) ended() bool {
	select {
	case <-v.gone:
		return true
	default:
		return false
	}
}

// dice are random delays that many goroutines take.
type dice struct {
	mu sync.Mutex
	*rand.Rand
}

func newDice(seed uint64) *dice { return &dice{Rand: rand.New(rand.NewPCG(seed, 0))} }

func (d *dice) nap(ctx context.Context, most time.Duration) {
	d.mu.Lock()
	length := time.Duration(d.Int64N(int64(most)))
	d.mu.Unlock()
	select {
	case <-time.After(length):
	case <-ctx.Done():
	}
}
