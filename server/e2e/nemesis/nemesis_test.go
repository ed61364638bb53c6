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

// TestNemesis runs the real server, in a process of its own, while everything
// around it fails: it is killed, frozen and restarted, its vendors fail in every
// way they can, and their calls come twice, late, in another order or never. Then
// all is repaired, and the histories of all parties are compared.
//
// NEMESIS_SEED repeats a run's choices. NEMESIS_FOR makes it go on for so long;
// without it there is one storm.
func TestNemesis(t *testing.T) {
	t.Parallel()
	run(t, harness.Plan{Shoppers: 10, Customers: 4, Helpdesk: true})
}

// TestNemesisFleet is the same for NEMESIS_NODES nodes on PostgreSQL and Redis,
// which fail as well.
func TestNemesisFleet(t *testing.T) {
	t.Parallel()
	run(t, harness.Plan{Shoppers: 10, Customers: 4, Helpdesk: true, Nodes: harness.Size(t, "NEMESIS_NODES", 2), Durable: true})
}

// run is one storm and calm after another.
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
	watching, hangUp := context.WithCancel(context.Background())
	var looking sync.WaitGroup
	defer looking.Wait()
	defer hangUp()
	for _, s := range n.Screens {
		looking.Go(func() { s.Run(watching) })
	}
	longest := n.round(0, n.awaitFaults)
	for round, end := 1, time.Now().Add(long); time.Now().Before(end); round++ {
		longest = max(longest, n.round(round, func(ctx context.Context) { harness.Sleep(ctx, min(time.Minute, time.Until(end))) }))
	}
	hangUp()
	looking.Wait()
	n.awaitResources(before)
	t.Log(n.report(longest))
}

// worked waits until every kind of fault of the processes has happened, and as
// many texts as a storm has at least.
func (n *nemesis) awaitFaults(ctx context.Context) {
	for n.count("strike") < len(processFaults) || n.Network.Acknowledged() < 100 {
		if !harness.Sleep(ctx, 50*time.Millisecond) {
			return
		}
	}
}

// round is one storm, which lasts until enough returns, and the calm after it. It
// returns how long it took until nothing was missing any more.
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
	n.record("calm")
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

// leave writes what only this process knows into the folder of the histories.
func (n *nemesis) saveHistories() {
	n.T.Helper()
	for name, what := range map[string]any{"tickets.json": n.Gorgias.Tickets(), "accepted.json": n.Twilio.Accepted(), "calls.json": n.Twilio.Calls()} {
		file, err := json.MarshalIndent(what, "", " ")
		harness.Must(n.T, err)
		harness.Must(n.T, os.WriteFile(n.Path(name), file, 0o600))
	}
}

// size is how many goroutines and descriptors the largest node has.
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

// shrinks waits until the servers, which have no screens any more, are about as
// small as they were in the beginning.
func (n *nemesis) awaitResources(before map[string]float64) {
	n.T.Helper()
	const more = 10 // connections that idle for some seconds
	harness.Until(n.T, fmt.Sprintf("the servers are as small as they were (%v)", before), func() bool {
		for name, value := range n.resources() {
			if value > before[name]+more {
				return false
			}
		}
		return true
	})
}

// report says what was done and what came of it.
func (n *nemesis) report(longest time.Duration) string {
	return fmt.Sprintf(`
operations   %v
faults       %d kills, %d freezes, %d restarts, %d faults of vendors%s; of hooks %d lost, %d unanswered, %d doubled, %d repeated, %d late, %d refused
longest heal %v`,
		n.Traffic,
		n.count("kill"), n.count("freeze"), n.count("restart"), n.count("fault"), n.backendSummary(),
		n.Network.Count("lost"), n.Network.Count("unanswered"), n.Network.Count("doubled"), n.Network.Count("repeated"), n.Network.Count("late"), n.Network.Count("refused"),
		longest)
}

// outages is what PostgreSQL and Redis went through.
func (n *nemesis) backendSummary() string {
	if n.Backend.Postgres == nil {
		return ""
	}
	return fmt.Sprintf(", %d crashes and %d faults of PostgreSQL, %d kills and %d faults of Redis", n.count("crash"), n.count("postgres"), n.count("forget"), n.count("redis"))
}
