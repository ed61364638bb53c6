package nemesis_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
	"sidetext/server/e2e/harness"
)

// A nemesis makes everything around the nodes fail, more often than in reality. The term
// is Jepsen's.
type nemesis struct {
	*harness.Traffic
	longFreezes bool // freezes may last longer than a claim
	log         *os.File

	mu     sync.Mutex
	counts map[string]int
}

// record counts an event and writes it to the history.
func (n *nemesis) record(event string, details ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.counts[event]++
	fmt.Fprintln(n.log, append([]any{harness.FormatTime(time.Now()), event}, details...)...)
}

// count returns how often an event was recorded.
func (n *nemesis) count(event string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.counts[event]
}

// injectFaults makes things fail until ctx ends. It returns an error if a node fails in a
// way that no fault explains.
func (n *nemesis) injectFaults(ctx context.Context, round int) error {
	seed := n.Seed + uint64(round)
	n.Network.Odds.Store(&harness.ManyFaults)
	n.setCourses(harness.NewRandom(seed, "courses"))
	var injecting sync.WaitGroup
	defer injecting.Wait()
	injecting.Go(func() { n.faultVendor(ctx, harness.NewRandom(seed, "twilio"), "twilio", n.Twilio.Faults) })
	injecting.Go(func() { n.faultVendor(ctx, harness.NewRandom(seed, "gorgias"), "gorgias", n.Gorgias.Faults) })
	injecting.Go(func() { n.changeRetries(ctx, harness.NewRandom(seed, "retries")) })
	if n.Backend.Postgres != nil {
		injecting.Go(func() { n.faultBackends(ctx, harness.NewRandom(seed, "backends")) })
	}
	return n.faultProcesses(ctx, harness.NewRandom(seed, "processes"))
}

// repair ends all faults and restarts the nodes. The first thing that a node does is to
// find what it missed.
func (n *nemesis) repair() error {
	n.Network.Odds.Store(&harness.NoFaults)
	n.Twilio.Faults.Clear()
	n.Gorgias.Faults.Clear()
	n.Twilio.ResetCourses()
	n.Twilio.SetCourse(twilio.Course{Step: 20 * time.Millisecond})
	n.clearProxies()
	for _, node := range n.Nodes {
		if err := node.Stop(); err != nil {
			return err
		}
	}
	for _, node := range n.Nodes {
		if err := node.Start(); err != nil {
			return err
		}
	}
	return nil
}

// died returns an error if a node's process exited although the test did not end it.
func (n *nemesis) died() error {
	for _, node := range n.Nodes {
		if err := node.Died(); err != nil {
			return err
		}
	}
	return nil
}

// processFaults are the faults of a node's process. Their order is random, but all happen
// before any is repeated.
var processFaults = []string{"kill", "kill", "kill", "freeze", "freeze", "restart"}

// faultProcesses makes the nodes' processes fail, one after another.
func (n *nemesis) faultProcesses(ctx context.Context, d *harness.Random) error {
	order := slices.Clone(processFaults)
	for i := 0; harness.Sleep(ctx, d.Between(500*time.Millisecond, 3*time.Second)); i++ {
		if i%len(processFaults) == 0 {
			d.Shuffle(order)
		}
		if err := n.died(); err != nil {
			return err
		}
		if err := n.faultProcess(ctx, d, order[i%len(order)], n.Nodes[d.IntN(len(n.Nodes))]); err != nil {
			return err
		}
		n.record("process fault")
	}
	return n.died()
}

