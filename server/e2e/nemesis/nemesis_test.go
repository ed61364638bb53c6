package nemesis_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"sidetext/server/e2e/harness"
)

// TestNemesis runs the real server, in a process of its own, while everything around it
// fails: it is killed, frozen and restarted, its vendors fail in every possible way, and
// their calls arrive twice, late, in another order or never. Then everything is repaired,
// and the histories of shoppers, agents and vendors are compared with the database.
//
// NEMESIS_SEED repeats a run's choices. NEMESIS_FOR sets how long the test runs; without
// it there is one round.
func TestNemesis(t *testing.T) {
	t.Parallel()
	run(t, harness.Plan{Shoppers: 10, Customers: 4, Helpdesk: true})
}

// TestNemesisFleet does the same with NEMESIS_NODES nodes on PostgreSQL and Redis, which
// fail as well.
func TestNemesisFleet(t *testing.T) {
	t.Parallel()
	run(t, harness.Plan{Shoppers: 10, Customers: 4, Helpdesk: true, Nodes: harness.Size(t, "NEMESIS_NODES", 2), Durable: true})
}

// run runs one round after another.
func run(t *testing.T, p harness.Plan) {
	var long time.Duration
	if s := os.Getenv("NEMESIS_FOR"); s != "" {
		var err error
		long, err = time.ParseDuration(s)
		harness.Must(t, err)
	}
	n := &nemesis{Traffic: harness.NewTraffic(harness.New(t, p)), longFreezes: long > 5*time.Minute, counts: map[string]int{}}
	var err error
	n.log, err = os.Create(n.Path("nemesis.log"))
	harness.Must(t, err)
	defer n.log.Close()
	n.Start()
	before := n.resources()
	n.OpenScreens(2)
	connected, disconnect := context.WithCancel(context.Background())
	var screens sync.WaitGroup
	defer screens.Wait()
	defer disconnect()
	for _, s := range n.Screens {
		screens.Go(func() { s.Run(connected) })
	}
	longest := n.round(0, n.awaitFaults)
	for round, end := 1, time.Now().Add(long); time.Now().Before(end); round++ {
		longest = max(longest, n.round(round, func(ctx context.Context) { harness.Sleep(ctx, min(time.Minute, time.Until(end))) }))
	}
	disconnect()
	screens.Wait()
	n.awaitResources(before)
	t.Log(n.report(longest))
}

// awaitFaults waits until every kind of process fault has happened and a hundred texts
// were acknowledged.
func (n *nemesis) awaitFaults(ctx context.Context) {
	for n.count("process fault") < len(processFaults) || n.Network.Acknowledged() < 100 {
		if !harness.Sleep(ctx, 50*time.Millisecond) {
			return
		}
	}
}

// round injects faults until enough returns, repairs everything and waits until nothing
// is missing. It returns how long that wait took.
func (n *nemesis) round(round int, enough func(context.Context)) time.Duration {
	n.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var acting sync.WaitGroup
	acting.Go(func() { n.Run(ctx, round) })
	acting.Go(func() {
		defer cancel()
		enough(ctx)
	})
	err := n.injectFaults(ctx, round)
	cancel()
	acting.Wait()
	harness.Must(n.T, err)
	n.record("repair")
	harness.Must(n.T, n.repair())
	took, v := n.Settle()
	n.record("settled", took)
	harness.Must(n.T, n.died())
	if len(v) > 0 {
		n.saveHistories()
		n.T.Log(n.report(took))
		n.T.Fatalf("%v after all was repaired: lost %d, doubled %d, inverted %d, unresolved %d%v",
			took, v.Count(harness.Lost), v.Count(harness.Doubled), v.Count(harness.Inverted), v.Count(harness.Unresolved), v)
	}
	harness.CheckDuration(n.T, "settling", took, 3*time.Minute)
	return took
}

// saveHistories writes the vendors' histories into the system's folder.
func (n *nemesis) saveHistories() {
	n.T.Helper()
	for name, history := range map[string]any{"tickets.json": n.Gorgias.Tickets(), "accepted.json": n.Twilio.Accepted(), "calls.json": n.Twilio.Calls()} {
		file, err := json.MarshalIndent(history, "", " ")
		harness.Must(n.T, err)
		harness.Must(n.T, os.WriteFile(n.Path(name), file, 0o600))
	}
}

// resources returns the largest number of goroutines and descriptors of any node.
func (n *nemesis) resources() map[string]float64 {
	n.T.Helper()
	found := map[string]float64{}
	for _, node := range n.Nodes {
		for _, name := range []string{"go_goroutines", "process_open_fds"} {
			found[name] = max(found[name], n.Metric(node, name))
		}
	}
	return found
}

// awaitResources waits until the nodes, now without screens, use about as many resources
// as before.
func (n *nemesis) awaitResources(before map[string]float64) {
	n.T.Helper()
	const more = 10 // idle connections, which are closed after some seconds
	harness.Until(n.T, fmt.Sprintf("the nodes use as many resources as before (%v)", before), func() bool {
		for name, value := range n.resources() {
			if value > before[name]+more {
				return false
			}
		}
		return true
	})
}

// report summarizes operations, faults and the longest repair.
func (n *nemesis) report(longest time.Duration) string {
	return fmt.Sprintf(`
operations   %v
faults       %d kills, %d freezes, %d restarts, %d faults of vendors%s; of webhook calls %d lost, %d unanswered, %d doubled, %d repeated, %d late, %d unreachable
longest heal %v`,
		n.Traffic,
		n.count("kill"), n.count("freeze"), n.count("restart"), n.count("fault"), n.backendSummary(),
		n.Network.Count("lost"), n.Network.Count("unanswered"), n.Network.Count("doubled"), n.Network.Count("repeated"), n.Network.Count("late"), n.Network.Count("unreachable"),
		longest)
}

// backendSummary summarizes the faults of PostgreSQL and Redis.
func (n *nemesis) backendSummary() string {
	if n.Backend.Postgres == nil {
		return ""
	}
	return fmt.Sprintf(", %d crashes and %d faults of PostgreSQL, %d kills and %d faults of Redis", n.count("crash"), n.count("postgres"), n.count("redis kill"), n.count("redis"))
}
