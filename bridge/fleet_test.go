package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/bridge"
	"sidetext/bridge/courier"
	"sidetext/chat"
	"sidetext/store"
)

// A fleet is several nodes on one real store, in a synctest bubble, with one
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
	nudgesLost bool    // no nudge arrives
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
		door := f.addShop(name)
		f.configs = append(f.configs, door)
		for j := range shoppersPerShop {
			p := testShopper{config: door, phone: chat.Phone(fmt.Sprintf("+1415555%d%03d", i, j))}
			turn, err := f.nodes[0].Store.Receive(t.Context(), door, p.phone, time.Now(), func(turn *chat.Turn) error {
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
	door, found := s.LineConfig(f.Context(), "line-"+name)
	if err := errors.Join(err, found); err != nil {
		f.Fatal(err)
	}
	return door
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

// stopAll stops all nodes in order.
func (f *fleet) stopAll() {
	for _, n := range f.nodes {
		n.thaw()
		n.stop()
	}
	for _, n := range f.all {
		<-n.ended
	}
}

// reply has an agent text a shopper, through a node.
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

var errKilled = errors.New("killed")

// A node is a courier whose calls to the store and the provider fail after it was
// killed, and block while it is frozen.
type node struct {
	*store.Store
	fleet   *fleet
	name    string
	bridge  *bridge.Bridge
	courier *courier.Courier
	stop    context.CancelFunc
	ended   chan struct{}

	mu         sync.Mutex
	killed     bool
	frozen     bool
	thawed     chan struct{}
	lostClaims int // claims that are committed, but return an error
	grants     []grant
}

// A grant is the share that a node was given at some time.
type grant struct {
	at time.Time
	chat.Share
}

// wasGranted reports whether a node was given an account's shard between then and now.
func (n *node) wasGranted(account string, then, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.grants, func(s grant) bool {
		return s.at.After(then) && !s.at.After(now) && slices.Contains(s.Held, chat.Shard(account))
	})
}

// kill ends a node without warning.
func (n *node) kill() {
	n.mu.Lock()
	n.killed = true
	n.mu.Unlock()
	n.thaw()
	n.stop()
	n.fleet.provider.mu.Lock()
	n.fleet.nodes = slices.DeleteFunc(n.fleet.nodes, func(o *node) bool { return o == n })
	n.fleet.provider.mu.Unlock()
	n.fleet.provider.removeNode(n)
}

func (n *node) freeze() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.frozen {
		n.frozen, n.thawed = true, make(chan struct{})
	}
}

func (n *node) thaw() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.frozen {
		n.frozen = false
		close(n.thawed)
	}
}

func (n *node) healthy() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.killed && !n.frozen
}

// waitUntilThawed blocks while the node is frozen, and fails when it is killed.
func (n *node) waitUntilThawed() error {
	for {
		n.mu.Lock()
		killed, frozen, thawed := n.killed, n.frozen, n.thawed
		n.mu.Unlock()
		if killed {
			return errKilled
		}
		if !frozen {
			return nil
		}
		<-thawed
	}
}

// callNode makes a call of a node that may be killed or frozen before the call, or
// before its answer.
func callNode[T any](n *node, call func() (T, error)) (answer T, err error) {
	if err := n.waitUntilThawed(); err != nil {
		return answer, err
	}
	answer, err = call()
	if gone := n.waitUntilThawed(); gone != nil {
		err = gone
	}
	return answer, err
}

func (n *node) callNoResult(call func() error) error {
	_, err := callNode(n, func() (any, error) { return nil, call() })
	return err
}

func (n *node) TakeShards(ctx context.Context, keep []int, leaving bool, now time.Time, lease time.Duration) (chat.Share, error) {
	return callNode(n, func() (chat.Share, error) {
		share, err := n.Store.TakeShards(ctx, keep, leaving, now, lease)
		n.mu.Lock()
		defer n.mu.Unlock()
		if err == nil {
			n.grants = append(n.grants, grant{time.Now(), share})
		}
		return share, err
	})
}

func (n *node) DueAccounts(ctx context.Context, now time.Time) ([]string, error) {
	return callNode(n, func() ([]string, error) { return n.Store.DueAccounts(ctx, now) })
}

func (n *node) Claim(ctx context.Context, account string, all, calm int, now time.Time, lease time.Duration) ([]chat.Delivery, error) {
	mine, err := callNode(n, func() ([]chat.Delivery, error) { return n.Store.Claim(ctx, account, all, calm, now, lease) })
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.lostClaims > 0 && len(mine) > 0 {
		n.lostClaims--
		return nil, chat.ErrUnavailable
	}
	return mine, err
}

