package hub_test

import (
	"fmt"
	"strings"
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
	})
}

// Who is on other nodes is seen as soon as a room is opened, and until they leave
// or their node has been silent for two and a half beats.
func TestPresenceElsewhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, hub.Settings{Silence: time.Hour})
		defer f.end(t)
		a, b := f.nodes[0].agent("a", "r"), f.nodes[1].agent("b", "r")
		time.Sleep(settle)
		c := f.nodes[2].agent("c", "r") // its node has not heard of them
		again := f.nodes[2].agent("a", "r")
		time.Sleep(settle)
		want := func(want string, all ...*viewer) {
			t.Helper()
			synctest.Wait()
			for i, v := range all {
				if got := v.sees(); got != want {
					t.Errorf("viewer %d sees %q, want %q", i, got, want)
				}
			}
		}
		want("a b c", a, b, c, again)
		time.Sleep(10 * beat)
		want("a b c", a, b, c, again)
		crowds := a.crowds
		time.Sleep(10 * beat)
		if synctest.Wait(); a.crowds != crowds {
			t.Errorf("told %d times though nothing happened", a.crowds-crowds)
		}

		_ = again.conn.Close()
		time.Sleep(settle)
		want("a b c", a, b, c)
		_ = c.conn.Close()
		time.Sleep(settle)
		want("a b", a, b)

		f.with(func(a *air) { a.silent = true })
		_ = b.conn.Close()
		time.Sleep(2*beat - time.Second)
		want("a b", a)
		time.Sleep(beat + 2*time.Second)
		want("a", a)
	})
}

// A node that ends takes its people along.
func TestPresenceAfterDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{})
		defer f.end(t)
		a := f.nodes[0].agent("a", "r")
		for i := range 100 {
			f.nodes[1].agent("b", fmt.Sprint("r", i))
		}
		f.nodes[1].agent("b", "r")
		time.Sleep(settle)
		f.nodes[1].end()
		time.Sleep(settle)
		synctest.Wait()
		if got := a.sees(); got != "a" {
			t.Errorf("sees %q", got)
		}
		f.nodes = f.nodes[:1]
	})
}

// A thousand who come to one room at once are not told of each other one by one,
// and of no more than fifty, on their own node or another.
func TestCrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{Beat: time.Hour, Silence: 2 * time.Hour})
		defer f.end(t)
		far := f.nodes[1].agent("b", "r")
		var all []*viewer
		for i := range 1000 {
			all = append(all, f.nodes[0].agent(fmt.Sprintf("a%03d", i), "r"))
			if i%100 == 99 {
				time.Sleep(100 * time.Millisecond)
			}
		}
		time.Sleep(settle)
		synctest.Wait()
		for i, v := range append(all, far) {
			got := v.sees()
			if n := len(strings.Fields(got)); n != 50 || !strings.HasPrefix(got, "a000 a001") || !strings.HasSuffix(got, "a049") {
				t.Fatalf("viewer %d sees %d: %q", i, n, got)
			}
			if v.crowds > 8 {
				t.Errorf("viewer %d was told %d times", i, v.crowds)
			}
		}
		// Not even by somebody who types as fast as he can.
		crowds, start := far.crowds, time.Now()
		for i := range 200 {
			all[0].say("type " + []string{"on", "off"}[i%2])
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		if n, most := far.crowds-crowds, int(time.Since(start)/(200*time.Millisecond))+1; n > most {
			t.Errorf("told %d times, want at most %d", n, most)
		}
	})
}
