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
	url     string // of the database
	nodes   []*node
	all     []*node // also those that were killed
	post    *post
	doors   []chat.LineConfig
	people  []person
	nudges  []*node // which node nudged the others
	deaf    bool    // no nudge arrives
	replies int
}

// A person is a shopper who has texted.
type person struct {
	door chat.LineConfig
	id   chat.ConversationID
	to   chat.Phone
}

// shoppers is the number of shoppers of each shop.
const shoppers = 12

func muster(t *testing.T, url string, nodes int) *fleet {
	t.Helper()
	f := &fleet{T: t, url: url, post: &post{busy: map[string]map[*node]int{}, most: map[string]int{}, takes: 50 * time.Millisecond}}
	for range nodes {
		f.join()
	}
	for i, name := range []string{"tea", "oil"} {
		door := f.open(name)
		f.doors = append(f.doors, door)
		for j := range shoppers {
			p := person{door: door, to: chat.Phone(fmt.Sprintf("+1415555%d%03d", i, j))}
			turn, err := f.nodes[0].Store.Receive(t.Context(), door, p.to, time.Now(), func(turn *chat.Turn) error {
				_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("SM", name, j), From: p.to, Text: "hello"})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			p.id = turn.Conversation.ID
			f.people = append(f.people, p)
		}
	}
	return f
}

