package redis

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"sidetext/hub"
)

// The back-off between two attempts to connect doubles from the first to the
// last, with jitter: the pause is between half of it and all.
const (
	firstBackoff = 200 * time.Millisecond
	lastBackoff  = 2 * time.Second
)

var errNoHeartbeat = errors.New("three own heartbeats were not received")

// Subscribe passes published messages to sub until ctx or the bus ends.
func (b *Bus) Subscribe(ctx context.Context, sub hub.Subscriber) {
	b.work.Add(1)
	defer b.work.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(b.ctx, cancel)()
	s := &subscription{Bus: b, sub: sub, backoff: firstBackoff, peers: peers{}}
	for ctx.Err() == nil {
		err := s.checkOnce(ctx)
		if err == nil {
			err = s.receive(ctx)
		}
		s.setUnhealthy(ctx, err)
		select {
		case <-time.After(s.backoff/2 + rand.N(s.backoff/2)):
		case <-ctx.Done():
		}
		s.backoff = min(2*s.backoff, lastBackoff)
	}
}

// A subscription is the state of the receiving goroutine.
type subscription struct {
	*Bus
	sub             hub.Subscriber
	backoff         time.Duration // before the next attempt to connect
	confirmed       time.Time     // when the server confirmed the subscription; zero: it has not
	confirmedBefore bool          // a subscription has been confirmed before
	ownAt           time.Time     // when an own envelope was received last, or the connection began
	reportedAt      time.Time     // when OnLoss was called last
	gap             bool          // an envelope is missing, and OnLoss has not been called yet
	peers           peers
	logged          bool // that the server cannot be used
}

// checkOnce does the check of Open if the server could not be reached then. It
// logs once that the server cannot be used.
func (s *subscription) checkOnce(ctx context.Context) error {
	if s.checked {
		return nil
	}
	err := s.checkServer(ctx)
	s.checked = err == nil
	if isUnusable(err) && !s.logged {
		s.logged = true
		s.log.Error("redis is not usable", "error", err)
	}
	return err
}

// receive connects, subscribes and receives until an error. go-redis reconnects at
// once by itself; that is used for a connection that has been stable and was cut.
func (s *subscription) receive(ctx context.Context) error {
	client := s.address.newClient(subscribeTimeouts)
	defer client.Close()
	pubsub := client.Subscribe(ctx)
	defer pubsub.Close()
	ctx, done := context.WithCancel(ctx)
	var closing sync.WaitGroup
	closing.Go(func() {
		<-ctx.Done()
		_ = pubsub.Close() // unblocks ReceiveTimeout, which ctx alone does not
	})
	defer closing.Wait()
	defer done()
	if err := pubsub.Subscribe(ctx, s.channel); err != nil {
		return err
	}
	s.ownAt = time.Now()
	for {
		wait := time.Until(s.ownAt.Add(3 * s.heartbeat))
		if s.confirmed.IsZero() {
			wait = min(wait, subscribeTimeouts.request)
		}
		if wait <= 0 {
			return errNoHeartbeat
		}
		received, err := pubsub.ReceiveTimeout(ctx, wait)
		switch {
		case err == nil:
			s.handle(received)
		case isTimeout(err):
			return errNoHeartbeat
		case !s.stable() || ctx.Err() != nil:
			return err
		default:
			s.setUnhealthy(ctx, err)
			s.ownAt = time.Now()
		}
	}
}

func (s *subscription) handle(received any) {
	switch received := received.(type) {
	case *goredis.Subscription:
		s.onConfirmed()
	case *goredis.Message:
		s.onEnvelope(received.Payload)
	}
}

// onConfirmed starts over: messages before now may be lost, and later ones will be
// received.
func (s *subscription) onConfirmed() {
	if s.confirmedBefore {
		s.counters.reconnects.Add(1)
	}
	s.confirmedBefore, s.confirmed = true, time.Now()
	s.peers.forgetNumbers()
	s.reportLoss()
	s.heartbeatDue.Store(true)
	s.wakePublisher()
}

// stable reports whether the subscription has lasted for a while. One that has not
// is replaced only after a back-off, because each subscription costs the
// subscriber a comparison with the store.
func (s *subscription) stable() bool {
	return !s.confirmed.IsZero() && time.Since(s.confirmed) > s.heartbeat/2
}

func (s *subscription) reportLoss() {
	s.gap, s.reportedAt = false, time.Now()
	s.sub.OnLoss()
}

// onEnvelope passes the message of an envelope to the subscriber.
func (s *subscription) onEnvelope(data string) {
	e, err := decode([]byte(data))
	if err != nil {
		s.counters.invalid.Add(1)
		return
	}
	if e.Node == s.node {
		s.setHealthy()
	}
	s.gap = s.peers.add(e) || s.gap
	if !isEmpty(e.Message) {
		s.counters.received.Add(1)
		s.sub.OnMessage(e.Message)
	}
	// Own heartbeats arrive all the time, so a loss is reported soon.
	if time.Since(s.reportedAt) >= s.heartbeat/2 && (s.gap || s.peers.anySilent(3*s.heartbeat)) {
		s.reportLoss()
	}
}

// setHealthy records that an own envelope has come back through Redis.
func (s *subscription) setHealthy() {
	s.ownAt = time.Now()
	s.lastOwn.Store(int64(s.ownAt.Sub(s.began)))
	if s.state.Load().healthy {
		return
	}
	s.state.Store(&state{true, s.ownAt})
	s.log.Info("redis connected")
}

// setUnhealthy records that the connection is broken, and logs it once.
func (s *subscription) setUnhealthy(ctx context.Context, err error) {
	if s.stable() {
		s.backoff = firstBackoff
	}
	s.confirmed = time.Time{}
	if !s.state.Load().healthy {
		return
	}
	s.state.Store(&state{since: time.Now()})
	if ctx.Err() == nil {
		s.log.Warn("redis connection lost", "error", oneLine(err))
	}
}
