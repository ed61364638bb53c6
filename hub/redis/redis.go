// Package redis carries what nodes tell each other over Redis's Pub/Sub, which
// may lose anything, and now and then does so in silence. Hence it is not
// trusted: every node hears itself every two seconds, or begins anew; parcels
// are numbered, so that a missing one is noticed; and whenever something may be
// missing the ear is told to look at everything once.
package redis

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"sidetext/hub"
)

func init() { logging.Disable() } // we log what matters once; go-redis would log every attempt

// heartbeat is the time between two heartbeats of a node; after three that it
// has not heard itself it connects anew.
const heartbeat = 2 * time.Second

// A Bus is one node's way to all nodes on a channel. It is a hub.Bus.
type Bus struct {
	at      address
	channel string
	node    string
	log     *slog.Logger
	pace
	began time.Time

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // the publisher and the listener

	outbox outbox
	asked  bool          // the server, what it is; the listener's once Listen is called
	wake   chan struct{} // there is something to publish
	hello  atomic.Bool   // a heartbeat is due at once

	whole   atomic.Pointer[wholeness]
	echo    atomic.Int64 // when something of our own was heard last, since began
	counted struct{ published, heard, dropped, garbage, again atomic.Uint64 }
}

type wholeness struct {
	is    bool
	since time.Time
}

var _ hub.Bus = (*Bus)(nil)

// Open returns node's bus on a channel of the Redis at url. An address that is
// wrong, and a server that is too old or refuses us, are errors of one sentence
// without the password. A server that can't be reached is none: the bus begins
// without it and connects when it is there. ctx is only for Open. Close ends the
// bus.
func Open(ctx context.Context, url, channel, node string, log *slog.Logger) (*Bus, error) {
	return open(ctx, url, channel, node, log, pace{heartbeat, publishing})
}

// A pace is how long what takes.
type pace struct {
	beat       time.Duration // between two heartbeats
	publishing limits
}

func open(ctx context.Context, url, channel, node string, log *slog.Logger, pace pace) (*Bus, error) {
	at, err := parse(url)
	if err != nil {
		return nil, wrap(err)
	}
	b := &Bus{
		at: at, channel: channel, node: node, log: log.With("redis", at.String()), pace: pace,
		began: time.Now(), wake: make(chan struct{}, 1),
	}
	b.whole.Store(&wholeness{since: b.began})
	switch err := b.ask(ctx); {
	case err == nil:
		b.asked = true
	case refused(err):
		return nil, wrap(err)
	default:
		b.log.Warn("redis can't be reached; until then nodes do not hear each other", "error", plain(err))
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.work.Go(b.publish)
	return b, nil
}

// Publish puts m, with this node's name, into a queue that is bounded and
// merged, and returns at once. What it points to may not be changed later.
func (b *Bus) Publish(m hub.Message) {
	b.counted.published.Add(1)
	if !b.outbox.put(m) {
		b.counted.dropped.Add(1)
	}
	b.poke()
}

func (b *Bus) poke() {
	select {
	case b.wake <- struct{}{}:
	default: // it has been woken and has not looked yet
	}
}

// Close publishes what waits, if that goes at once, and ends the bus. It returns
// when nothing of it runs any more.
func (b *Bus) Close() {
	b.cancel()
	b.work.Wait()
}

// Health says how the bus is doing.
func (b *Bus) Health() hub.BusHealth {
	w := *b.whole.Load()
	if stale := b.began.Add(time.Duration(b.echo.Load()) + 3*b.beat); w.is && time.Now().After(stale) {
		w = wholeness{since: stale} // the listener has yet to find out
	}
	return hub.BusHealth{
		Whole: w.is, Since: w.since,
		Published: b.counted.published.Load(), Heard: b.counted.heard.Load(),
		Dropped: b.counted.dropped.Load(), Garbage: b.counted.garbage.Load(), Again: b.counted.again.Load(),
	}
}

// publish sends what waits, and heartbeats, until the bus ends.
func (b *Bus) publish() {
	n := uint64(1) // after Open's
	client := b.at.client(b.publishing)
	defer func() { _ = client.Close() }()
	beat := time.NewTicker(b.beat)
	defer beat.Stop()
	for open := true; open; {
		select {
		case <-b.wake:
		case <-beat.C:
			b.hello.Store(true)
		case <-b.ctx.Done():
			open = false
		}
		m, messages, lost := b.outbox.take()
		if lost {
			n++ // so that others notice
		}
		if err := b.send(client, m, &n); err != nil {
			b.counted.dropped.Add(messages)
			_ = client.Close()
			client = b.at.client(b.publishing) // with another look at who is where
			b.rest(100 * time.Millisecond)     // what comes in meanwhile is merged
		} else if !open {
			_ = b.post(client, parcel{Bye: true}, &n) // else it is missed for a while
		}
	}
}

// rest waits, though not when the bus ends.
func (b *Bus) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.ctx.Done():
	}
}

// send publishes m in as many parcels as it takes, or a heartbeat if one is due.
// n counts parcels. After one that failed it tries no other.
func (b *Bus) send(client goredis.UniversalClient, m hub.Message, n *uint64) error {
	if hello := b.hello.Swap(false); empty(m) {
		if !hello {
			return nil
		}
		return b.post(client, parcel{Message: m}, n)
	}
	packed, left := pack(m)
	b.counted.dropped.Add(left)
	for _, m := range packed {
		if err := b.post(client, parcel{Message: m}, n); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bus) post(client goredis.UniversalClient, p parcel, n *uint64) error {
	*n++
	p.Node, p.N = b.node, *n
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), b.publishing.dial+b.publishing.wait)
	defer cancel()
	return client.Publish(ctx, b.channel, data).Err()
}