// open adds a shop with a line and no helpdesk.
func (f *fleet) open(name string) chat.LineConfig {
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

// join starts another node.
func (f *fleet) join() *node {
	f.Helper()
	s, err := store.Open(context.Background(), f.url, bytes.Repeat([]byte{7}, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	n := &node{Store: s, fleet: f, name: fmt.Sprint(len(f.all)), thawed: make(chan struct{}), ended: make(chan struct{})}
	close(n.thawed)
	n.bridge = &bridge.Bridge{Turns: n, Now: time.Now, Publish: func(*chat.Turn) {}}
	worker := &bridge.Worker{
		Bridge: n.bridge, Sender: n, StatusReader: f.post, Helpdesks: nil, Snapshots: n, Attempts: n,
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
	f.post.mu.Lock()
	defer f.post.mu.Unlock()
	f.nodes, f.all = append(f.nodes, n), append(f.all, n)
	return n
}

func (f *fleet) nudge(from *node) {
	f.post.mu.Lock()
	f.nudges = append(f.nudges, from)
	deaf, nodes := f.deaf, slices.Clone(f.nodes) // nodes may join or be killed meanwhile
	f.post.mu.Unlock()
	for _, n := range nodes {
		if n != from && !deaf {
			n.courier.WakeLocal()
		}
	}
}

// end stops all nodes in order.
func (f *fleet) end() {
	for _, n := range f.nodes {
		n.thaw()
		n.stop()
	}
	for _, n := range f.all {
		<-n.ended
	}
}

// say has an agent text a shopper, through a node.
func (f *fleet) say(at *node, to person) (seq int64) {
	f.Helper()
	f.replies++
	seq, err := at.bridge.Reply(context.Background(), to.door.Shop.ID, to.id, anna, bridge.Reply{ID: fmt.Sprint("click", f.replies), Text: fmt.Sprint("answer ", f.replies), Seen: 1 << 40})
	if err != nil {
		f.Fatal(err)
	}
	return seq
}

// state returns a text as it is now.
func (f *fleet) state(p person, seq int64) chat.Entry {
	f.Helper()
	snapshot, _, err := f.nodes[0].Store.Snapshot(context.Background(), p.door.Shop.ID, p.id, 0)
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

	mu     sync.Mutex
	killed bool
	frozen bool
	thawed chan struct{}
	deafly int // claims that are committed, but return an error
	shares []taken
}

// A taken is the share that a node was given at some time.
type taken struct {
	at time.Time
	chat.Share
}

// given reports whether a node was given an account's shard between then and now.
func (n *node) given(account string, then, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.shares, func(s taken) bool {
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
	n.fleet.post.mu.Lock()
	n.fleet.nodes = slices.DeleteFunc(n.fleet.nodes, func(o *node) bool { return o == n })
	n.fleet.post.mu.Unlock()
	n.fleet.post.leave(n)
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

func (n *node) well() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.killed && !n.frozen
}

// gate blocks while the node is frozen, and fails when it is killed.
func (n *node) gate() error {
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

// through makes a call of a node that may be killed or frozen before the call, or
// before its answer.
func through[T any](n *node, call func() (T, error)) (answer T, err error) {
	if err := n.gate(); err != nil {
		return answer, err
	}
	answer, err = call()
	if gone := n.gate(); gone != nil {
		err = gone
	}
	return answer, err
}

func (n *node) done(call func() error) error {
	_, err := through(n, func() (any, error) { return nil, call() })
	return err
}

func (n *node) TakeShards(ctx context.Context, keep []int, leaving bool, now time.Time, lease time.Duration) (chat.Share, error) {
	return through(n, func() (chat.Share, error) {
		share, err := n.Store.TakeShards(ctx, keep, leaving, now, lease)
		n.mu.Lock()
		defer n.mu.Unlock()
		if err == nil {
			n.shares = append(n.shares, taken{time.Now(), share})
		}
		return share, err
	})
}

func (n *node) DueAccounts(ctx context.Context, now time.Time) ([]string, error) {
	return through(n, func() ([]string, error) { return n.Store.DueAccounts(ctx, now) })
}

func (n *node) Claim(ctx context.Context, account string, all, calm int, now time.Time, lease time.Duration) ([]chat.Delivery, error) {
	mine, err := through(n, func() ([]chat.Delivery, error) { return n.Store.Claim(ctx, account, all, calm, now, lease) })
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.deafly > 0 && len(mine) > 0 {
		n.deafly--
		return nil, chat.ErrUnavailable
	}
	return mine, err
}

func (n *node) Postpone(ctx context.Context, d chat.Delivery, due time.Time, problem string) error {
	return n.done(func() error { return n.Store.Postpone(ctx, d, due, problem) })
}

func (n *node) Finish(ctx context.Context, d chat.Delivery) error {
	return n.done(func() error { return n.Store.Finish(ctx, d) })
}

func (n *node) ExpiredClaims(ctx context.Context, now time.Time) ([]chat.Delivery, error) {
	return through(n, func() ([]chat.Delivery, error) { return n.Store.ExpiredClaims(ctx, now) })
}

func (n *node) InFlight(ctx context.Context) ([]chat.Delivery, error) {
	return through(n, func() ([]chat.Delivery, error) { return n.Store.InFlight(ctx) })
}

func (n *node) RepairDueTimes(ctx context.Context, now time.Time) error {
	return n.done(func() error { return n.Store.RepairDueTimes(ctx, now) })
}

func (n *node) AttemptDetail(ctx context.Context, shop chat.ShopID, id chat.AttemptID) (chat.AttemptDetail, error) {
	return through(n, func() (chat.AttemptDetail, error) { return n.Store.AttemptDetail(ctx, shop, id) })
}

// Turn does not block between an attempt and its request: a real node can't be held
// back there either, once the request has left.
func (n *node) Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	if err := n.gate(); err != nil {
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
	return n.fleet.post.send(n, line, out)
}

// A post is the provider of all lines: it accepts every text, after a while.
type post struct {
	mu    sync.Mutex
	takes time.Duration
	taken []letter
	busy  map[string]map[*node]int // account → requests in flight of each node
	most  map[string]int           // account → the most in flight at once
}

type letter struct {
	chat.Outgoing
	chat.Record
	by *node
}

func (p *post) send(n *node, line chat.Line, out chat.Outgoing) (chat.Report, error) {
	if err := n.gate(); err != nil {
		return chat.Report{}, err
	}
	p.mu.Lock()
	report := chat.Report{ID: "SM" + string(out.Token), State: chat.Queued}
	p.taken = append(p.taken, letter{out, chat.Record{Report: report, Text: out.Text, At: time.Now()}, n})
	p.count(line.SendAccount(), n, 1)
	takes := p.takes
	p.mu.Unlock()
	time.Sleep(takes)
	p.mu.Lock()
	p.count(line.SendAccount(), n, -1)
	p.mu.Unlock()
	report.Token = out.Token
	return report, n.gate()
}

// count counts the requests in flight of healthy nodes.
func (p *post) count(account string, n *node, by int) {
	if p.busy[account] == nil {
		p.busy[account] = map[*node]int{}
	}
	p.busy[account][n] += by
	sum := 0
	for n, busy := range p.busy[account] {
		if n.well() {
			sum += busy
		}
	}
	p.most[account] = max(p.most[account], sum)
}

func (p *post) leave(n *node) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, busy := range p.busy {
		delete(busy, n)
	}
}

func (p *post) Status(_ context.Context, _ chat.Line, provider string) (chat.Report, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.taken {
		if l.ID == provider {
			return chat.Report{ID: l.ID, State: chat.Delivered}, nil
		}
	}
	return chat.Report{}, failure(chat.Rejected)
}

func (p *post) Sent(_ context.Context, _ chat.Line, to chat.Phone, since time.Time) (found []chat.Record, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.taken {
		if l.To == to && !l.Record.At.Before(since) {
			found = append(found, l.Record)
		}
	}
	return found, nil
}

// letters lists the texts to a shopper, in the order in which they were accepted.
func (p *post) letters(to chat.Phone) (got []letter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.taken {
		if l.To == to {
			got = append(got, l)
		}
	}
	slices.SortStableFunc(got, func(a, b letter) int { return a.Record.At.Compare(b.Record.At) })
	return got
}

// inFleet runs test with several nodes on an empty database.
func inFleet(t *testing.T, nodes int, test func(*fleet)) {
	t.Helper()
	onFleet(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), nodes, test)
}

func onFleet(t *testing.T, url string, nodes int, test func(*fleet)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := muster(t, url, nodes)
		defer f.end()
		test(f)
	})
}

// arrives waits until a shopper has got n texts, and returns how long that took.
func (f *fleet) arrives(p person, n int, within time.Duration) time.Duration {
	f.Helper()
	began := time.Now()
	for len(f.post.letters(p.to)) < n {
		if time.Since(began) > within {
			f.Fatalf("after %v only %d of %d texts arrived", within, len(f.post.letters(p.to)), n)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}
