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

// A fakeLister is a provider's list of received texts.
type fakeLister struct {
	mu         sync.Mutex
	texts      []chat.Incoming
	fault      error
	sinceTimes []time.Time // the since arguments
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

// A catchUpWorld is a world with a provider whose webhooks may get lost.
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

// sendText sends a text to the provider. webhook says whether its webhook arrives.
func (n *catchUpWorld) sendText(from chat.Phone, text string, webhook bool) {
	n.Helper()
	in := n.incoming(from, text)
	in.At = n.time()
	n.provider.texts = append(n.provider.texts, in)
	if webhook {
		in.At = time.Time{}
		if err := n.bridge.Receive(n.ctx, n.config, in); err != nil {
			n.Fatal(err)
		}
	}
}

func (n *catchUpWorld) compare() bool {
	n.Helper()
	complete, err := n.catchUp.Compare(n.ctx, n.config)
	if err != nil {
		n.Fatal(err)
	}
	return complete
}

// received returns the stored texts of a shopper, in order.
func (n *catchUpWorld) received(from chat.Phone) (texts []string) {
	if n.conversation(from) == "" {
		return nil
	}
	for _, e := range n.snapshot(from).Entries {
		if e.Way == chat.In {
			texts = append(texts, e.Text)
		}
	}
	return texts
}
