package hub_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// A group frame reaches all sockets of the group, with and without a room, and no
// others.
func TestSendToGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{})
		defer h.end()
		roomless := h.connect(t.Context(), false)
		roomless.send("identify shop a a")
		open, other := h.agent("b", "r"), h.connect(t.Context(), false)
		other.send("identify other c c")
		late := h.view("r")
		late.send("identify shop d d")
		moved := h.agent("e", "r")
		moved.send("identify other e e")
		left := h.agent("f", "r")
		synctest.Wait()
		_ = left.conn.Close()
		<-left.done
		h.SendToGroup("shop", []byte("frame"))
		h.SendToGroup("unknown", []byte("other frame"))
		synctest.Wait()
		roomless.want("frame")
		open.want("opened 0", "frame")
		late.want("opened 0", "frame")
		moved.want("opened 0")
		other.want()
		left.want("opened 0")
		if got := h.Stats(); got.Groups != 2 || got.People != 5 {
			t.Errorf("stats %+v", got)
		}
	})
}

// A socket that is too slow for group frames is closed, as with any frame.
func TestSendToSlowGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{QueueFrames: 8, Heartbeat: time.Hour})
		defer h.end()
		slow, quick := h.connect(t.Context(), true), h.agent("b", "r")
		slow.send("identify shop a a")
		synctest.Wait()
		for range 20 {
			h.SendToGroup("shop", []byte("frame"))
			synctest.Wait()
		}
		close(slow.paused)
		<-slow.done
		synctest.Wait()
		if slow.closeCode != hub.CodeBehind || len(quick.received) != 21 || h.Stats().Dropped != 1 {
			t.Errorf("closed with %d; the other received %d; %+v", slow.closeCode, len(quick.received), h.Stats())
		}
	})
}

// All sockets of a session end with the given code, and no others.
func TestEndSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{})
		defer h.end()
		tab, tab2, other, unidentified := h.agent("a", "r"), h.agent("a", "s"), h.agent("b", "r"), h.view("r")
		synctest.Wait()
		cause := &hub.Close{Code: 4401, Reason: "signed out"}
		if got := h.EndSessions([]string{"x", "a", ""}, cause); got != 2 {
			t.Errorf("%d ended, want 2", got)
		}
		<-tab.done
		<-tab2.done
		synctest.Wait()
		if tab.closeCode != 4401 || tab2.closeCode != 4401 || !errors.Is(tab.err, cause) {
			t.Errorf("closed with %d and %d: %v", tab.closeCode, tab2.closeCode, tab.err)
		}
		if other.ended() || unidentified.ended() {
			t.Error("others ended")
		}
		if got := h.EndSessions([]string{"a"}, cause); got != 0 {
			t.Errorf("%d ended again", got)
		}
	})
}
