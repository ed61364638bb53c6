package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestNemesis runs the real server, in a process of its own, while everything
// around it goes wrong: it is killed, frozen and restarted, its vendors fail in
// every way they can, what they call it with comes twice, late, in another order
// or never. Then all is put right, and what everybody wrote down is compared.
//
// NEMESIS_SEED repeats a run's choices, NEMESIS_FOR makes it longer.
func TestNemesis(t *testing.T) {
	t.Parallel()
	storm(t, plan{shoppers: 10, customers: 4, desk: true}, 50*time.Second)
}

// TestNemesisFleet is the same for NEMESIS_NODES nodes on PostgreSQL and Redis,
// which fail as well.
func TestNemesisFleet(t *testing.T) {
	t.Parallel()
	storm(t, plan{shoppers: 10, customers: 4, desk: true, nodes: sized(t, "NEMESIS_NODES", 2), durable: true}, 25*time.Second)
}

// storm is one storm and calm after another.
func storm(t *testing.T, p plan, long time.Duration) {
	if s := os.Getenv("NEMESIS_FOR"); s != "" {
		var err error
		long, err = time.ParseDuration(s)
		must(t, err)
	}
	n := &nemesis{crowd: newCrowd(besiege(t, p)), long: long > 5*time.Minute, count: map[string]int{}}
	var err error
	n.log, err = os.Create(n.path("nemesis.log"))
	must(t, err)
	defer n.log.Close()
	n.begin()
	before := n.size()
	n.look(2)
	watching, hangUp := context.WithCancel(context.Background())
	var looking sync.WaitGroup
	defer looking.Wait()
	defer hangUp()
	for _, s := range n.screens {
		looking.Go(func() { s.run(watching) })
	}
	var longest time.Duration
	for round, end := 0, time.Now().Add(long); time.Now().Before(end); round++ {
		longest = max(longest, n.round(round, min(time.Minute, time.Until(end))))
	}
	hangUp()
	looking.Wait()
	n.shrinks(before)
	t.Log(n.report(longest))
}

// round is one storm and the calm after it. It returns how long it took until
// nothing was missing any more.
func (n *nemesis) round(round int, lasts time.Duration) time.Duration {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), lasts)
	defer cancel()
	var acting sync.WaitGroup
	acting.Go(func() { n.live(ctx, round) })
	err := n.rage(ctx, round)
	cancel()
	acting.Wait()
	must(n.t, err)
	n.note("calm")
	begin := time.Now()
	must(n.t, n.calm())
	const patience = 3 * time.Minute
	for {
		v, err := n.judge()
		must(n.t, err)
		took := time.Since(begin).Round(100 * time.Millisecond)
		n.note("waits for", v.count(lost), "lost", v.count(unresolved), "unresolved", v.count(late), "late", v[late])
		switch {
		case len(v) == 0:
			n.note("healed", took)
			return took
		case v.count(final...) > 0 || took > patience:
			n.leave()
			n.t.Log(n.report(took))
			n.t.Fatalf("%v after all was put right: lost %d, doubled %d, inverted %d, unresolved %d%v", took, v.count(lost), v.count(doubled), v.count(inverted), v.count(unresolved), v)
		}
		must(n.t, n.died())
		<-time.After(500 * time.Millisecond)
	}
}

// leave writes down for whoever looks for the cause what only this process knows.
func (n *nemesis) leave() {
	n.t.Helper()
	for name, what := range map[string]any{"tickets.json": n.Gorgias.Tickets(), "accepted.json": n.Twilio.Accepted(), "calls.json": n.Twilio.Calls()} {
		file, err := json.MarshalIndent(what, "", " ")
		must(n.t, err)
		must(n.t, os.WriteFile(n.path(name), file, 0o600))
	}
}

// size is how many goroutines and descriptors the largest node has.
func (n *nemesis) size() map[string]float64 {
	n.t.Helper()
	found := map[string]float64{}
	for _, node := range n.nodes {
		for _, name := range []string{"go_goroutines", "process_open_fds"} {
			found[name] = max(found[name], n.metric(node, name))
		}
	}
	return found
}

// shrinks waits until the servers, whom nobody looks at any more, are about as
// small as they were in the beginning.
func (n *nemesis) shrinks(before map[string]float64) {
	n.t.Helper()
	const more = 10 // connections that idle for some seconds
	until(n.t, time.Minute, fmt.Sprintf("the servers are as small as they were (%v)", before), func() bool {
		for name, value := range n.size() {
			if value > before[name]+more {
				return false
			}
		}
		return true
	})
}

// report is what was done and what came of it.
func (n *nemesis) report(longest time.Duration) string {
	var visits, decided int
	for _, s := range n.screens {
		s.mu.Lock()
		visits += s.visits
		for id := range s.drafts {
			if !strings.HasPrefix(id, "agent-") {
				decided++
			}
		}
		s.mu.Unlock()
	}
	return fmt.Sprintf(`
operations   %d texts in, %d texts by agents, %d decisions, %d tickets closed; %d texts accepted by the provider; %d visits of %d screens
faults       %d kills, %d freezes, %d restarts, %d faults of vendors%s; of hooks %d lost, %d unanswered, %d doubled, %d repeated, %d late, %d refused
longest heal %v`,
		len(n.allTexted()), n.sends, decided, n.closed, len(n.Twilio.Accepted()), visits, len(n.screens),
		n.did("kill"), n.did("freeze"), n.did("restart"), n.did("fault"), n.outages(),
		n.street.counted("lost"), n.street.counted("unanswered"), n.street.counted("doubled"), n.street.counted("repeated"), n.street.counted("late"), n.street.counted("refused"),
		longest)
}

// outages is what PostgreSQL and Redis went through.
func (n *nemesis) outages() string {
	if n.base.postgres == nil {
		return ""
	}
	return fmt.Sprintf(", %d crashes and %d faults of PostgreSQL, %d kills and %d faults of Redis", n.did("crash"), n.did("postgres"), n.did("forget"), n.did("redis"))
}
