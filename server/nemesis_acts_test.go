package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
)

// A nemesis does to a shop what the world does, more often.
type nemesis struct {
	*crowd
	long bool // freezes may outlast a lease
	log  *os.File

	mu    sync.Mutex
	count map[string]int
}

// note keeps one thing that happened, for the history.
func (n *nemesis) note(what string, how ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.count[what]++
	fmt.Fprintln(n.log, append([]any{clock(time.Now()), what}, how...)...)
}

func (n *nemesis) did(what string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.count[what]
}

// rage goes on until ctx ends. It returns what the server did that no act of
// ours explains.
func (n *nemesis) rage(ctx context.Context, round int) error {
	seed := n.seed + uint64(round)
	n.street.odds.Store(&stormy)
	n.courses(newDice(seed, "courses"))
	var raging sync.WaitGroup
	defer raging.Wait()
	raging.Go(func() { n.vendor(ctx, newDice(seed, "twilio"), "twilio", n.Twilio.Faults) })
	raging.Go(func() { n.vendor(ctx, newDice(seed, "gorgias"), "gorgias", n.Gorgias.Faults) })
	raging.Go(func() { n.retries(ctx, newDice(seed, "retries")) })
	if n.base.postgres != nil {
		raging.Go(func() { n.ground(ctx, newDice(seed, "ground")) })
	}
	return n.machine(ctx, newDice(seed, "machine"))
}

// calm puts everything right again, and starts the server afresh: the first
// thing it does is to look what it missed.
func (n *nemesis) calm() error {
	n.street.odds.Store(&calm)
	n.Twilio.Faults.Clear()
	n.Gorgias.Faults.Clear()
	n.Twilio.ResetCourses()
	n.Twilio.SetCourse(twilio.Course{Step: 20 * time.Millisecond})
	n.clear()
	for _, node := range n.nodes {
		if err := node.stop(); err != nil {
			return err
		}
	}
	for _, node := range n.nodes {
		if err := node.start(); err != nil {
			return err
		}
	}
	return nil
}

// died reports whether a server's process ended although nobody had asked it to.
func (n *nemesis) died() error {
	for _, node := range n.nodes {
		if err := node.died(); err != nil {
			return err
		}
	}
	return nil
}

// machine is what happens to the servers' processes, one after another.
func (n *nemesis) machine(ctx context.Context, d *dice) error {
	for sleep(ctx, d.within(500*time.Millisecond, 3*time.Second)) {
		if err := n.died(); err != nil {
			return err
		}
		if err := n.strike(ctx, d, n.nodes[d.below(len(n.nodes))]); err != nil {
			return err
		}
	}
	return n.died()
}

// strike does something to a server's process.
func (n *nemesis) strike(ctx context.Context, d *dice, node *node) error {
	switch d.below(6) {
	case 0, 1, 2:
		n.note("kill", node.listen)
		node.kill()
		sleep(ctx, d.within(0, 1500*time.Millisecond))
	case 3, 4:
		long := d.within(500*time.Millisecond, 5*time.Second)
		if n.long && d.under(0.1) {
			long = d.within(20*time.Second, 80*time.Second) // a lease is 60 s
		}
		n.note("freeze", node.listen, long)
		node.freeze()
		sleep(ctx, long)
		node.thaw()
		return nil
	default:
		n.note("restart", node.listen)
		if err := node.stop(); err != nil {
			return fmt.Errorf("an orderly stop: %w", err)
		}
		n.note("stopped")
	}
	if err := node.supervise(); err != nil {
		return err
	}
	n.note("ready", node.listen)
	return nil
}

// vendor is what goes wrong at a vendor: a little all the time, and for some
// seconds each time one thing more.
func (n *nemesis) vendor(ctx context.Context, d *dice, name string, at *wire.Faults) {
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
		if !sleep(ctx, d.within(time.Second, 6*time.Second)) {
			return
		}
		at.Clear()
		fault := faults[d.below(len(faults))]
		fault.Share = []float64{0.2, 0.5, 1}[d.below(3)]
		if d.under(0.5) {
			fault.Method = http.MethodPost // who asks what became of it gets an answer
		}
		n.note("fault", name, fmt.Sprintf("%+v", fault))
		at.Ask(fault)
		sleep(ctx, d.within(500*time.Millisecond, 4*time.Second))
		at.Clear()
	}
}

// retries changes how hard the provider tries to deliver a text: sometimes it
// gives up at once, and only its list still knows of it.
func (n *nemesis) retries(ctx context.Context, d *dice) {
	number, _ := n.Twilio.Number(demoNumber)
	address, _, _ := strings.Cut(number.SmsURL, "#")
	defer n.Twilio.SetWebhook(demoNumber, number.SmsURL)
	for {
		how := []string{"", "#rc=0", "#rc=5&rp=all&ct=2000&rt=2500"}[d.below(3)]
		n.note("retries", how)
		n.Twilio.SetWebhook(demoNumber, address+how)
		if !sleep(ctx, d.within(3*time.Second, 10*time.Second)) {
			return
		}
	}
}

// courses is what becomes of texts, and how the provider tells.
func (n *nemesis) courses(d *dice) {
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
		some.course.Match = func(twilio.Message) bool { return d.under(some.part) }
		n.Twilio.SetCourse(some.course)
	}
}
