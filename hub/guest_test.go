package hub_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// What is rung is heard by all of the group, opened or not, and by nobody else.
func TestRing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{})
		defer w.end()
		closed := w.connect(t.Context(), false)
		closed.say("introduce shop a a")
		open, other := w.agent("b", "r"), w.connect(t.Context(), false)
		other.say("introduce other c c")
		late := w.view("r")
		late.say("introduce shop d d")
		moved := w.agent("e", "r")
		moved.say("introduce other e e")
		left := w.agent("f", "r")
		synctest.Wait()
		_ = left.conn.Close()
		<-left.gone
		w.Ring("shop", []byte("ding"))
		w.Ring("nobody", []byte("dong"))
		synctest.Wait()
		closed.want("ding")
		open.want("opened 0", "ding")
		late.want("opened 0", "ding")
		moved.want("opened 0")
		other.want()
		left.want("opened 0")
		if got := w.Stats(); got.Groups != 2 || got.People != 5 {
			t.Errorf("stats %+v", got)
		}
	})
}

// Who is too slow to hear a ring is sent away to come back, like with any frame.
func TestRingTooSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{Frames: 8, Beat: time.Hour})
		defer w.end()
		slow, quick := w.connect(t.Context(), true), w.agent("b", "r")
		slow.say("introduce shop a a")
		synctest.Wait()
		for range 20 {
			w.Ring("shop", []byte("ding"))
			synctest.Wait()
		}
		close(slow.held)
		<-slow.gone
		synctest.Wait()
		if slow.code != hub.Behind || len(quick.heard) != 21 || w.Stats().Dropped != 1 {
			t.Errorf("closed with %d; the other heard %d; %+v", slow.code, len(quick.heard), w.Stats())
		}
	})
}

// All sockets of a session end with its code, and no others.
func TestEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{})
		defer w.end()
		tab, tab2, other, nobody := w.agent("a", "r"), w.agent("a", "s"), w.agent("b", "r"), w.view("r")
		synctest.Wait()
		why := &hub.Close{Code: 4401, Reason: "signed out"}
		if got := w.End([]string{"x", "a", ""}, why); got != 2 {
			t.Errorf("%d ended, want 2", got)
		}
		<-tab.gone
		<-tab2.gone
		synctest.Wait()
		if tab.code != 4401 || tab2.code != 4401 || !errors.Is(tab.why, why) {
			t.Errorf("closed with %d and %d: %v", tab.code, tab2.code, tab.why)
		}
		if other.ended() || nobody.ended() {
			t.Error("others ended")
		}
		if got := w.End([]string{"a"}, why); got != 0 {
			t.Errorf("%d ended again", got)
		}
	})
}

// A sentry sees what a viewer sees, by the same way, and nobody sees it.
func TestSentry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{Beat: time.Hour})
		defer f.end(t)
		n := f.nodes[1]
		sentry := n.Watch("canary")
		defer sentry.Close()
		synctest.Wait()
		if got := n.Stats(); got.Sockets != 0 || got.Rooms != 0 || got.People != 0 || !n.Viewed("canary") {
			t.Errorf("stats %+v", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := sentry.Await(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nothing happened: %v", err)
		}
		rev := f.change(0, "canary")
		start := time.Now()
		if err := sentry.Await(t.Context(), rev); err != nil || time.Since(start) > 0 {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		if err := sentry.Await(t.Context(), rev); err != nil {
			t.Errorf("again: %v", err)
		}
		if got := f.looked(); len(got) != 1 || got[0] != "canary 0" {
			t.Errorf("looked at %q", got)
		}

		// The bus is silent and says so: it takes a second.
		f.with(func(a *air) { a.silent, a.broken = true, true })
		if err := sentry.Await(t.Context(), f.change(0, "canary")); err != nil || time.Since(start) > 1100*time.Millisecond {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		// The store is down: not at all.
		f.set(true)
		ctx, cancel = context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := sentry.Await(ctx, f.change(0, "canary")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("down: %v", err)
		}
		f.set(false)

		// One that comes later begins where the room is.
		late := n.Watch("canary")
		defer late.Close()
		if err := late.Await(t.Context(), 1); err != nil {
			t.Error(err)
		}
	})
}

// A sentry is sent away like a viewer, ends with the hub, and does not hold it up.
func TestSentryEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := &hub.Close{Code: 4404, Reason: "no such room"}
		h := hub.New(func(context.Context, string, int64) (hub.News, error) { return hub.News{}, gone }, hub.Settings{}, discard)
		refused, waiting, closed := h.Watch("r"), h.Watch("s"), h.Watch("t")
		awaited := func(s *hub.Sentry) chan error {
			said := make(chan error, 1)
			go func() { said <- s.Await(context.Background(), 1) }()
			return said
		}
		r, w, c := awaited(refused), awaited(waiting), awaited(closed)
		h.Hint("r", 1)
		if err := <-r; !errors.Is(err, gone) {
			t.Errorf("refused: %v", err)
		}
		closed.Close()
		if err := <-c; err == nil {
			t.Error("closed, and all is well")
		}
		if err := h.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-w; err == nil {
			t.Error("the hub ended, and all is well")
		}
		refused.Close()
		waiting.Close()
		closed.Close()
		if got := h.Rooms(); len(got) != 0 {
			t.Errorf("rooms %q", got)
		}
	})
}
