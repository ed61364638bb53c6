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

// A change that nobody hinted at is there within one beat, and the beat says
// where the conversation is.
func TestBeatHealsALostHint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{})
		defer w.end()
		v := w.view("r")
		synctest.Wait()
		w.commit("r")
		time.Sleep(beat)
		synctest.Wait()
		v.want("opened 0", "changed 0 1")
		if last := v.heard[len(v.heard)-1]; last != "beat 1" {
			t.Errorf("last heard %q, want the beat", last)
		}
	})
}

// Each viewed room is looked at once per beat, and not all at the same time.
func TestBeatsAreSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rooms = 512
		w := newWorld(t, hub.Settings{Silence: time.Hour})
		defer w.end()
		for i := range rooms {
			w.view(fmt.Sprint("r", i))
		}
		synctest.Wait()
		time.Sleep(beat) // the wheel has gone round once: from here on all is regular
		synctest.Wait()
		before, most := len(w.looked()), 0
		for range 15 {
			start := len(w.looked())
			time.Sleep(beat / 15)
			synctest.Wait()
			most = max(most, len(w.looked())-start)
		}
		looks := w.looked()[before:]
		slices.Sort(looks)
		if once := len(slices.Compact(slices.Clone(looks))); len(looks) != rooms || once != rooms {
			t.Errorf("%d looks at %d rooms in one beat, want %d", len(looks), once, rooms)
		}
		if most > rooms/15*2 {
			t.Errorf("%d of %d looks in one second", most, rooms)
		}
	})
}

// While the store cannot be read, viewers are told, and no beat claims that all
// is well; when it can be again, they get what they lack, then a beat.
func TestStale(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hint bool          // a hint comes, otherwise only the beat looks
		hang bool          // the store does not answer, otherwise it fails
		told time.Duration // within which viewers are told
		heal time.Duration // within which they are up to date again
	}{
		"fails, found by a hint":   {true, false, 0, 8 * time.Second},
		"fails, found by a beat":   {false, false, beat, 8 * time.Second},
		"hangs, found by a hint":   {true, true, 5 * time.Second, beat},
		"hangs, found by the beat": {false, true, beat + 6*time.Second, beat},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hub.Settings{Silence: time.Hour})
				defer w.end()
				v := w.view("r")
				other := w.view("other")
				time.Sleep(2 * beat)
				rev := w.commit("r")
				w.set(true)
				if test.hang {
					w.mu.Lock()
					w.looking = func(ctx context.Context, _ string) { <-ctx.Done() }
					w.mu.Unlock()
				}
				if test.hint {
					w.Hint("r", rev)
				}
				time.Sleep(test.told)
				synctest.Wait()
				if _, _, stale := v.state(); !stale {
					t.Fatal("not told")
				}
				time.Sleep(5*beat + time.Second) // the next beat is far
				synctest.Wait()
				for _, v := range []*viewer{v, other} {
					if _, _, stale := v.state(); !stale {
						t.Error("a beat in between")
					}
				}
				if got := w.Stats(); got.Stale != 2 || got.Failed == 0 {
					t.Errorf("stats %+v", got)
				}
				w.set(false)
				w.mu.Lock()
				w.looking = nil
				w.mu.Unlock()
				time.Sleep(test.heal)
				synctest.Wait()
				if _, pos, stale := v.state(); pos != rev || stale {
					t.Errorf("at %d, stale %v, want %d", pos, stale, rev)
				}
			})
		})
	}
}

// One room whose look hangs holds up nobody, and a queue that is too long for the
// lookers is told to viewers like any other failure.
func TestSlowStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{Lookers: 2, Silence: time.Hour})
		defer w.end()
		bad, good := w.view("bad"), w.view("good")
		synctest.Wait()
		w.mu.Lock()
		w.looking = func(ctx context.Context, room string) {
			if room == "bad" {
				<-ctx.Done()
			}
		}
		w.mu.Unlock()
		w.Hint("bad", w.commit("bad"))
		w.Hint("good", w.commit("good"))
		synctest.Wait()
		good.want("opened 0", "changed 0 1")

		w.mu.Lock()
		w.looking = func(ctx context.Context, _ string) { <-ctx.Done() }
		w.mu.Unlock()
		var all []*viewer
		for i := range 50 { // at 2 in 5 s most wait for longer than a beat
			all = append(all, w.view(fmt.Sprint("r", i)))
		}
		time.Sleep(beat + 6*time.Second)
		synctest.Wait()
		for _, v := range append(all, bad, good) {
			if room, _, stale := v.state(); !stale {
				t.Errorf("%s was not told", room)
			}
		}
	})
}

// What a look may say besides news.
func TestLookAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		news hub.News
		err  error
		last string // heard
		code int    // of the close frame
	}{
		"nothing":            {hub.News{}, nil, "opened 5", 0},
		"nothing, with rev":  {hub.News{From: 5, Rev: 5}, nil, "opened 5", 0},
		"too much":           {hub.News{From: 5, Rev: 900}, nil, "beat 900", 0},
		"the store put back": {hub.News{From: 3, Rev: 3}, nil, "opened 5", hub.Behind},
		"no such room":       {hub.News{}, &hub.Close{Code: 4404}, "opened 5", 4404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := hub.New(func(context.Context, string, int64) (hub.News, error) { return test.news, test.err },
					hub.Settings{}, discard)
				w := &world{reporter: t, Hub: h, shelf: &shelf{rev: map[string]int64{"r": 5}}}
				v := w.connect(t.Context(), false)
				v.lenient = true
				v.say("open r")
				synctest.Wait()
				h.Hint("r", 6)
				synctest.Wait()
				if last := v.heard[len(v.heard)-1]; last != test.last {
					t.Errorf("last heard %q, want %q", last, test.last)
				}
				if v.code != test.code {
					t.Errorf("closed with %d, want %d", v.code, test.code)
				}
				w.end()
			})
		})
	}
}
