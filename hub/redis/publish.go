package redis

import (
	"context"
	"encoding/json"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"sidetext/hub"
)

// publishPause is the pause after a failed publication. What is added meanwhile is
// merged.
const publishPause = 100 * time.Millisecond

// A publisher is the state of the publishing goroutine.
type publisher struct {
	*Bus
	client   goredis.UniversalClient
	sequence uint64 // the number of the last envelope
}

// wakePublisher makes the publisher take from the outbox.
func (b *Bus) wakePublisher() {
	select {
	case b.wake <- struct{}{}:
	default: // it was woken already
	}
}

// runPublisher publishes the outbox and heartbeats until the bus ends.
func (b *Bus) runPublisher() {
	p := &publisher{Bus: b, client: b.address.newClient(b.publishTimeouts), sequence: 1} // checkServer sent number 1
	defer func() { _ = p.client.Close() }()
	heartbeat := time.NewTicker(b.heartbeat)
	defer heartbeat.Stop()
	for open := true; open; {
		select {
		case <-b.wake:
		case <-heartbeat.C:
			b.heartbeatDue.Store(true)
		case <-b.ctx.Done():
			open = false
		}
		m, messages, overflow := b.outbox.take()
		if overflow {
			p.sequence++ // the other nodes detect the gap
		}
		err := p.publishMessage(m)
		switch {
		case err != nil:
			b.counters.dropped.Add(messages)
			_ = p.client.Close()
			p.client = b.address.newClient(b.publishTimeouts) // finds out anew which server is the master
			b.pause(publishPause)
		case !open:
			_ = p.publishEnvelope(envelope{Bye: true}) // if it fails, the other nodes wait for this one for a while
		}
	}
}

// pause waits for d or until the bus ends.
func (b *Bus) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.ctx.Done():
	}
}

// publishMessage publishes m in as many envelopes as it takes, or a heartbeat if m
// is empty and one is due. It stops at the first failure.
func (p *publisher) publishMessage(m hub.Message) error {
	heartbeatDue := p.heartbeatDue.Swap(false)
	if isEmpty(m) {
		if !heartbeatDue {
			return nil
		}
		return p.publishEnvelope(envelope{Message: m})
	}
	parts, tooLarge := split(m)
	p.counters.dropped.Add(tooLarge)
	for _, part := range parts {
		if err := p.publishEnvelope(envelope{Message: part}); err != nil {
			return err
		}
	}
	return nil
}

func (p *publisher) publishEnvelope(e envelope) error {
	p.sequence++
	e.Node, e.N = p.node, p.sequence
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), p.publishTimeouts.dial+p.publishTimeouts.request)
	defer cancel()
	return p.client.Publish(ctx, p.channel, data).Err()
}
