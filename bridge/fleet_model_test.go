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

// While nodes are killed, frozen, stopped and added: no text is sent twice; each text is
// sent, unless its node was killed or frozen; the texts to one shopper keep their order;
// and the fleet never has more requests of an account in flight than allowed.
func TestFleetWithRandomFailures(t *testing.T) {
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
	noFailures := random.IntN(3) == 0 // no node is killed or frozen
	var all []agentText
	for range 60 {
		f.setLatency(time.Duration(10+random.IntN(1500)) * time.Millisecond)
		switch step := random.IntN(100); {
		case step < 70:
			for range 1 + random.IntN(10) {
				to := f.shoppers[random.IntN(len(f.shoppers))]
				if n := f.healthyNode(random); n != nil {
					all = append(all, agentText{to, f.reply(n, to)})
				}
			}
		case step < 75:
			f.setNudgesLost(random.IntN(2) == 0)
		case step < 80: // a rolling restart
			n := f.nodes[random.IntN(len(f.nodes))]
			f.addNode()
			n.thaw()
			f.stopNode(n)
		case noFailures:
		case step < 86:
			f.addNode()
			f.nodes[random.IntN(len(f.nodes))].kill()
		case step < 93:
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
	f.check(all, noFailures)
}

func (f *fleet) check(all []agentText, noFailures bool) {
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
		case n == 0 && !(missing && !noFailures):
			f.Errorf("%q was never sent, and is %s %+v", e.Text, e.State, e.Problem)
		}
	}
	for _, p := range f.shoppers {
		got := f.provider.textsTo(p.phone)
		if !slices.IsSortedFunc(got, func(a, b acceptedText) int { return textNumber(a) - textNumber(b) }) {
			f.Errorf("%s got the texts in another order: %v", p.phone, got)
		}
	}
	for account, most := range f.provider.maxInFlight {
		if most > 8 {
			f.Errorf("%d requests of %s were in flight at once", most, account)
		}
		f.Logf("at most %[2]d requests of %[1]s at once", account, most)
	}
	f.Logf("%d texts, %d nodes in all, %d nudges", len(all), len(f.all), len(f.nudges))
}

func textNumber(l acceptedText) (n int) {
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

// stopNode stops a node, which finishes its running deliveries.
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