// faultProcess makes a node's process fail.
func (n *nemesis) faultProcess(ctx context.Context, d *harness.Random, fault string, node *harness.Node) error {
	switch fault {
	case "kill":
		n.record("kill", node.Listen)
		node.Kill()
		harness.Sleep(ctx, d.Between(0, 1500*time.Millisecond))
	case "freeze":
		long := d.Between(500*time.Millisecond, 5*time.Second)
		if n.longFreezes && d.Chance(0.1) {
			long = d.Between(20*time.Second, 80*time.Second) // a delivery is claimed for 60 s
		}
		n.record("freeze", node.Listen, long)
		node.Freeze()
		harness.Sleep(ctx, long)
		node.Thaw()
		return nil
	case "restart":
		n.record("restart", node.Listen)
		if err := node.Stop(); err != nil {
			return fmt.Errorf("stop node: %w", err)
		}
		n.record("stopped")
	}
	if err := node.Supervise(); err != nil {
		return err
	}
	n.record("ready", node.Listen)
	return nil
}

// faultVendor makes a vendor fail: a little all the time, and in one additional way for
// some seconds again and again.
func (n *nemesis) faultVendor(ctx context.Context, d *harness.Random, name string, vendor *wire.Faults) {
	always := []wire.Fault{
		{Act: wire.ResetAfter, Share: 0.04}, {Act: wire.AnswerAfter, Share: 0.04, Status: http.StatusInternalServerError}, {Act: wire.Reset, Share: 0.02},
	}
	faults := []wire.Fault{
		{Act: wire.Slow, Delay: 2 * time.Second}, {Act: wire.Answer, Status: http.StatusServiceUnavailable},
		{Act: wire.Answer, Status: http.StatusInternalServerError}, {Act: wire.Answer, Status: http.StatusTooManyRequests, RetryAfter: time.Second},
		{Act: wire.Reset}, {Act: wire.Hang}, {Act: wire.AnswerAfter, Status: http.StatusInternalServerError},
		{Act: wire.ResetAfter}, {Act: wire.HangAfter}, {Act: wire.Truncate},
	}
	for {
		vendor.Add(always...)
		if !harness.Sleep(ctx, d.Between(time.Second, 6*time.Second)) {
			return
		}
		vendor.Clear()
		fault := faults[d.IntN(len(faults))]
		fault.Share = []float64{0.2, 0.5, 1}[d.IntN(3)]
		if d.Chance(0.5) {
			fault.Method = http.MethodPost // checks of the outcome succeed
		}
		n.record("fault", name, fmt.Sprintf("%+v", fault))
		vendor.Add(fault)
		harness.Sleep(ctx, d.Between(500*time.Millisecond, 4*time.Second))
		vendor.Clear()
	}
}

// changeRetries changes how often the provider tries to deliver a text. Sometimes it
// gives up at once, and only its list contains the text.
func (n *nemesis) changeRetries(ctx context.Context, d *harness.Random) {
	number, _ := n.Twilio.Number(harness.Number)
	address, _, _ := strings.Cut(number.SmsURL, "#")
	defer n.Twilio.SetWebhook(harness.Number, number.SmsURL)
	for {
		options := []string{"", "#rc=0", "#rc=5&rp=all&ct=2000&rt=2500"}[d.IntN(3)]
		n.record("retries", options)
		n.Twilio.SetWebhook(harness.Number, address+options)
		if !harness.Sleep(ctx, d.Between(3*time.Second, 10*time.Second)) {
			return
		}
	}
}

// setCourses chooses what happens to texts, and how the provider reports it.
func (n *nemesis) setCourses(d *harness.Random) {
	n.Twilio.ResetCourses()
	n.Twilio.SetCourse(twilio.Course{Step: 50 * time.Millisecond})
	for _, some := range []struct {
		chance float64
		course twilio.Course
	}{
		{0.10, twilio.Course{Never: true}}, {0.10, twilio.Course{Early: true}}, {0.10, twilio.Course{Reversed: true}},
		{0.20, twilio.Course{Doubled: true}}, {0.10, twilio.Course{Late: 3 * time.Second}},
		{0.05, twilio.Course{End: "undelivered", ErrorCode: 30003}}, {0.05, twilio.Course{End: "failed", ErrorCode: 30008}},
	} {
		some.course.Step = 50 * time.Millisecond
		some.course.Match = func(twilio.Message) bool { return d.Chance(some.chance) }
		n.Twilio.SetCourse(some.course)
	}
}
