package hub_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// A settle is as long as it takes until everybody was told.
const settle = 500 * time.Millisecond

// What the viewers of a room are told about who is there, on one node.
func TestPresence(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		play func(w *world) []*viewer
		sees []string // each of them, at the end
	}{
		"alone": {func(w *world) []*viewer {
			return []*viewer{w.agent("a", "r"), w.agent("b", "s")}
		}, []string{"", ""}},

		"two": {func(w *world) []*viewer {
			return []*viewer{w.agent("b", "r"), w.agent("a", "r")}
		}, []string{"a b", "a b"}},

		"one after the other": {func(w *world) []*viewer {
			b := w.agent("b", "r")
			time.Sleep(settle)
			return []*viewer{b, w.agent("a", "r")}
		}, []string{"a b", "a b"}},

		"two tabs of one agent": {func(w *world) []*viewer {
			return []*viewer{w.agent("a", "r"), w.agent("a", "r")}
		}, []string{"", ""}},

		"a second tab when there are others": {func(w *world) []*viewer {
			a, b := w.agent("a", "r"), w.agent("b", "r")
			time.Sleep(settle)
			return []*viewer{a, b, w.agent("a", "r")}
		}, []string{"a b", "a b", "a b"}},

		"one goes": {func(w *world) []*viewer {
			a, b := w.agent("a", "r"), w.agent("b", "r")
			time.Sleep(settle)
			_ = b.conn.Close()
			return []*viewer{a}
		}, []string{"a"}},

		"one of two tabs goes": {func(w *world) []*viewer {
			a, b, b2 := w.agent("a", "r"), w.agent("b", "r"), w.agent("b", "r")
			time.Sleep(settle)
			_ = b.conn.Close()
			return []*viewer{a, b2}
		}, []string{"a b", "a b"}},

		"one goes elsewhere": {func(w *world) []*viewer {
			a, b, c := w.agent("a", "r"), w.agent("b", "r"), w.agent("c", "s")
			time.Sleep(settle)
			b.say("open s")
			return []*viewer{a, b, c}
		}, []string{"a", "b c", "b c"}},

		"one opens anew": {func(w *world) []*viewer {
			a, b := w.agent("a", "r"), w.agent("b", "r")
			time.Sleep(settle)
			a.say("open r")
			return []*viewer{a, b}
		}, []string{"a b", "a b"}},

		"introduced late": {func(w *world) []*viewer {
			a, b := w.agent("a", "r"), w.view("r")
			time.Sleep(settle)
			b.say("introduce shop b b")
			return []*viewer{a, b}
		}, []string{"a b", "a b"}},

		"nobody knows the other": {func(w *world) []*viewer {
			return []*viewer{w.agent("a", "r"), w.view("r")}
		}, []string{"a", "a"}},

		"typing": {func(w *world) []*viewer {
			a, b := w.agent("a", "r"), w.agent("b", "r")
			a.say("type on")
			return []*viewer{a, b}
		}, []string{"a* b", "a* b"}},

		"typing, in one of two tabs": {func(w *world) []*viewer {
			a, b, b2 := w.agent("a", "r"), w.agent("b", "r"), w.agent("b", "r")
			b2.say("type on")
			b.say("type off")
			return []*viewer{a, b}
		}, []string{"a b*", "a b*"}},

		"typed, and sent": {func(w *world) []*viewer {
			a, b := w.agent("a", "r"), w.agent("b", "r")
			a.say("type on")
			time.Sleep(settle)
			a.say("type off")
			return []*viewer{a, b}
		}, []string{"a b", "a b"}},

		"typing before somebody comes": {func(w *world) []*viewer {
			a := w.agent("a", "r")
			a.say("type on")
			time.Sleep(settle)
			return []*viewer{a, w.agent("b", "r")}
		}, []string{"a* b", "a* b"}},

		"typed, went elsewhere and came back": {func(w *world) []*viewer {
			a, b := w.agent("a", "r"), w.agent("b", "r")
			a.say("type on")
			a.say("open s")
			time.Sleep(settle)
			a.say("open r")
			return []*viewer{a, b}
		}, []string{"a b", "a b"}},

		"typing, but nobody": {func(w *world) []*viewer {
			a, b := w.agent("a", "r"), w.view("r")
			b.say("type on")
			return []*viewer{a, b}
		}, []string{"a", "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for nodes := 1; nodes <= 2; nodes++ { // the bus changes nothing about it
				synctest.Test(t, func(t *testing.T) {
					f := newFleet(t, nodes, hub.Settings{})
					defer f.end(t)
					all := test.play(f.nodes[0])
					time.Sleep(settle)
					synctest.Wait()
					for i, v := range all {
						if got := v.sees(); got != test.sees[i] {
							t.Errorf("viewer %d sees %q, want %q", i, got, test.sees[i])
						}
					}
				})
			}
		})
	}
}

// Who opens a room where others are hears so right after the opening.
func TestPresenceComesAfterOpening(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{})
		defer w.end()
		w.agent("a", "r")
		w.agent("b", "r")
		time.Sleep(settle)
		c := w.agent("c", "r") // the viewer reports what comes before the opening
		synctest.Wait()
		if got := c.sees(); got != "a b c" {
			t.Errorf("sees %q", got)
		}
	})
}

// Typing lasts for six seconds unless it is said again.
func TestTypingExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{})
		defer f.end(t)
		a, b, c := f.nodes[0].agent("a", "r"), f.nodes[0].agent("b", "r"), f.nodes[1].agent("c", "r")
		synctest.Wait()
		for range 5 {
			a.say("type on")
			time.Sleep(3 * time.Second)
			synctest.Wait()
			if got := b.sees() + ", " + c.sees(); got != "a* b c, a* b c" {
				t.Fatalf("they see %q", got)
			}
		}
		time.Sleep(2800 * time.Millisecond)
		synctest.Wait()
		if got := b.sees(); got != "a* b c" {
			t.Errorf("too early: %q", got)
		}
		time.Sleep(settle)
		synctest.Wait()
		if got := b.sees() + ", " + c.sees(); got != "a b c, a b c" {
			t.Errorf("they see %q", got)
		}

		// The other node never hears that it ended.
		a.say("type on")
		time.Sleep(settle)
		f.with(func(a *air) { a.silent = true })
		a.say("type off")
		time.Sleep(settle)
		synctest.Wait()
		if got := b.sees() + ", " + c.sees(); got != "a b c, a* b c" {
			t.Errorf("they see %q", got)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if got := c.sees(); got != "a b c" {
			t.Errorf("sees %q", got)
		}
		f.with(func(a *air) { a.silent = false })
		a.say("type on")
		time.Sleep(settle)
		synctest.Wait()
		if got := c.sees(); got != "a* b c" {
			t.Errorf("typing again, sees %q", got)
		}
	})
}
