package bridge_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"sidetext/bridge/courier"
	"sidetext/chat"
	"sidetext/store"
)

// settle runs the courier until no delivery is due.
func (w *world) settle() {
	w.Helper()
	ctx, stop := context.WithTimeout(w.ctx, 15*time.Minute)
	defer stop()
	w.outbox.notify(w.courier.Wake, stop)
	w.courier.Run(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		w.Fatal("the courier did not become idle")
	}
}

// finishRetries advances the clock until all postponed deliveries are done, two hours
// at most.
func (w *world) finishRetries() {
	w.Helper()
	for range 8 {
		waiting, _, checking := w.backlog()
		if waiting+checking == 0 {
			return
		}
		w.advance(16 * time.Minute)
		w.expireClaims()
		w.settle()
	}
}

// expireClaims handles expired claims, as the courier does every second.
func (w *world) expireClaims() {
	w.Helper()
	expired, err := w.store.ExpiredClaims(w.ctx, w.time())
	for _, d := range expired {
		if resolve := w.outbox.expired[d.Kind]; resolve != nil {
			err = errors.Join(err, resolve(w.ctx, d))
			continue
		}
		err = errors.Join(err, w.store.Postpone(w.ctx, d, w.time(), ""))
	}
	if err != nil {
		w.Fatal(err)
	}
}

// counts returns how many deliveries wait and how many failed, without status checks.
func (w *world) counts() (waiting, failed int64) {
	w.Helper()
	waiting, failed, _ = w.backlog()
	return waiting, failed
}

// backlog is counts with the number of status checks.
func (w *world) backlog() (waiting, failed, checking int64) {
	w.Helper()
	all, err := w.store.Backlogs(w.ctx, w.config.Shop.ID)
	if err != nil {
		w.Fatal(err)
	}
	for _, b := range all {
		if b.Kind == chat.CheckStatus {
			checking += b.Ready + b.Running
			continue
		}
		waiting += b.Ready + b.Running
		failed += b.Failed
	}
	return waiting, failed, checking
}

// An outbox is the store's outbox. It calls onIdle once the courier is idle: it looked
// for work, found none, and no delivery is running.
type outbox struct {
	courier.Outbox
	courier      *courier.Courier
	run, expired map[chat.DeliveryKind]courier.Handler

	mu      sync.Mutex
	wake    func()
	onIdle  func()
	wasIdle bool // no delivery was running when the courier last looked
	claimed int  // deliveries claimed since then
	busy    int  // deliveries that are running
}

// notify sets what is called after each poll, and once the courier is idle.
func (o *outbox) notify(wake, onIdle func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wake, o.onIdle, o.wasIdle, o.claimed, o.busy = wake, onIdle, false, 0, 0
}

func (o *outbox) DueAccounts(ctx context.Context, now time.Time) ([]string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.wasIdle && o.claimed == 0 && o.busy == 0 {
		o.onIdle()
		return nil, nil
	}
	o.wasIdle, o.claimed = o.busy == 0, 0
	o.wake()
	return o.Outbox.DueAccounts(ctx, now)
}

func (o *outbox) Claim(ctx context.Context, account string, all, calm int, now time.Time, lease time.Duration) ([]chat.Delivery, error) {
	mine, err := o.Outbox.Claim(ctx, account, all, calm, now, lease)
	o.count(len(mine), len(mine))
	return mine, err
}

// Handle passes a handler on to the courier, and counts its runs.
func (o *outbox) Handle(kind chat.DeliveryKind, run func(context.Context, chat.Delivery) error) {
	o.run[kind] = run
	o.courier.Handle(kind, func(ctx context.Context, d chat.Delivery) error { return o.countedRun(ctx, d, run) })
}

func (o *outbox) HandleExpired(kind chat.DeliveryKind, resolve func(context.Context, chat.Delivery) error) {
	o.expired[kind] = resolve
	o.courier.HandleExpired(kind, resolve)
}

// handle runs the handler of a delivery, as the courier does.
func (w *world) handle(ctx context.Context, d chat.Delivery) error {
	return w.outbox.run[d.Kind](ctx, d)
}

func (o *outbox) countedRun(ctx context.Context, d chat.Delivery, run courier.Handler) error {
	ended := d.Kind == chat.SendSMS // also if the handler panics
	defer func() {
		if ended {
			o.count(0, -1)
		}
	}()
	ctx, end := expirable(ctx)
	defer end()
	err := run(ctx, d)
	var send *chat.SendError
	ended = err == nil || d.Kind == chat.SendSMS && (!errors.As(err, &send) || send.Outcome == chat.MaybeSent)
	return err
}

func (o *outbox) Postpone(ctx context.Context, d chat.Delivery, due time.Time, problem string) error {
	defer o.count(0, -1)
	return o.Outbox.Postpone(ctx, d, due, problem)
}

func (o *outbox) GiveUp(ctx context.Context, d chat.Delivery, problem string) error {
	defer o.count(0, -1)
	return o.Outbox.GiveUp(ctx, d, problem)
}

func (o *outbox) count(claimed, busy int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.claimed += claimed
	o.busy += busy
}

// turns are the store's turns. They fail on request.
type turns struct {
	*store.Store
	mu    sync.Mutex
	fault func() error
}

func (s *turns) fail(fault func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

func (s *turns) Turn(ctx context.Context, shop chat.ShopID, id chat.ConversationID, now time.Time, do func(*chat.Turn) error) (*chat.Turn, error) {
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	if fault != nil {
		if err := fault(); err != nil {
			return nil, err
		}
	}
	return s.Store.Turn(ctx, shop, id, now, do)
}
