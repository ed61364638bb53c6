package bridge_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/store"
)

// One call of the store fails, before or after its effect. Whichever it is, in the end
// each text is stored, sent and in the ticket once, and its status is known.
func TestEveryStoreCallMayFail(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]bool{"before its effect": false, "after its effect": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				w := newWorld(t)
				f := &faultyStore{Store: w.store, fails: n, after: after}
				w.bridge.Turns, w.worker.Attempts, w.worker.Finish, w.worker.Postpone, w.baseOutbox = f, f, f.Finish, f.Postpone, f
				w.restart()
				w.converse(n)
				if t.Failed() {
					t.Fatalf("call %d of %d, %s", n, f.calls, f.failed)
				}
				if f.calls < n {
					if n < 15 {
						t.Errorf("only %d calls", f.calls)
					}
					break
				}
			}
		})
	}
}

// converse receives a text, replies to it and reports the status of both answers. A
// call that fails is repeated, as providers and browsers do.
func (w *world) converse(n int) {
	w.Helper()
	retry := func(do func() error) {
		w.Helper()
		for range 3 {
			if do() == nil {
				return
			}
			w.advance(time.Second)
		}
		w.Fatal("three calls failed")
	}
	in := w.incoming(jane, clearRequest)
	retry(func() error { return w.bridge.Receive(w.ctx, w.config, in) })
	w.finish()
	retry(func() error {
		_, err := w.bridge.Reply(w.ctx, w.config.Shop.ID, w.conversation(jane), anna, bridge.Reply{ID: fmt.Sprint("click", n), Text: "On it", Seen: 1 << 40})
		return err
	})
	w.finish()
	for _, out := range w.sender.accepted {
		a, err := w.store.Attempt(w.ctx, w.config.Line, out.Token, "")
		if err != nil {
			w.Fatal(err)
		}
		retry(func() error {
			return w.bridge.Report(w.ctx, a, chat.Report{Token: out.Token, ID: "SM" + string(out.Token), State: chat.Delivered})
		})
	}
	w.finish()
	received, sent := 0, 0
	for _, e := range w.snapshot(jane).Entries {
		switch e.Way {
		case chat.In:
			received++
		case chat.Out:
			sent++
			if e.State != chat.Delivered {
				w.Errorf("%q is %s %+v", e.Text, e.State, e.Problem)
			}
		}
	}
	if received != 1 || sent != 2 || len(w.sender.accepted) != 2 {
		w.Errorf("%d texts received, %d to send, %d accepted", received, sent, len(w.sender.accepted))
	}
	if says := w.helpdesk.textCounts(); says[clearRequest] != 1 || says["Anna texted by SMS: On it"] != 1 || len(w.helpdesk.tickets) != 1 {
		w.Errorf("%d tickets say %v", len(w.helpdesk.tickets), says)
	}
	if waiting, failed := w.counts(); waiting+failed != 0 {
		w.Errorf("%d wait, %d failed", waiting, failed)
	}
}

// finish advances the clock until no delivery waits and all statuses are known, a few
// minutes at most.
func (w *world) finish() {
	w.Helper()
	for range 10 {
		w.settle()
		open := func(e chat.Entry) bool { return e.State == chat.Saved || e.State == chat.Unknown }
		if waiting, _ := w.counts(); waiting == 0 && !slices.ContainsFunc(w.snapshot(jane).Entries, open) {
			return
		}
		w.advance(15 * time.Second)
		w.expireClaims()
	}
}

// A faultyStore is a store of which one call fails.
type faultyStore struct {
	*store.Store
	fails int  // the number of the call
	after bool // it fails after its effect

	mu     sync.Mutex
	calls  int
	failed string // the call that failed
}

func (f *faultyStore) call(name string, do func() error) error {
	f.mu.Lock()
	f.calls++
	fails := f.calls == f.fails
	if fails {
		f.failed = name
	}
	f.mu.Unlock()
	if !fails {
		return do()
	}
	if f.after {
		_ = do() // the result is lost
	}
	return fmt.Errorf("%s: %w", name, chat.ErrUnavailable)
}

func (f *faultyStore) Receive(ctx context.Context, at chat.LineConfig, from chat.Phone, now time.Time, do func(*chat.Turn) error) (t *chat.Turn, err error) {
	err = f.call("receive", func() error { t, err = f.Store.Receive(ctx, at, from, now, do); return err })
	return t, err
}

func (f *faultyStore) Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (t *chat.Turn, err error) {
	err = f.call("turn", func() error { t, err = f.Store.Turn(ctx, shop, id, now, do); return err })
	return t, err
}

func (f *faultyStore) Claim(ctx context.Context, account string, all, calm int, now time.Time, lease time.Duration) (claimed []chat.Delivery, err error) {
	err = f.call("claim", func() error { claimed, err = f.Store.Claim(ctx, account, all, calm, now, lease); return err })
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

func (f *faultyStore) Postpone(ctx context.Context, d chat.Delivery, due time.Time, problem string) error {
	return f.call("postpone", func() error { return f.Store.Postpone(ctx, d, due, problem) })
}

func (f *faultyStore) Finish(ctx context.Context, d chat.Delivery) error {
	return f.call("finish", func() error { return f.Store.Finish(ctx, d) })
}

func (f *faultyStore) AttemptDetail(ctx context.Context, shop chat.ShopID, id chat.AttemptID) (found chat.AttemptDetail, err error) {
	err = f.call("attempt detail", func() error { found, err = f.Store.AttemptDetail(ctx, shop, id); return err })
	return found, err
}
