package hub_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// A change without a hint reaches viewers within one heartbeat, which carries the
// revision.
func TestHeartbeatFindsChangeWithoutHint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{})
		defer h.end()
		v := h.view("r")
		synctest.Wait()
		h.commit("r")
		time.Sleep(heartbeat)
		synctest.Wait()
		v.want("opened 0", "changed 0 1")
		if last := v.received[len(v.received)-1]; last != "beat 1" {
			t.Errorf("last received %q, want the heartbeat", last)
		}
	})
}

// Each viewed room is read once per heartbeat, and not all at the same time.
func TestHeartbeatsAreSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rooms = 512
		h := newTestHub(t, hub.Settings{IdleTimeout: time.Hour})
		defer h.end()
		for i := range rooms {
			h.view(fmt.Sprint("r", i))
		}
		synctest.Wait()
		time.Sleep(heartbeat) // one turn of the wheel: after it, all rooms are regular
		synctest.Wait()
		before, most := len(h.readLog()), 0
		for range 15 {
			start := len(h.readLog())
			time.Sleep(heartbeat / 15)
			synctest.Wait()
			most = max(most, len(h.readLog())-start)
		}
		reads := h.readLog()[before:]
		slices.Sort(reads)
		if once := len(slices.Compact(slices.Clone(reads))); len(reads) != rooms || once != rooms {
			t.Errorf("%d reads of %d rooms in one heartbeat, want %d", len(reads), once, rooms)
		}
		if most > rooms/15*2 {
			t.Errorf("%d of %d reads in one second", most, rooms)
		}
	})
}

// While the store cannot be read, viewers are stale and receive no heartbeat. When
// it recovers, they receive what they lack, and then a heartbeat.
func TestStale(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hint    bool          // a hint causes the read; otherwise a heartbeat does
		hang    bool          // the read hangs; otherwise it fails
		stale   time.Duration // within which viewers are marked stale
		recover time.Duration // within which they are up to date again
	}{
		"fails after a hint":   {true, false, 0, 8 * time.Second},
		"fails in a heartbeat": {false, false, heartbeat, 8 * time.Second},
		"hangs after a hint":   {true, true, 5 * time.Second, heartbeat},
		"hangs in a heartbeat": {false, true, heartbeat + 6*time.Second, heartbeat},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newTestHub(t, hub.Settings{IdleTimeout: time.Hour})
				defer h.end()
				v := h.view("r")
				other := h.view("other")
				time.Sleep(2 * heartbeat)
				rev := h.commit("r")
				h.setDown(true)
				if test.hang {
					h.setOnRead(func(ctx context.Context, _ string) { <-ctx.Done() })
				}
				if test.hint {
					h.Hint("r", rev)
				}
				time.Sleep(test.stale)
				synctest.Wait()
				if _, _, stale := v.state(); !stale {
					t.Fatal("not stale")
				}
				time.Sleep(5*heartbeat + time.Second) // several heartbeats later, with the next one far away
				synctest.Wait()
				for _, v := range []*viewer{v, other} {
					if _, _, stale := v.state(); !stale {
						t.Error("no longer stale, though the store is down")
					}
				}
				if got := h.Stats(); got.Stale != 2 || got.FailedReads == 0 {
					t.Errorf("stats %+v", got)
				}
				h.setDown(false)
				h.setOnRead(nil)
				time.Sleep(test.recover)
				synctest.Wait()
				if _, pos, stale := v.state(); pos != rev || stale {
					t.Errorf("at %d, stale %v, want %d", pos, stale, rev)
				}
			})
		})
	}
}

// A room whose read hangs does not delay other rooms, and viewers that wait too long
// in the read queue are marked stale, as after a failed read.
func TestSlowStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{Readers: 2, IdleTimeout: time.Hour})
		defer h.end()
		bad, good := h.view("bad"), h.view("good")
		synctest.Wait()
		h.setOnRead(func(ctx context.Context, room string) {
			if room == "bad" {
				<-ctx.Done()
			}
		})
		h.Hint("bad", h.commit("bad"))
		h.Hint("good", h.commit("good"))
		synctest.Wait()
		good.want("opened 0", "changed 0 1")

		h.setOnRead(func(ctx context.Context, _ string) { <-ctx.Done() })
		var all []*viewer
		for i := range 50 { // two of them per 5 s: most wait longer than a heartbeat
			all = append(all, h.view(fmt.Sprint("r", i)))
		}
		time.Sleep(heartbeat + 6*time.Second)
		synctest.Wait()
		for _, v := range append(all, bad, good) {
			if room, _, stale := v.state(); !stale {
				t.Errorf("%s is not stale", room)
			}
		}
	})
}

// What a ReadFunc may return besides an update with a frame.
func TestReadResults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		update hub.Update
		err    error
		last   string // received
		code   int    // of the close frame
	}{
		"nothing":                  {hub.Update{}, nil, "opened 5", 0},
		"nothing, with a revision": {hub.Update{From: 5, Rev: 5}, nil, "opened 5", 0},
		"too much for a frame":     {hub.Update{From: 5, Rev: 900}, nil, "beat 900", 0},
		"restored store":           {hub.Update{From: 3, Rev: 3}, nil, "opened 5", hub.CodeBehind},
		"no such room":             {hub.Update{}, &hub.Close{Code: 4404}, "opened 5", 4404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				read := func(context.Context, string, int64) (hub.Update, error) { return test.update, test.err }
				h := &testHub{reporter: t, fakeStore: &fakeStore{revs: map[string]int64{"r": 5}}, Hub: hub.New(read, hub.Settings{}, discard)}
				v := h.connect(t.Context(), false)
				v.allowAhead = true
				v.send("open r")
				synctest.Wait()
				h.Hint("r", 6)
				synctest.Wait()
				if last := v.received[len(v.received)-1]; last != test.last {
					t.Errorf("last received %q, want %q", last, test.last)
				}
				if v.closeCode != test.code {
					t.Errorf("closed with %d, want %d", v.closeCode, test.code)
				}
				h.end()
			})
		})
	}
}
