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
			withFleetOn(t, url, 3, func(f *fleet) { f.runRandomSteps(rand.New(rand.NewPCG(seed, 4))) })
		})
	}
}

// agentText is a text by an agent.
type agentText struct {
	to  testShopper
	seq int64
}

func (f *fleet) runRandomSteps(random *rand.Rand) {
	calm := random.IntN(3) == 0 // no node is killed or frozen
	var all []agentText
	for range 60 {
		f.setLatency(time.Duration(10+random.IntN(1500)) * time.Millisecond)
		switch what := random.IntN(100); {
		case what < 70:
			for range 1 + random.IntN(10) {
				to := f.shoppers[random.IntN(len(f.shoppers))]
				if n := f.healthyNode(random); n != nil {
					all = append(all, agentText{to, f.reply(n, to)})
				}
			}
		case what < 75:
			f.setNudgesLost(random.IntN(2) == 0)
		case what < 80: // a rolling restart
			n := f.nodes[random.IntN(len(f.nodes))]
			f.addNode()
			n.thaw()
			f.stopNode(n)
		case calm:
		case what < 86:
			f.addNode()
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
			f.stopNode(n)
		}
	}
	time.Sleep(12 * time.Minute) // unknown texts are checked
	f.check(all, calm)
}

func (f *fleet) check(all []agentText, calm bool) {
	arrived := map[chat.Phone]int{}
	for _, s := range all {
		e := f.entry(s.to, s.seq)
		n := 0
		for _, l := range f.provider.textsTo(s.to.phone) {
			if l.Outgoing.Text == e.Text {
				n++
			}
		}
		arrived[s.to.phone] += n
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
	for _, p := range f.shoppers {
		got := f.provider.textsTo(p.phone)
		if !slices.IsSortedFunc(got, func(a, b acceptedText) int { return number(a) - number(b) }) {
			f.Errorf("%s got them in another order: %v", p.phone, got)
		}
	}
	for account, most := range f.provider.maxInFlight {
		if most > 8 {
			f.Errorf("%d of %s were in flight at once", most, account)
		}
		f.Logf("of %s at most %d at once", account, most)
	}
	f.Logf("%d texts, %d nodes in all, %d nudges", len(all), len(f.all), len(f.nudges))
}

func number(l acceptedText) (n int) {
	_, _ = fmt.Sscanf(l.Outgoing.Text, "answer %d", &n)
	return n
}

// healthyNode returns a healthy node, or nil.
func (f *fleet) healthyNode(random *rand.Rand) *node {
	for _, i := range random.Perm(len(f.nodes)) {
		if f.nodes[i].healthy() {
			return f.nodes[i]
		}
	}
	return nil
}

// stopNode stops a node in order.
func (f *fleet) stopNode(n *node) {
	n.stop()
	f.provider.mu.Lock()
	f.nodes = slices.DeleteFunc(f.nodes, func(o *node) bool { return o == n })
	f.provider.mu.Unlock()
}

func (f *fleet) setLatency(d time.Duration) {
	f.provider.mu.Lock()
	defer f.provider.mu.Unlock()
	f.provider.latency = d
}

func (f *fleet) setNudgesLost(deaf bool) {
	f.provider.mu.Lock()
	defer f.provider.mu.Unlock()
	f.nudgesLost = deaf
}
