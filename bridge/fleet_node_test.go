package bridge_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"sidetext/bridge"
	"sidetext/bridge/courier"
	"sidetext/chat"
	"sidetext/store"
)

var errKilled = errors.New("killed")

// A node is a courier whose calls to the store and the provider fail once it is
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

// A grant is the share of the work that a node was given at some time.
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

// kill ends a node without letting it finish anything.
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

// callNode makes a call for a node that may be killed or frozen before the call or
// before its response.
func callNode[T any](n *node, call func() (T, error)) (result T, err error) {
	if err := n.waitUntilThawed(); err != nil {
		return result, err
	}
	result, err = call()
	if gone := n.waitUntilThawed(); gone != nil {
		err = gone
	}
	return result, err
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

// Turn does not block between an attempt and its request, because a real node can't be
// stopped there either once the request has left.
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
