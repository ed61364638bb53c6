// Package redis is a hub.Bus over Redis Pub/Sub, which may lose messages, and
// sometimes does so silently. So the bus detects losses itself: a node publishes a
// heartbeat every two seconds, and reconnects when it does not receive its own;
// envelopes are numbered, which shows gaps; and whenever a message may be missing,
// the subscriber's OnLoss is called.
package redis

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"sidetext/hub"
)

func init() { logging.Disable() } // go-redis would log every attempt to connect

// heartbeatInterval is the time between two heartbeats of a node. The connection
// counts as broken when three of its own were not received.
const heartbeatInterval = 2 * time.Second

// A Bus connects one node to all nodes on a channel. It implements hub.Bus. Use
// Open.
type Bus struct {
	address address
	channel string
	node    string
	log     *slog.Logger
	timing
	began time.Time

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // the publisher and the subscription

	outbox       outbox
	checked      bool          // checkServer succeeded; used by Open, later only by the subscription
	wake         chan struct{} // holds one: the outbox is not empty
	heartbeatDue atomic.Bool   // with the next wake

	state    atomic.Pointer[state]
	lastOwn  atomic.Int64 // when an own envelope was received last, since began
	counters struct{ published, received, dropped, invalid, reconnects atomic.Uint64 }
}

// A state is the health of the connection.
type state struct {
	healthy bool
	since   time.Time
}

var _ hub.Bus = (*Bus)(nil)

// timing holds the bus's intervals and timeouts that tests change.
type timing struct {
	heartbeat       time.Duration
	publishTimeouts timeouts
}

// Open returns node's bus on a channel of the Redis server at url. It returns an
// error of one sentence, without the password, if url is invalid, if the server
// is older than 6.2, or if it refuses the user. A server that cannot be reached is
// not an error: the bus connects when it can. ctx is used only by Open. Close ends
// the bus.
func Open(ctx context.Context, url, channel, node string, log *slog.Logger) (*Bus, error) {
	return open(ctx, url, channel, node, log, timing{heartbeatInterval, publishTimeouts})
}

func open(ctx context.Context, url, channel, node string, log *slog.Logger, timing timing) (*Bus, error) {
	address, err := parseAddress(url)
	if err != nil {
		return nil, wrap(err)
	}
	b := &Bus{
		address: address, channel: channel, node: node, log: log.With("redis", address.String()), timing: timing,
		began: time.Now(), wake: make(chan struct{}, 1),
	}
	b.state.Store(&state{since: b.began})
	switch err := b.checkServer(ctx); {
	case err == nil:
		b.checked = true
	case isUnusable(err):
		return nil, wrap(err)
	default:
		b.log.Warn("redis unreachable; retrying", "error", oneLine(err))
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.work.Go(b.runPublisher)
	return b, nil
}

// Publish adds m, with this node's name, to a bounded outbox that merges
// messages. It never blocks. The caller must not change what m points to.
func (b *Bus) Publish(m hub.Message) {
	b.counters.published.Add(1)
	if !b.outbox.add(m) {
		b.counters.dropped.Add(1)
	}
	b.wakePublisher()
}

// Close publishes what is pending, in one attempt, and ends the bus. It returns
// when all its goroutines have ended.
func (b *Bus) Close() {
	b.cancel()
	b.work.Wait()
}

// Health returns the state of the connection and the counters.
func (b *Bus) Health() hub.BusHealth {
	s := *b.state.Load()
	if expires := b.began.Add(time.Duration(b.lastOwn.Load()) + 3*b.heartbeat); s.healthy && time.Now().After(expires) {
		s = state{since: expires} // the subscription has not noticed yet
	}
	return hub.BusHealth{
		Healthy: s.healthy, Since: s.since,
		Published: b.counters.published.Load(), Received: b.counters.received.Load(),
		Dropped: b.counters.dropped.Load(), Invalid: b.counters.invalid.Load(), Reconnects: b.counters.reconnects.Load(),
	}
}
