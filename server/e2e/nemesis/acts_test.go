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

// A nemesis makes everything around the servers fail, more often than it does.
type nemesis struct {
	*harness.Traffic
	longFreezes bool // freezes may outlast a lease
	log         *os.File

	mu     sync.Mutex
	counts map[string]int
}

// note keeps one thing that happened, for the history.
func (n *nemesis) record(what string, how ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.counts[what]++
	fmt.Fprintln(n.log, append([]any{harness.FormatTime(time.Now()), what}, how...)...)
}

func (n *nemesis) count(what string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.counts[what]
}

// rage makes things fail until ctx ends. It returns what the servers did that no
// fault explains.
func (n *nemesis) injectFaults(ctx context.Context, round int) error {
	seed := n.Seed + uint64(round)
	n.Network.Odds.Store(&harness.ManyFaults)
	n.setCourses(harness.NewRandom(seed, "courses"))
	var raging sync.WaitGroup
	defer raging.Wait()
	raging.Go(func() { n.faultVendor(ctx, harness.NewRandom(seed, "twilio"), "twilio", n.Twilio.Faults) })
	raging.Go(func() { n.faultVendor(ctx, harness.NewRandom(seed, "gorgias"), "gorgias", n.Gorgias.Faults) })
	raging.Go(func() { n.changeRetries(ctx, harness.NewRandom(seed, "retries")) })
	if n.Backend.Postgres != nil {
		raging.Go(func() { n.faultBackends(ctx, harness.NewRandom(seed, "ground")) })
	}
	return n.faultProcesses(ctx, harness.NewRandom(seed, "machine"))
}

// calm puts everything right again, and starts the server afresh: the first
// thing it does is to look what it missed.
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

// died reports whether a server's process ended although the test did not end it.
func (n *nemesis) died() error {
	for _, node := range n.Nodes {
		if err := node.Died(); err != nil {
			return err
		}
	}
	return nil
}

// strikes are what can happen to a server's process. They come in any order, but
// each comes before one comes again.
var processFaults = []string{"kill", "kill", "kill", "freeze", "freeze", "restart"}

// machine strikes the servers' processes, one after another.
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
		n.record("strike")
	}
	return n.died()
}

// strike does something to a server's process.
func (n *nemesis) faultProcess(ctx context.Context, d *harness.Random, what string, node *harness.Node) error {
	switch what {
	case "kill":
		n.record("kill", node.Listen)
		node.Kill()
		harness.Sleep(ctx, d.Between(0, 1500*time.Millisecond))
	case "freeze":
		long := d.Between(500*time.Millisecond, 5*time.Second)
		if n.longFreezes && d.Chance(0.1) {
			long = d.Between(20*time.Second, 80*time.Second) // a lease is 60 s
		}
		n.record("freeze", node.Listen, long)
		node.Freeze()
		harness.Sleep(ctx, long)
		node.Thaw()
		return nil
	case "restart":
		n.record("restart", node.Listen)
		if err := node.Stop(); err != nil {
			return fmt.Errorf("an orderly stop: %w", err)
		}
		n.record("stopped")
	}
	if err := node.Supervise(); err != nil {
		return err
	}
	n.record("ready", node.Listen)
	return nil
}

// vendor is what goes wrong at a vendor: a little all the time, and for some
// seconds each time one thing more.
func (n *nemesis) faultVendor(ctx context.Context, d *harness.Random, name string, at *wire.Faults) {
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
		at.Ask(always...)
		if !harness.Sleep(ctx, d.Between(time.Second, 6*time.Second)) {
			return
		}
		at.Clear()
		fault := faults[d.IntN(len(faults))]
		fault.Share = []float64{0.2, 0.5, 1}[d.IntN(3)]
		if d.Chance(0.5) {
			fault.Method = http.MethodPost // questions about its outcome are answered
		}
		n.record("fault", name, fmt.Sprintf("%+v", fault))
		at.Ask(fault)
		harness.Sleep(ctx, d.Between(500*time.Millisecond, 4*time.Second))
		at.Clear()
	}
}

// retries changes how hard the provider tries to deliver a text: sometimes it
// gives up at once, and only its list still knows of it.
func (n *nemesis) changeRetries(ctx context.Context, d *harness.Random) {
	number, _ := n.Twilio.Number(harness.Number)
	address, _, _ := strings.Cut(number.SmsURL, "#")
	defer n.Twilio.SetWebhook(harness.Number, number.SmsURL)
	for {
		how := []string{"", "#rc=0", "#rc=5&rp=all&ct=2000&rt=2500"}[d.IntN(3)]
		n.record("retries", how)
		n.Twilio.SetWebhook(harness.Number, address+how)
		if !harness.Sleep(ctx, d.Between(3*time.Second, 10*time.Second)) {
			return
		}
	}
}

// courses is what becomes of texts, and how the provider tells.
func (n *nemesis) setCourses(d *harness.Random) {
	n.Twilio.ResetCourses()
	n.Twilio.SetCourse(twilio.Course{Step: 50 * time.Millisecond})
	for _, some := range []struct {
		part   float64
		course twilio.Course
	}{
		{0.10, twilio.Course{Never: true}}, {0.10, twilio.Course{Early: true}}, {0.10, twilio.Course{Reversed: true}},
		{0.20, twilio.Course{Doubled: true}}, {0.10, twilio.Course{Late: 3 * time.Second}},
		{0.05, twilio.Course{End: "undelivered", ErrorCode: 30003}}, {0.05, twilio.Course{End: "failed", ErrorCode: 30008}},
	} {
		some.course.Step = 50 * time.Millisecond
		some.course.Match = func(twilio.Message) bool { return d.Chance(some.part) }
		n.Twilio.SetCourse(some.course)
	}
}
