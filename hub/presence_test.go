package hub_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// settle is longer than presence takes to reach all viewers.
const settle = 500 * time.Millisecond

// The people that the viewers of a room are shown, on one node.
func TestPresence(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		play  func(h *testHub) []*viewer
		shown []string // for each viewer, at the end
	}{
		"alone": {func(h *testHub) []*viewer {
			return []*viewer{h.agent("a", "r"), h.agent("b", "s")}
		}, []string{"", ""}},

		"two": {func(h *testHub) []*viewer {
			return []*viewer{h.agent("b", "r"), h.agent("a", "r")}
		}, []string{"a b", "a b"}},

		"one later than the other": {func(h *testHub) []*viewer {
			b := h.agent("b", "r")
			time.Sleep(settle)
			return []*viewer{b, h.agent("a", "r")}
		}, []string{"a b", "a b"}},

		"two tabs of one agent": {func(h *testHub) []*viewer {
			return []*viewer{h.agent("a", "r"), h.agent("a", "r")}
		}, []string{"", ""}},

		"a second tab, with others": {func(h *testHub) []*viewer {
			a, b := h.agent("a", "r"), h.agent("b", "r")
			time.Sleep(settle)
			return []*viewer{a, b, h.agent("a", "r")}
		}, []string{"a b", "a b", "a b"}},

		"one leaves": {func(h *testHub) []*viewer {
			a, b := h.agent("a", "r"), h.agent("b", "r")
			time.Sleep(settle)
			_ = b.conn.Close()
			return []*viewer{a}
		}, []string{"a"}},

		"one of two tabs leaves": {func(h *testHub) []*viewer {
			a, b, b2 := h.agent("a", "r"), h.agent("b", "r"), h.agent("b", "r")
			time.Sleep(settle)
			_ = b.conn.Close()
			return []*viewer{a, b2}
		}, []string{"a b", "a b"}},

		"one opens another room": {func(h *testHub) []*viewer {
			a, b, c := h.agent("a", "r"), h.agent("b", "r"), h.agent("c", "s")
			time.Sleep(settle)
			b.send("open s")
			return []*viewer{a, b, c}
		}, []string{"a", "b c", "b c"}},

		"one opens the room again": {func(h *testHub) []*viewer {
			a, b := h.agent("a", "r"), h.agent("b", "r")
			time.Sleep(settle)
			a.send("open r")
			return []*viewer{a, b}
		}, []string{"a b", "a b"}},

		"identified late": {func(h *testHub) []*viewer {
			a, b := h.agent("a", "r"), h.view("r")
			time.Sleep(settle)
			b.send("identify shop b b")
			return []*viewer{a, b}
		}, []string{"a b", "a b"}},

		"the other has no identity": {func(h *testHub) []*viewer {
			return []*viewer{h.agent("a", "r"), h.view("r")}
		}, []string{"a", "a"}},

		"typing": {func(h *testHub) []*viewer {
			a, b := h.agent("a", "r"), h.agent("b", "r")
			a.send("type on")
			return []*viewer{a, b}
		}, []string{"a* b", "a* b"}},

		"typing, in one of two tabs": {func(h *testHub) []*viewer {
			a, b, b2 := h.agent("a", "r"), h.agent("b", "r"), h.agent("b", "r")
			b2.send("type on")
			b.send("type off")
			return []*viewer{a, b}
		}, []string{"a b*", "a b*"}},

		"typing when the other leaves": {func(h *testHub) []*viewer {
			a, b := h.agent("a", "r"), h.agent("b", "r")
			a.send("type on")
			time.Sleep(settle)
			_ = b.conn.Close()
			return []*viewer{a}
		}, []string{"a"}},

		"stopped typing": {func(h *testHub) []*viewer {
			a, b := h.agent("a", "r"), h.agent("b", "r")
			a.send("type on")
			time.Sleep(settle)
			a.send("type off")
			return []*viewer{a, b}
		}, []string{"a b", "a b"}},

		"typing before the other opens the room": {func(h *testHub) []*viewer {
			a := h.agent("a", "r")
			a.send("type on")
			time.Sleep(settle)
			return []*viewer{a, h.agent("b", "r")}
		}, []string{"a* b", "a* b"}},

		"typing, then another room and back": {func(h *testHub) []*viewer {
			a, b := h.agent("a", "r"), h.agent("b", "r")
			a.send("type on")
			a.send("open s")
			time.Sleep(settle)
			a.send("open r")
			return []*viewer{a, b}
		}, []string{"a b", "a b"}},

		"typing without an identity": {func(h *testHub) []*viewer {
			a, b := h.agent("a", "r"), h.view("r")
			b.send("type on")
			return []*viewer{a, b}
		}, []string{"a", "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for nodes := 1; nodes <= 2; nodes++ { // with a bus, the result is the same
				synctest.Test(t, func(t *testing.T) {
					f := newFleet(t, nodes, hub.Settings{})
					defer f.end(t)
					all := test.play(f.nodes[0])
					time.Sleep(settle)
					synctest.Wait()
					for i, v := range all {
						if got := v.shown(); got != test.shown[i] {
							t.Errorf("viewer %d is shown %q, want %q", i, got, test.shown[i])
						}
					}
				})
			}
		})
	}
}

// A viewer that opens a room with others receives their presence right after the
// snapshot.
func TestPresenceFollowsSnapshot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{})
		defer h.end()
		h.agent("a", "r")
		h.agent("b", "r")
		time.Sleep(settle)
		c := h.agent("c", "r") // a viewer reports presence before the snapshot
		synctest.Wait()
		if got := c.shown(); got != "a b c" {
			t.Errorf("shown %q", got)
		}
	})
}

// Typing expires after six seconds unless it is repeated.
func TestTypingExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{})
		defer f.end(t)
		a, b, c := f.nodes[0].agent("a", "r"), f.nodes[0].agent("b", "r"), f.nodes[1].agent("c", "r")
		synctest.Wait()
		for range 5 {
			a.send("type on")
			time.Sleep(3 * time.Second)
			synctest.Wait()
			if got := b.shown() + ", " + c.shown(); got != "a* b c, a* b c" {
				t.Fatalf("they are shown %q", got)
			}
		}
		time.Sleep(2800 * time.Millisecond)
		synctest.Wait()
		if got := b.shown(); got != "a* b c" {
			t.Errorf("too early: %q", got)
		}
		time.Sleep(settle)
		synctest.Wait()
		if got := b.shown() + ", " + c.shown(); got != "a b c, a b c" {
			t.Errorf("they are shown %q", got)
		}

		// The other node does not receive that typing has ended.
		a.send("type on")
		time.Sleep(settle)
		f.network.change(func(n *network) { n.silent = true })
		a.send("type off")
		time.Sleep(settle)
		synctest.Wait()
		if got := b.shown() + ", " + c.shown(); got != "a b c, a* b c" {
			t.Errorf("they are shown %q", got)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if got := c.shown(); got != "a b c" {
			t.Errorf("shown %q", got)
		}
		f.network.change(func(n *network) { n.silent = false })
		a.send("type on")
		time.Sleep(settle)
		synctest.Wait()
		if got := c.shown(); got != "a* b c" {
			t.Errorf("typing again, shown %q", got)
		}
	})
}
