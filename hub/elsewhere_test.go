package hub_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

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
		if f.asks != 3 {
			t.Errorf("%d questions, want one of each node", f.asks)
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

		// And then it is alone, and need not hear of itself.
		crowds = a.crowds
		a.say("type on")
		time.Sleep(settle)
		if synctest.Wait(); a.crowds != crowds {
			t.Error("told who is there, all alone")
		}
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

// What nodes there are not room for in a room is left out, whoever they say is
// there.
func TestManyNodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hub.Settings{})
		defer f.end(t)
		v := f.nodes[0].agent("z", "r")
		synctest.Wait()
		for i := range 60 { // the later, the further in front
			who := hub.Person{ID: fmt.Sprint(199 - i), Name: fmt.Sprint(199 - i)}
			f.bus(fmt.Sprint("far ", i)).Publish(hub.Message{Here: []hub.Presence{{Room: "r", People: []hub.Person{who}}}})
		}
		time.Sleep(settle)
		synctest.Wait()
		if got := strings.Fields(v.sees()); len(got) != 50 || got[0] != "150" || got[49] != "199" {
			t.Errorf("sees %q", got)
		}
	})
}
