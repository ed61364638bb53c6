package cluster

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"sidetext/chat"
	"sidetext/hub"
)

// A CanaryStore stores a canary revision for each node.
type CanaryStore interface {
	Node() string
	WriteCanary(ctx context.Context, now time.Time) (rev int64, err error)
	CanaryRevision(ctx context.Context, node string) (rev int64, err error)
}

// A Probed hub lets the canary wait for a room's update as a viewer does.
type Probed interface {
	StartProbe(room string) *hub.Probe
	Hint(room string, rev int64)
	PublishHint(room string, rev int64)
}

// A Canary writes a marker every few seconds, which takes the path of a text: it is
// committed, published over the bus, read for its room and sent to a viewer there. So
// a node knows whether it is healthy before an agent notices.
type Canary struct {
	CanarySettings

	wanted Signal        // a result is wanted now
	ended  chan struct{} // closed when Run has ended

	mu   sync.Mutex // never held while waiting
	last CanaryResult
	next chan struct{} // closed when there is a newer result
}

// CanarySettings are what a canary needs.
type CanarySettings struct {
	Store CanaryStore
	Hub   Probed
	Bus   hub.Bus
	Now   func() time.Time
}

// A CanaryResult is what the last canary found.
type CanaryResult struct {
	At   time.Time
	Err  error         // why it could not be committed
	Took time.Duration // of the last one that arrived, or timed out
	Slow bool          // it was not shown in time
}

// A flight is a marker that is committed and not shown yet.
type flight struct {
	rev   int64
	began time.Time
}

const (
	// CanaryInterval is the time between two markers.
	CanaryInterval   = 5 * time.Second
	canaryFresh      = time.Second            // a result is reused for this long
	canaryResultWait = 500 * time.Millisecond // Result waits this long for a newer one
	canaryTimeout    = 2 * time.Second        // to be committed, and as long again to be shown
	canaryShop       = "canary"               // the shop in the name of its room; no shop has this id
)

// NewCanary makes a canary.
func NewCanary(settings CanarySettings) *Canary {
	return &Canary{CanarySettings: settings, wanted: NewSignal(), ended: make(chan struct{}), next: make(chan struct{})}
}

func canaryRoom(node string) string { return canaryShop + "/" + node }

// CanaryNode returns the node whose canary a room is for.
func CanaryNode(room string) (node string, ok bool) {
	return strings.CutPrefix(room, canaryShop+"/")
}

// ReadCanary is a hub.ReadFunc for the rooms of canaries.
func ReadCanary(ctx context.Context, db CanaryStore, node string, since int64) (hub.Update, error) {
	rev, err := db.CanaryRevision(ctx, node)
	if errors.Is(err, chat.ErrNotFound) {
		return hub.Update{}, nil // none was committed yet
	}
	return hub.Update{From: since, Rev: rev, Frame: canaryFrame}, err
}

// canaryFrame is sent to probes only.
var canaryFrame = []byte("{}")

// Run writes markers until ctx ends.
func (c *Canary) Run(ctx context.Context) {
	defer close(c.ended)
	flights := make(chan flight, 1)
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() { c.watch(ctx, flights) })
	tick := time.NewTicker(CanaryInterval)
	defer tick.Stop()
	for {
		if f, ok := c.commit(ctx); ok {
			select {
			case <-flights: // not awaited yet: the newer one replaces it
			default:
			}
			flights <- f
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-c.wanted:
		}
	}
}

// commit writes a marker and publishes its revision.
func (c *Canary) commit(ctx context.Context) (f flight, ok bool) {
	f.began = time.Now()
	committing, cancel := context.WithTimeout(ctx, canaryTimeout)
	defer cancel()
	rev, err := c.Store.WriteCanary(committing, c.Now())
	if ctx.Err() != nil {
		return f, false // stopping: the error has no meaning
	}
	c.record(func(r *CanaryResult) {
		r.At, r.Err = time.Now(), err
		if err != nil {
			r.Took = time.Since(f.began)
		}
	})
	if f.rev = rev; err == nil {
		c.publish(canaryRoom(c.Store.Node()), rev)
	}
	return f, err == nil
}

// watch waits for flights to be shown, as a viewer, until ctx ends.
func (c *Canary) watch(ctx context.Context, flights <-chan flight) {
	room := canaryRoom(c.Store.Node())
	probe := c.Hub.StartProbe(room)
	defer func() { probe.Close() }()
	for {
		var f flight
		select {
		case <-ctx.Done():
			return
		case f = <-flights:
		}
		coming, cancel := context.WithTimeout(ctx, canaryTimeout)
		err := probe.Await(coming, f.rev)
		cancel()
		if ctx.Err() != nil {
			return
		}
		c.record(func(r *CanaryResult) { r.Slow, r.Took = err != nil, time.Since(f.began) })
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			// The hub closed the probe, as it closes all viewers after the database was
			// restored. Viewers connect again, and so does the probe.
			probe.Close()
			probe = c.Hub.StartProbe(room)
		}
	}
}

// record changes the last result.
func (c *Canary) record(change func(*CanaryResult)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.last.At
	change(&c.last)
	if c.last.At != before {
		close(c.next)
		c.next = make(chan struct{})
	}
}

var errHangs = errors.New("the database does not respond")

// Result returns the last result. If that is older than canaryFresh, it first has
// another marker written and waits for its commit, up to canaryResultWait.
func (c *Canary) Result(ctx context.Context) CanaryResult {
	c.mu.Lock()
	last, next := c.last, c.next
	c.mu.Unlock()
	if time.Since(last.At) < canaryFresh {
		return last
	}
	c.wanted.Set()
	timeout := time.NewTimer(canaryResultWait)
	defer timeout.Stop()
	select {
	case <-next:
	case <-c.ended:
	case <-ctx.Done():
	case <-timeout.C:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if last = c.last; last.Err == nil && time.Since(last.At) > CanaryInterval+canaryTimeout {
		last.Err = errHangs
	}
	return last
}

// Took returns how long the last marker took.
func (c *Canary) Took() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last.Took
}

// publish announces a revision: over the bus, if there is one, so that the marker
// takes the whole path on this node too.
func (c *Canary) publish(room string, rev int64) {
	if _, single := c.Bus.(singleBus); single {
		c.Hub.Hint(room, rev)
		return
	}
	c.Hub.PublishHint(room, rev)
}
