package hub_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// Each case is one order in which joining, reading, opening, looking, hints and
// news can fall. They all end at the newest revision, without a gap or a repeat;
// what differs is the way there.
func TestOrders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		play  func(w *world) *viewer
		heard []string
		looks []string
	}{
		"a hint after opening": {func(w *world) *viewer {
			v := w.view("r")
			synctest.Wait()
			w.Hint("r", w.commit("r"))
			return v
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0"}},

		"a hint between reading and opening": {func(w *world) *viewer {
			w.opening = func(string) { w.opening = nil; w.Hint("r", w.commit("r")) }
			return w.view("r")
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0"}},

		"a hint without a revision between reading and opening": {func(w *world) *viewer {
			w.opening = func(string) { w.opening = nil; w.commit("r"); w.Hint("r", 0) }
			return w.view("r")
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0"}},

		"news between reading and opening": {func(w *world) *viewer {
			w.opening = func(string) { w.opening = nil; w.Tell("r", changed("r", 0, w.commit("r"))) }
			return w.view("r")
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0"}},

		"a hint of what the opening held": {func(w *world) *viewer {
			rev := w.commit("r")
			v := w.view("r")
			synctest.Wait()
			w.Hint("r", rev)
			return v
		}, []string{"opened 1"}, nil},

		"news that leads on": {func(w *world) *viewer {
			v := w.view("r")
			synctest.Wait()
			n := changed("r", 0, w.commit("r"))
			w.Tell("r", n)
			w.Tell("r", n)
			w.Hint("r", n.Rev)
			return v
		}, []string{"opened 0", "changed 0 1"}, nil},

		"news in the wrong order": {func(w *world) *viewer {
			v := w.view("r")
			synctest.Wait()
			first, second := changed("r", 0, w.commit("r")), changed("r", 1, w.commit("r"))
			w.Tell("r", second)
			synctest.Wait()
			w.Tell("r", first)
			return v
		}, []string{"opened 0", "changed 0 2"}, []string{"r 0"}},

		"news while a look is under way that will not hold it": {func(w *world) *viewer {
			v := w.view("r")
			synctest.Wait()
			proceed := w.pause()
			w.Hint("r", w.commit("r"))
			synctest.Wait()
			w.Tell("r", changed("r", 0, w.commit("r")))
			close(proceed)
			return v
		}, []string{"opened 0", "changed 0 2"}, []string{"r 0"}},

		"many hints while a look is under way": {func(w *world) *viewer {
			v := w.view("r")
			synctest.Wait()
			proceed := w.pause()
			w.Hint("r", w.commit("r"))
			synctest.Wait()
			for range 100 {
				w.Hint("r", w.commit("r"))
			}
			close(proceed)
			return v
		}, []string{"opened 0", "changed 0 1", "changed 1 101"}, []string{"r 0", "r 1"}},

		"a hint of more than there is": {func(w *world) *viewer {
			v := w.view("r")
			synctest.Wait()
			rev := w.commit("r")
			w.Hint("r", rev+1000)
			synctest.Wait()
			w.Hint("r", rev) // the first one is forgotten by now
			return v
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0"}},

		"a look that failed for somebody who left": {func(w *world) *viewer {
			first := w.view("r")
			synctest.Wait()
			opened := make(chan struct{})
			w.opening = func(string) { // the second viewer has read by now
				w.opening = nil
				w.set(true)
				w.Hint("r", w.commit("r"))
				time.Sleep(time.Millisecond)
				_ = first.conn.Close()
				<-first.gone
				w.set(false)
				close(opened)
			}
			second := w.view("r")
			<-opened
			return second
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0", "r 0"}},

		"opening again": {func(w *world) *viewer {
			v := w.view("r")
			synctest.Wait()
			w.opening = func(string) { w.opening = nil; w.Hint("r", w.commit("r")) }
			v.say("open r")
			return v
		}, []string{"opened 0", "opened 0", "changed 0 1"}, []string{"r 0"}},

		"another room": {func(w *world) *viewer {
			v := w.view("other")
			v.say("open r")
			synctest.Wait()
			w.Hint("other", w.commit("other"))
			w.Hint("r", w.commit("r"))
			return v
		}, []string{"opened 0", "opened 0", "changed 0 1"}, []string{"r 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hub.Settings{Beat: time.Hour})
				defer w.end()
				v := test.play(w)
				synctest.Wait()
				v.want(test.heard...)
				if got := w.looked(); !slices.Equal(got, test.looks) {
					t.Errorf("looked at %q, want %q", got, test.looks)
				}
			})
		})
	}
}

// pause lets the next look read the store and then wait.
func (w *world) pause() chan struct{} {
	proceed := make(chan struct{})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looking = func(ctx context.Context, _ string) {
		w.mu.Lock()
		w.looking = nil
		w.mu.Unlock()
		select {
		case <-proceed:
		case <-ctx.Done():
		}
	}
	return proceed
}

// Two viewers of one room, at different revisions: one opens while a look for the
// other is under way, once with less than that look is for, once with more.
func TestOpeningDuringALook(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		late        bool // the second viewer reads after the look did
		first, then []string
	}{
		"with less": {false, []string{"opened 1", "changed 1 2"}, []string{"opened 0", "changed 0 2"}},
		"with more": {true, []string{"opened 1", "changed 1 2", "changed 2 3"}, []string{"opened 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hub.Settings{Beat: time.Hour})
				defer w.end()
				read, opened := make(chan struct{}), make(chan struct{})
				second := w.connect(t.Context(), false)
				if !test.late { // it reads at 0, and opens when everything else is at 2
					w.opening = func(string) { w.opening = nil; close(read); <-opened }
					second.say("open r")
					<-read
				}
				w.commit("r")
				first := w.view("r")
				synctest.Wait()
				proceed := w.pause()
				w.Hint("r", w.commit("r"))
				synctest.Wait()
				if test.late {
					w.commit("r")
					second.say("open r")
				} else {
					close(opened)
				}
				synctest.Wait()
				close(proceed)
				synctest.Wait()
				first.want(test.first...)
				second.want(test.then...)
			})
		})
	}
}

// All viewers of a room get the same bytes, and they are read once.
func TestOneLookForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{Beat: time.Hour})
		defer w.end()
		var all []*viewer
		for range 20 {
			all = append(all, w.view("r"))
		}
		synctest.Wait()
		w.Hint("r", w.commit("r"))
		w.Hint("unseen", w.commit("unseen"))
		synctest.Wait()
		for _, v := range all {
			v.want("opened 0", "changed 0 1")
		}
		if got := w.looked(); len(got) != 1 {
			t.Errorf("looked at %q, want once", got)
		}
		if got := w.Rooms(); !slices.Equal(got, []string{"r"}) {
			t.Errorf("rooms %q", got)
		}
	})
}
