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

// Between two attempts to connect pass, at random, between half of this and all;
// it doubles from the first to the last.
const (
	firstPause = 200 * time.Millisecond
	lastPause  = 2 * time.Second
)

var errSilent = errors.New("three heartbeats of our own were not heard")

// Listen tells ear what is published, until ctx or the bus ends.
func (b *Bus) Listen(ctx context.Context, ear hub.Ear) {
	b.work.Add(1)
	defer b.work.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(b.ctx, cancel)()
	for l := (&listener{b: b, ear: ear, pause: firstPause, voices: map[string]voice{}}); ctx.Err() == nil; {
		err := l.inquire(ctx)
		if err == nil {
			err = l.follow(ctx)
		}
		l.broken(ctx, err)
		select {
		case <-time.After(l.pause/2 + rand.N(l.pause/2)):
		case <-ctx.Done():
		}
		l.pause = min(2*l.pause, lastPause)
	}
}

// A listener is what only the receiving goroutine knows.
type listener struct {
	b       *Bus
	ear     hub.Ear
	heard   time.Time        // when something of our own was, or when it could be first
	refused bool             // the server has been, and that is logged
	pause   time.Duration    // before the next attempt to connect
	since   time.Time        // when the subscription was confirmed, if it is
	ever    bool             // one has been
	voices  map[string]voice // of the other nodes
	missed  bool             // a parcel is missing, and the ear has not been told
	told    time.Time        // when it was last
}

// A voice is how a node was heard last.
type voice struct {
	n  uint64 // the number of its parcel; 0: none on this subscription
	at time.Time
}

// awaited is for how long a node that fell silent, and did not say that it goes,
// may yet be there and have something to tell.
const awaited = 10 * time.Minute

// inquire asks a server that could not be reached when the bus was opened what
// Open would have asked, and logs it once when it will not do.
func (l *listener) inquire(ctx context.Context) error {
	if l.b.asked {
		return nil
	}
	err := l.b.ask(ctx)
	l.b.asked = err == nil
	if refused(err) && !l.refused {
		l.refused = true
		l.b.log.Error("this redis will not do", "error", err)
	}
	return err
}

// follow connects, subscribes and receives until something is wrong. A
// steady connection that breaks go-redis replaces by itself, at once; that is
// enough for one that was merely cut.
func (l *listener) follow(ctx context.Context) error {
	client := l.b.at.client(listening)
	defer client.Close()
	sub := client.Subscribe(ctx)
	defer sub.Close()
	ctx, done := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		<-ctx.Done()
		_ = sub.Close() // which wakes the receiver; ctx alone would not
	})
	defer watching.Wait()
	defer done()
	if err := sub.Subscribe(ctx, l.b.channel); err != nil {
		return err
	}
	l.heard = time.Now()
	for {
		wait := time.Until(l.heard.Add(3 * l.b.beat))
		if l.since.IsZero() {
			wait = min(wait, listening.wait)
		}
		if wait <= 0 {
			return errSilent
		}
		got, err := sub.ReceiveTimeout(ctx, wait)
		switch {
		case err == nil:
			l.take(got)
		case timedOut(err):
			return errSilent
		case !l.steady() || ctx.Err() != nil:
			return err
		default:
			l.broken(ctx, err)
			l.heard = time.Now()
		}
	}
}

func (l *listener) take(got any) {
	switch got := got.(type) {
	case *goredis.Subscription:
		l.subscribed()
	case *goredis.Message:
		l.open(got.Payload)
	}
}

// subscribed begins anew: what came before may be lost, what comes now is heard.
func (l *listener) subscribed() {
	if l.ever {
		l.b.counted.again.Add(1)
	}
	l.ever, l.since = true, time.Now()
	for node, v := range l.voices {
		l.voices[node] = voice{at: v.at}
	}
	l.lost()
	l.b.hello.Store(true)
	l.b.poke()
}

// steady reports whether the subscription has held for a while. One that has not
// is not replaced at once: each costs the ear a look at everything.
func (l *listener) steady() bool {
	return !l.since.IsZero() && time.Since(l.since) > l.b.beat/2
}

func (l *listener) lost() {
	l.missed, l.told = false, time.Now()
	l.ear.Lost()
}

// open tells the ear what is in a parcel.
func (l *listener) open(data string) {
	p, err := decode([]byte(data))
	if err != nil {
		l.b.counted.garbage.Add(1)
		return
	}
	if p.Node == l.b.node {
		l.echo()
	}
	l.count(p)
	if !empty(p.Message) {
		l.b.counted.heard.Add(1)
		l.ear.Hear(p.Message)
	}
	// Heartbeats come again and again, so what is owed is paid soon.
	if time.Since(l.told) >= l.b.beat/2 && (l.missed || l.silenced()) {
		l.lost()
	}
}

// silenced reports whether a node that was here is not heard any more. It may be
// dead; or only its way to Redis is, and it goes on changing conversations.
func (l *listener) silenced() (any bool) {
	for node, v := range l.voices {
		switch silence := time.Since(v.at); {
		case silence > awaited:
			delete(l.voices, node)
		case silence > 3*l.b.beat:
			any = true
		}
	}
	return any
}

// count notices when a node's parcel before this one is missing. Later that it
// is only late, which costs a look.
func (l *listener) count(p parcel) {
	const nodes = 1000 // more than anybody has: those were strangers
	last, known := l.voices[p.Node]
	if last.n > 0 && p.N > last.n+1 {
		l.missed = true
	}
	if p.Bye {
		delete(l.voices, p.Node)
		return
	}
	if !known && len(l.voices) >= nodes {
		clear(l.voices)
	}
	l.voices[p.Node] = voice{max(last.n, p.N), time.Now()}
}

// echo notes that the way from us through Redis to us is whole.
func (l *listener) echo() {
	b := l.b
	l.heard = time.Now()
	b.echo.Store(int64(l.heard.Sub(b.began)))
	if b.whole.Load().is {
		return
	}
	b.whole.Store(&wholeness{true, l.heard})
	b.log.Info("nodes hear each other through redis")
}

// broken notes that the way is not whole, and logs it once.
func (l *listener) broken(ctx context.Context, err error) {
	if l.steady() {
		l.pause = firstPause
	}
	l.since = time.Time{}
	if !l.b.whole.Load().is {
		return
	}
	l.b.whole.Store(&wholeness{since: time.Now()})
	if ctx.Err() == nil {
		l.b.log.Warn("nodes do not hear each other through redis", "error", plain(err))
	}
}