func (n *node) Postpone(ctx context.Context, d chat.Delivery, due time.Time, problem string) error {
	return n.callNoResult(func() error { return n.Store.Postpone(ctx, d, due, problem) })
}

func (n *node) Finish(ctx context.Context, d chat.Delivery) error {
	return n.callNoResult(func() error { return n.Store.Finish(ctx, d) })
}

func (n *node) ExpiredClaims(ctx context.Context, now time.Time) ([]chat.Delivery, error) {
	return callNode(n, func() ([]chat.Delivery, error) { return n.Store.ExpiredClaims(ctx, now) })
}

func (n *node) InFlight(ctx context.Context) ([]chat.Delivery, error) {
	return callNode(n, func() ([]chat.Delivery, error) { return n.Store.InFlight(ctx) })
}

func (n *node) RepairDueTimes(ctx context.Context, now time.Time) error {
	return n.callNoResult(func() error { return n.Store.RepairDueTimes(ctx, now) })
}

func (n *node) AttemptDetail(ctx context.Context, shop chat.ShopID, id chat.AttemptID) (chat.AttemptDetail, error) {
	return callNode(n, func() (chat.AttemptDetail, error) { return n.Store.AttemptDetail(ctx, shop, id) })
}

// Turn does not block between an attempt and its request: a real node can't be held
// back there either, once the request has left.
func (n *node) Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	if err := n.waitUntilThawed(); err != nil {
		return nil, err
	}
	t, err := n.Store.Turn(ctx, shop, id, time.Now(), do)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.killed {
		return nil, errKilled
	}
	return t, err
}

// Send is a request to the provider.
func (n *node) Send(ctx context.Context, line chat.Line, out chat.Outgoing) (chat.Report, error) {
	return n.fleet.provider.send(n, line, out)
}

// A fakeProvider is the provider of all lines: it accepts every text, after a while.
type fakeProvider struct {
	mu          sync.Mutex
	latency     time.Duration
	accepted    []acceptedText
	inFlight    map[string]map[*node]int // account → requests in flight of each node
	maxInFlight map[string]int           // account → the most in flight at once
}

type acceptedText struct {
	chat.Outgoing
	chat.Record
	by *node
}

func (p *fakeProvider) send(n *node, line chat.Line, out chat.Outgoing) (chat.Report, error) {
	if err := n.waitUntilThawed(); err != nil {
		return chat.Report{}, err
	}
	p.mu.Lock()
	report := chat.Report{ID: "SM" + string(out.Token), State: chat.Queued}
	p.accepted = append(p.accepted, acceptedText{out, chat.Record{Report: report, Text: out.Text, At: time.Now()}, n})
	p.count(line.SendAccount(), n, 1)
	takes := p.latency
	p.mu.Unlock()
	time.Sleep(takes)
	p.mu.Lock()
	p.count(line.SendAccount(), n, -1)
	p.mu.Unlock()
	report.Token = out.Token
	return report, n.waitUntilThawed()
}

// count counts the requests in flight of healthy nodes.
func (p *fakeProvider) count(account string, n *node, by int) {
	if p.inFlight[account] == nil {
		p.inFlight[account] = map[*node]int{}
	}
	p.inFlight[account][n] += by
	sum := 0
	for n, busy := range p.inFlight[account] {
		if n.healthy() {
			sum += busy
		}
	}
	p.maxInFlight[account] = max(p.maxInFlight[account], sum)
}

func (p *fakeProvider) removeNode(n *node) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, busy := range p.inFlight {
		delete(busy, n)
	}
}

func (p *fakeProvider) Status(_ context.Context, _ chat.Line, provider string) (chat.Report, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.accepted {
		if l.ID == provider {
			return chat.Report{ID: l.ID, State: chat.Delivered}, nil
		}
	}
	return chat.Report{}, failure(chat.Rejected)
}

func (p *fakeProvider) Sent(_ context.Context, _ chat.Line, to chat.Phone, since time.Time) (found []chat.Record, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.accepted {
		if l.To == to && !l.Record.At.Before(since) {
			found = append(found, l.Record)
		}
	}
	return found, nil
}

// textsTo lists the texts to a shopper, in the order in which they were accepted.
func (p *fakeProvider) textsTo(to chat.Phone) (got []acceptedText) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.accepted {
		if l.To == to {
			got = append(got, l)
		}
	}
	slices.SortStableFunc(got, func(a, b acceptedText) int { return a.Record.At.Compare(b.Record.At) })
	return got
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
			f.Fatalf("after %v only %d of %d texts arrived", within, len(f.provider.textsTo(p.phone)), n)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}
