package bridge_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
)

// A fakeLister is a provider's list of the texts that it took in.
type fakeLister struct {
	mu         sync.Mutex
	texts      []chat.Incoming
	fault      error
	sinceTimes []time.Time // since when
}

func (l *fakeLister) Received(_ context.Context, _ chat.Line, since time.Time) (found []chat.Incoming, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sinceTimes = append(l.sinceTimes, since)
	for _, in := range l.texts {
		if !in.At.Before(since) {
			found = append(found, in)
		}
	}
	return found, l.fault
}

// A catchUpWorld is a world with a provider whose webhooks may not reach us.
type catchUpWorld struct {
	*world
	provider *fakeLister
	catchUp  *bridge.CatchUp
	found    int
}

func newCatchUpWorld(t *testing.T) *catchUpWorld {
	n := &catchUpWorld{world: newWorld(t), provider: &fakeLister{}}
	n.catchUp = &bridge.CatchUp{Bridge: n.bridge, Lister: n.provider, Ledger: n.store, Owns: func(string) bool { return true }, Found: func(m int) { n.found += m }, Log: slog.New(slog.DiscardHandler)}
	return n
}

func (l *fakeLister) Files(_ context.Context, _ chat.Line, in chat.Incoming) ([]chat.Media, error) {
	return in.Media, nil
}

// sendText is taken in by the provider; reaches says whether its webhook reaches us.
func (n *catchUpWorld) sendText(from chat.Phone, text string, reaches bool) {
	n.Helper()
	in := n.incoming(from, text)
	in.At = n.time()
	n.provider.texts = append(n.provider.texts, in)
	if reaches {
		in.At = time.Time{}
		if err := n.bridge.Receive(n.ctx, n.config, in); err != nil {
			n.Fatal(err)
		}
	}
}

func (n *catchUpWorld) compare() bool {
	n.Helper()
	settled, err := n.catchUp.Compare(n.ctx, n.config)
	if err != nil {
		n.Fatal(err)
	}
	return settled
}

// received is what a shopper said, in our order.
func (n *catchUpWorld) received(who chat.Phone) (said []string) {
	if n.conversation(who) == "" {
		return nil
	}
	for _, e := range n.snapshot(who).Entries {
		if e.Way == chat.In {
			said = append(said, e.Text)
		}
	}
	return said
}
