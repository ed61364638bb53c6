package hub_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// Each case is one order of joining a room, reading the store, sending the snapshot,
// hints and updates. In all of them the viewer reaches the newest revision without a
// gap or a duplicate; the frames and the reads differ.
func TestEventOrders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		play     func(h *testHub) *viewer
		received []string
		reads    []string
	}{
		"hint after the snapshot": {func(h *testHub) *viewer {
			v := h.view("r")
			synctest.Wait()
			h.Hint("r", h.commit("r"))
			return v
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0"}},

		"hint between read and snapshot": {func(h *testHub) *viewer {
			h.onOpen = func(string) { h.onOpen = nil; h.Hint("r", h.commit("r")) }
			return h.view("r")
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0"}},

		"hint without a revision between read and snapshot": {func(h *testHub) *viewer {
			h.onOpen = func(string) { h.onOpen = nil; h.commit("r"); h.Hint("r", 0) }
			return h.view("r")
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0"}},

		"update between read and snapshot": {func(h *testHub) *viewer {
			h.onOpen = func(string) { h.onOpen = nil; h.SendUpdate("r", changed("r", 0, h.commit("r"))) }
			return h.view("r")
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0"}},

		"hint of a revision in the snapshot": {func(h *testHub) *viewer {
			rev := h.commit("r")
			v := h.view("r")
			synctest.Wait()
			h.Hint("r", rev)
			return v
		}, []string{"opened 1"}, nil},

		"update from the viewer's position, twice": {func(h *testHub) *viewer {
			v := h.view("r")
			synctest.Wait()
			u := changed("r", 0, h.commit("r"))
			h.SendUpdate("r", u)
			h.SendUpdate("r", u)
			h.Hint("r", u.Rev)
			return v
		}, []string{"opened 0", "changed 0 1"}, nil},

		"updates in the wrong order": {func(h *testHub) *viewer {
			v := h.view("r")
			synctest.Wait()
			first, second := changed("r", 0, h.commit("r")), changed("r", 1, h.commit("r"))
			h.SendUpdate("r", second)
			synctest.Wait()
			h.SendUpdate("r", first)
			return v
		}, []string{"opened 0", "changed 0 2"}, []string{"r 0"}},

		"update during a read that does not see it": {func(h *testHub) *viewer {
			v := h.view("r")
			synctest.Wait()
			proceed := h.pause()
			h.Hint("r", h.commit("r"))
			synctest.Wait()
			h.SendUpdate("r", changed("r", 0, h.commit("r")))
			close(proceed)
			return v
		}, []string{"opened 0", "changed 0 2"}, []string{"r 0"}},

		"many hints during a read": {func(h *testHub) *viewer {
			v := h.view("r")
			synctest.Wait()
			proceed := h.pause()
			h.Hint("r", h.commit("r"))
			synctest.Wait()
			for range 100 {
				h.Hint("r", h.commit("r"))
			}
			close(proceed)
			return v
		}, []string{"opened 0", "changed 0 1", "changed 1 101"}, []string{"r 0", "r 1"}},

		"hint of a revision that does not exist": {func(h *testHub) *viewer {
			v := h.view("r")
			synctest.Wait()
			rev := h.commit("r")
			h.Hint("r", rev+1000)
			synctest.Wait()
			h.Hint("r", rev) // the first hint no longer counts
			return v
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0"}},

		"failed read for a viewer that left": {func(h *testHub) *viewer {
			first := h.view("r")
			synctest.Wait()
			opened := make(chan struct{})
			h.onOpen = func(string) { // the second viewer has read the store
				h.onOpen = nil
				h.setDown(true)
				h.Hint("r", h.commit("r"))
				time.Sleep(time.Millisecond)
				_ = first.conn.Close()
				<-first.done
				h.setDown(false)
				close(opened)
			}
			second := h.view("r")
			<-opened
			return second
		}, []string{"opened 0", "changed 0 1"}, []string{"r 0", "r 0"}},

		"opening the same room again": {func(h *testHub) *viewer {
			v := h.view("r")
			synctest.Wait()
			h.onOpen = func(string) { h.onOpen = nil; h.Hint("r", h.commit("r")) }
			v.send("open r")
			return v
		}, []string{"opened 0", "opened 0", "changed 0 1"}, []string{"r 0"}},

		"opening another room": {func(h *testHub) *viewer {
			v := h.view("other")
			v.send("open r")
			synctest.Wait()
			h.Hint("other", h.commit("other"))
			h.Hint("r", h.commit("r"))
			return v
		}, []string{"opened 0", "opened 0", "changed 0 1"}, []string{"r 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newTestHub(t, hub.Settings{Heartbeat: time.Hour})
				defer h.end()
				v := test.play(h)
				synctest.Wait()
				v.want(test.received...)
				if got := h.readLog(); !slices.Equal(got, test.reads) {
					t.Errorf("reads %q, want %q", got, test.reads)
				}
			})
		})
	}
}

// pause makes the next read wait, after it has read the revision, until the returned
// channel is closed.
func (h *testHub) pause() chan struct{} {
	proceed := make(chan struct{})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.onRead = func(ctx context.Context, _ string) {
		h.mu.Lock()
		h.onRead = nil
		h.mu.Unlock()
		select {
		case <-proceed:
		case <-ctx.Done():
		}
	}
	return proceed
}

// A second viewer opens a room during a read for the first, once at a lower revision
// than that read starts from, and once at a higher one than it returns.
func TestOpenDuringRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		late        bool // the second viewer reads the store after the paused read did
		first, then []string
	}{
		"at a lower revision":  {false, []string{"opened 1", "changed 1 2"}, []string{"opened 0", "changed 0 2"}},
		"at a higher revision": {true, []string{"opened 1", "changed 1 2", "changed 2 3"}, []string{"opened 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newTestHub(t, hub.Settings{Heartbeat: time.Hour})
				defer h.end()
				read, opened := make(chan struct{}), make(chan struct{})
				second := h.connect(t.Context(), false)
				if !test.late { // it reads revision 0, and sends the snapshot when the store is at 2
					h.onOpen = func(string) { h.onOpen = nil; close(read); <-opened }
					second.send("open r")
					<-read
				}
				h.commit("r")
				first := h.view("r")
				synctest.Wait()
				proceed := h.pause()
				h.Hint("r", h.commit("r"))
				synctest.Wait()
				if test.late {
					h.commit("r")
					second.send("open r")
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

// A room is read once for all its viewers, which receive the same bytes.
func TestOneReadForAllViewers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{Heartbeat: time.Hour})
		defer h.end()
		var all []*viewer
		for range 20 {
			all = append(all, h.view("r"))
		}
		synctest.Wait()
		h.Hint("r", h.commit("r"))
		h.Hint("unseen", h.commit("unseen"))
		synctest.Wait()
		for _, v := range all {
			v.want("opened 0", "changed 0 1")
		}
		if got := h.readLog(); len(got) != 1 {
			t.Errorf("reads %q, want one", got)
		}
		if got := h.Rooms(); !slices.Equal(got, []string{"r"}) {
			t.Errorf("rooms %q", got)
		}
	})
}
