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

// Whatever the store does not do, or does and says that it has not: in the end
// each text is there once, was sent once, is known to have been, and is in the
// ticket once.
func TestEveryCallOfTheStoreMayFail(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]bool{"it fails": false, "it is done and fails": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				w := newWorld(t)
				f := &flaky{Store: w.store, fails: n, after: after}
				w.bridge.Turns, w.worker.Attempts, w.worker.Finish, w.worker.Postpone, w.box = f, f, f.Finish, f.Postpone, f
				w.restart()
				w.dialogue(n)
				if t.Failed() {
					t.Fatalf("with call %d of %d, %s", n, f.calls, f.failed)
				}
				if f.calls < n {
					if n < 15 {
						t.Errorf("there are only %d calls", f.calls)
					}
					break
				}
			}
		})
	}
}

// dialogue is a shopper's text, an agent's answer, and the end of it. Who gets no
// answer says the same once more, as providers and browsers do.
func (w *world) dialogue(n int) {
	w.Helper()
	insist := func(do func() error) {
		w.Helper()
		for range 3 {
			if do() == nil {
				return
			}
			w.pass(time.Second)
		}
		w.Fatal("it is refused again and again")
	}
	heard := w.incoming(jane, wish)
	insist(func() error { return w.bridge.Receive(w.ctx, w.door, heard) })
	w.work()
	insist(func() error {
		_, err := w.bridge.Reply(w.ctx, w.door.Shop.ID, w.conversation(jane), anna, bridge.Reply{ID: fmt.Sprint("click", n), Text: "On it", Seen: 1 << 40})
		return err
	})
	w.work()
	for _, out := range w.sender.taken {
		a, err := w.store.Attempt(w.ctx, w.door.Line, out.Token, "")
		if err != nil {
			w.Fatal(err)
		}
		insist(func() error {
			return w.bridge.Report(w.ctx, a, chat.Report{Token: out.Token, ID: "SM" + string(out.Token), State: chat.Delivered})
		})
	}
	w.work()
	in, out := 0, 0
	for _, e := range w.look(jane).Entries {
		switch e.Way {
		case chat.In:
			in++
		case chat.Out:
			if out++; e.State != chat.Delivered {
				w.Errorf("%q is %s %+v", e.Text, e.State, e.Problem)
			}
		}
	}
	if in != 1 || out != 2 || len(w.sender.taken) != 2 {
		w.Errorf("%d texts came in, %d were to leave, %d left", in, out, len(w.sender.taken))
	}
	if says := w.desk.says(); says[wish] != 1 || says["Anna texted by SMS: On it"] != 1 || len(w.desk.tickets) != 1 {
		w.Errorf("%d tickets say %v", len(w.desk.tickets), says)
	}
	if waiting, failed := w.left(); waiting+failed != 0 {
		w.Errorf("%d wait, %d failed", waiting, failed)
	}
}

// work lets time pass until the courier has done everything, a few minutes at most.
func (w *world) work() {
	w.Helper()
	for range 10 {
		w.settle()
		unsettled := func(e chat.Entry) bool { return e.State == chat.Saved || e.State == chat.Unknown }
		if waiting, _ := w.left(); waiting == 0 && !slices.ContainsFunc(w.look(jane).Entries, unsettled) {
			return
		}
		w.pass(15 * time.Second)
		w.sweep()
	}
}

// flaky is a store of which one call fails: instead of being done, or after.
type flaky struct {
	*store.Store
	fails int
	after bool

	mu     sync.Mutex
	calls  int
	failed string
}

func (f *flaky) call(what string, do func() error) error {
	f.mu.Lock()
	f.calls++
	fails := f.calls == f.fails
	if fails {
		f.failed = what
	}
	f.mu.Unlock()
	if !fails {
		return do()
	}
	if f.after {
		_ = do() // and nobody hears of it
	}
	return fmt.Errorf("%s: %w", what, chat.ErrUnavailable)
}

func (f *flaky) Receive(ctx context.Context, at chat.LineConfig, from chat.Phone, now time.Time, do func(*chat.Turn) error) (t *chat.Turn, err error) {
	err = f.call("receive", func() error { t, err = f.Store.Receive(ctx, at, from, now, do); return err })
	return t, err
}

func (f *flaky) Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (t *chat.Turn, err error) {
	err = f.call("turn", func() error { t, err = f.Store.Turn(ctx, shop, id, now, do); return err })
	return t, err
}

func (f *flaky) Claim(ctx context.Context, account string, all, calm int, now time.Time, lease time.Duration) (mine []chat.Delivery, err error) {
	err = f.call("claim", func() error { mine, err = f.Store.Claim(ctx, account, all, calm, now, lease); return err })
	if err != nil {
		return nil, err
	}
	return mine, nil
}

func (f *flaky) Postpone(ctx context.Context, d chat.Delivery, due time.Time, problem string) error {
	return f.call("put off", func() error { return f.Store.Postpone(ctx, d, due, problem) })
}

func (f *flaky) Finish(ctx context.Context, d chat.Delivery) error {
	return f.call("finish", func() error { return f.Store.Finish(ctx, d) })
}

func (f *flaky) AttemptDetail(ctx context.Context, shop chat.ShopID, id chat.AttemptID) (found chat.AttemptDetail, err error) {
	err = f.call("tried", func() error { found, err = f.Store.AttemptDetail(ctx, shop, id); return err })
	return found, err
}
