package bridge_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store/pgtest"
)

// Whatever happens to nodes: no text is sent twice; each text is sent, unless its
// node was killed or frozen; the texts to one shopper keep their order; and an
// account never has more requests in flight than it may, in the whole fleet.
func TestAFleetWhateverHappens(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t, "fsync=off", "full_page_writes=off", "max_connections=400")
	for seed := range uint64(2) {
		url := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
		if seed%2 == 1 {
			url = server.Schema(t)
		}
		t.Run(fmt.Sprint(url[:6], seed), func(t *testing.T) {
			t.Parallel()
			onFleet(t, url, 3, func(f *fleet) { f.live(rand.New(rand.NewPCG(seed, 4))) })
		})
	}
}

// said is a text by an agent.
type said struct {
	to  person
	seq int64
}

func (f *fleet) live(random *rand.Rand) {
	calm := random.IntN(3) == 0 // no node is killed or frozen
	var all []said
	for range 60 {
		f.setTakes(time.Duration(10+random.IntN(1500)) * time.Millisecond)
		switch what := random.IntN(100); {
		case what < 70:
			for range 1 + random.IntN(10) {
				to := f.people[random.IntN(len(f.people))]
				if n := f.well(random); n != nil {
					all = append(all, said{to, f.say(n, to)})
				}
			}
		case what < 75:
			f.setDeaf(random.IntN(2) == 0)
		case what < 80: // a rolling restart
			n := f.nodes[random.IntN(len(f.nodes))]
			f.join()
			n.thaw()
			f.retire(n)
		case calm:
		case what < 86:
			f.join()
			f.nodes[random.IntN(len(f.nodes))].kill()
		case what < 93:
			f.nodes[random.IntN(len(f.nodes))].freeze()
		default:
			f.nodes[random.IntN(len(f.nodes))].thaw()
		}
		time.Sleep(time.Duration(random.IntN(700)) * time.Millisecond)
	}
	for _, n := range slices.Clone(f.nodes) {
		n.thaw()
		if n != f.nodes[0] {
			f.retire(n)
		}
	}
	time.Sleep(12 * time.Minute) // unknown texts are checked
	f.check(all, calm)
}

func (f *fleet) check(all []said, calm bool) {
	arrived := map[chat.Phone]int{}
	for _, s := range all {
		e := f.state(s.to, s.seq)
		n := 0
		for _, l := range f.post.letters(s.to.to) {
			if l.Outgoing.Text == e.Text {
				n++
			}
		}
		arrived[s.to.to] += n
		missing := e.State == chat.Unknown && e.Problem != nil && e.Problem.Code == "missing"
		switch {
		case n > 1:
			f.Errorf("%q was sent %d times", e.Text, n)
		case n == 1 && e.State != chat.Queued && e.State != chat.Delivered:
			f.Errorf("%q was sent, and is %s %+v", e.Text, e.State, e.Problem)
		case n == 0 && !(missing && !calm):
			f.Errorf("%q was never sent, and is %s %+v", e.Text, e.State, e.Problem)
		}
	}
	for _, p := range f.people {
		got := f.post.letters(p.to)
		if !slices.IsSortedFunc(got, func(a, b letter) int { return number(a) - number(b) }) {
			f.Errorf("%s got them in another order: %v", p.to, got)
		}
	}
	for account, most := range f.post.most {
		if most > 8 {
			f.Errorf("%d of %s were in flight at once", most, account)
		}
		f.Logf("of %s at most %d at once", account, most)
	}
	f.Logf("%d texts, %d nodes in all, %d nudges", len(all), len(f.all), len(f.nudges))
}

func number(l letter) (n int) {
	_, _ = fmt.Sscanf(l.Outgoing.Text, "answer %d", &n)
	return n
}

// well returns a healthy node, or nil.
func (f *fleet) well(random *rand.Rand) *node {
	for _, i := range random.Perm(len(f.nodes)) {
		if f.nodes[i].well() {
			return f.nodes[i]
		}
	}
	return nil
}

// retire stops a node in order.
func (f *fleet) retire(n *node) {
	n.stop()
	f.post.mu.Lock()
	f.nodes = slices.DeleteFunc(f.nodes, func(o *node) bool { return o == n })
	f.post.mu.Unlock()
}

func (f *fleet) setTakes(d time.Duration) {
	f.post.mu.Lock()
	defer f.post.mu.Unlock()
	f.post.takes = d
}

func (f *fleet) setDeaf(deaf bool) {
	f.post.mu.Lock()
	defer f.post.mu.Unlock()
	f.deaf = deaf
}
