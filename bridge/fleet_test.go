package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/bridge"
	"sidetext/bridge/courier"
	"sidetext/chat"
	"sidetext/store"
)

// A fleet is several nodes on one real store in a synctest bubble, with a fake
// provider and the shoppers of two shops.
type fleet struct {
	*testing.T
	url        string // of the database
	nodes      []*node
	all        []*node // also those that were killed
	provider   *fakeProvider
	configs    []chat.LineConfig
	shoppers   []testShopper
	nudges     []*node // which node nudged the others
	nudgesLost bool    // nudges do not arrive
	replies    int
}

// A testShopper is a shopper who has texted.
type testShopper struct {
	config chat.LineConfig
	id     chat.ConversationID
	phone  chat.Phone
}

// shoppersPerShop is the number of shoppers of each shop.
const shoppersPerShop = 12

func newFleet(t *testing.T, url string, nodes int) *fleet {
	t.Helper()
	f := &fleet{T: t, url: url, provider: &fakeProvider{inFlight: map[string]map[*node]int{}, maxInFlight: map[string]int{}, latency: 50 * time.Millisecond}}
	for range nodes {
		f.addNode()
	}
	for i, name := range []string{"tea", "oil"} {
		config := f.addShop(name)
		f.configs = append(f.configs, config)
		for j := range shoppersPerShop {
			p := testShopper{config: config, phone: chat.Phone(fmt.Sprintf("+1415555%d%03d", i, j))}
			turn, err := f.nodes[0].Store.Receive(t.Context(), config, p.phone, time.Now(), func(turn *chat.Turn) error {
				_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("SM", name, j), From: p.phone, Text: "hello"})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			p.id = turn.Conversation.ID
			f.shoppers = append(f.shoppers, p)
		}
	}
	return f
}

// addShop adds a shop with a line and no helpdesk.
func (f *fleet) addShop(name string) chat.LineConfig {
	f.Helper()
	s := f.nodes[0].Store
	shop, err := s.AddShop(f.Context(), name, time.Now())
	if err == nil {
		err = s.SaveLine(f.Context(), chat.Line{ID: chat.NewID[chat.LineID](time.Now()), Shop: shop.ID, Number: "+14155550100", Provider: "twilio", Account: "AC" + name, Token: "token", Endpoint: "line-" + name})
	}
	config, found := s.LineConfig(f.Context(), "line-"+name)
	if err := errors.Join(err, found); err != nil {
		f.Fatal(err)
	}
	return config
}

// addNode starts another node.
func (f *fleet) addNode() *node {
	f.Helper()
	s, err := store.Open(context.Background(), f.url, bytes.Repeat([]byte{7}, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	n := &node{Store: s, fleet: f, name: fmt.Sprint(len(f.all)), thawed: make(chan struct{}), ended: make(chan struct{})}
	close(n.thawed)
	n.bridge = &bridge.Bridge{Turns: n, Now: time.Now, Publish: func(*chat.Turn) {}}
	worker := &bridge.Worker{
		Bridge: n.bridge, Sender: n, StatusReader: f.provider, Helpdesks: nil, Snapshots: n, Attempts: n,
		Log: slog.New(slog.DiscardHandler), Finish: n.Finish, Postpone: n.Postpone,
	}
	n.courier = courier.New(n, nil, time.Now, slog.New(slog.DiscardHandler))
	worker.Register(n.courier)
	n.courier.NudgeOthers = func() { f.nudge(n) }
	n.bridge.Wake = n.courier.Wake
	ctx, stop := context.WithCancel(context.Background())
	n.stop = stop
	go func() {
		defer close(n.ended)
		n.courier.Run(ctx)
		if err := s.Close(); err != nil {
			f.Error(err)
		}
	}()
	f.provider.mu.Lock()
	defer f.provider.mu.Unlock()
	f.nodes, f.all = append(f.nodes, n), append(f.all, n)
	return n
}

func (f *fleet) nudge(from *node) {
	f.provider.mu.Lock()
	f.nudges = append(f.nudges, from)
	deaf, nodes := f.nudgesLost, slices.Clone(f.nodes) // nodes may join or be killed meanwhile
	f.provider.mu.Unlock()
	for _, n := range nodes {
		if n != from && !deaf {
			n.courier.WakeLocal()
		}
	}
}

// stopAll stops all nodes and waits until they have ended.
func (f *fleet) stopAll() {
	for _, n := range f.nodes {
		n.thaw()
		n.stop()
	}
	for _, n := range f.all {
		<-n.ended
	}
}

// reply sends an agent's text to a shopper through a node.
func (f *fleet) reply(at *node, to testShopper) (seq int64) {
	f.Helper()
	f.replies++
	seq, err := at.bridge.Reply(context.Background(), to.config.Shop.ID, to.id, anna, bridge.Reply{ID: fmt.Sprint("click", f.replies), Text: fmt.Sprint("answer ", f.replies), Seen: 1 << 40})
	if err != nil {
		f.Fatal(err)
	}
	return seq
}

// entry returns a text as it is now.
func (f *fleet) entry(p testShopper, seq int64) chat.Entry {
	f.Helper()
	snapshot, _, err := f.nodes[0].Store.Snapshot(context.Background(), p.config.Shop.ID, p.id, 0)
	if err != nil {
		f.Fatal(err)
	}
	return snapshot.Entries[seq-1]
}

// withFleet runs test with several nodes on an empty database.
func withFleet(t *testing.T, nodes int, test func(*fleet)) {
	t.Helper()
	withFleetOn(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), nodes, test)
}

func withFleetOn(t *testing.T, url string, nodes int, test func(*fleet)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, url, nodes)
		defer f.stopAll()
		test(f)
	})
}

// waitForTexts waits until a shopper has got n texts, and returns how long that took.
func (f *fleet) waitForTexts(p testShopper, n int, within time.Duration) time.Duration {
	f.Helper()
	began := time.Now()
	for len(f.provider.textsTo(p.phone)) < n {
		if time.Since(began) > within {
			f.Fatalf("after %v %d of %d texts arrived", within, len(f.provider.textsTo(p.phone)), n)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}
