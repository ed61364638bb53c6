package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/bridge/courier"
	"sidetext/chat"
	"sidetext/store"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// A tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Error(...any)
	Errorf(string, ...any)
	Fatal(...any)
	Fatalf(string, ...any)
}

// A world is a real store with one shop, a bridge and a courier on it, a fake
// provider and a fake helpdesk that fail on request, and a clock that moves only
// by pass.
type world struct {
	tester
	ctx        context.Context
	store      *store.Store
	baseOutbox courier.Outbox
	config     chat.LineConfig
	bridge     *bridge.Bridge
	worker     *bridge.Worker
	courier    *courier.Courier
	outbox     *outbox
	turns      *turns
	sender     *sender
	helpdesk   *fakeHelpdesk

	mu            sync.Mutex
	now           time.Time
	texts         int                                // received so far
	conversations map[chat.Phone]chat.ConversationID // the conversations of phones
}

const (
	jane = chat.Phone("+14155550111")
	joe  = chat.Phone("+14155550222")
)

var anna = chat.Author{Role: chat.ByAgent, ID: "7", Name: "Anna"}

// build makes a world in a folder. end closes it.
func build(t tester, ctx context.Context, folder string) (w *world, end func()) {
	t.Helper()
	w = &world{tester: t, ctx: ctx, now: noon, conversations: map[chat.Phone]chat.ConversationID{}}
	s, err := store.Open(ctx, "sqlite:"+filepath.Join(folder, "test.db"), bytes.Repeat([]byte{7}, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w.store, w.baseOutbox = s, s
	w.turns, w.sender, w.helpdesk = &turns{Store: s}, &sender{now: w.time}, newFakeHelpdesk()
	w.bridge = &bridge.Bridge{Turns: w.turns, Now: w.time, Publish: w.recordConversation, Wake: func() {}}
	w.worker = &bridge.Worker{
		Bridge: w.bridge, Sender: w.sender, StatusReader: w.sender, Helpdesks: w, Snapshots: s, Attempts: s,
		Log: slog.New(slog.DiscardHandler), Finish: s.Finish, Postpone: s.Postpone,
	}
	w.restart()
	w.config = w.addShop("Tea Shop", "tea")
	return w, func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w, end := build(t, context.WithoutCancel(t.Context()), t.TempDir())
	t.Cleanup(end)
	return w
}

// addShop adds a shop with a line, a helpdesk and Jane as a customer.
func (w *world) addShop(name, account string) chat.LineConfig {
	w.Helper()
	shop, err := w.store.AddShop(w.ctx, name, noon)
	if err != nil {
		w.Fatal(err)
	}
	line := chat.Line{ID: chat.NewID[chat.LineID](noon), Shop: shop.ID, Number: "+14155550100", Provider: "twilio", Account: "AC" + account, Token: "token", Endpoint: "line-" + account}
	err = errors.Join(w.store.SaveLine(w.ctx, line), w.store.SaveHelpdesk(w.ctx, helpdesk(shop.ID, account), noon))
	if err == nil {
		_, err = w.store.ImportShoppers(w.ctx, shop.ID, []chat.Shopper{{ID: chat.NewID[chat.ShopperID](noon), Phone: jane, Name: "Jane Doe", Email: "jane@example.com"}})
	}
	door, found := w.store.LineConfig(w.ctx, line.Endpoint)
	if err := errors.Join(err, found); err != nil {
		w.Fatal(err)
	}
	return door
}

func helpdesk(shop chat.ShopID, account string) chat.Helpdesk {
	return chat.Helpdesk{Shop: shop, Account: account, Username: "a@example.com", Key: "key", Secret: "secret", Endpoint: "desk-" + account, Made: []byte("{}")}
}

// restart replaces the courier by a new one.
func (w *world) restart() {
	w.outbox = &outbox{Outbox: w.baseOutbox, run: map[chat.DeliveryKind]courier.Handler{}, expired: map[chat.DeliveryKind]courier.Handler{}}
	w.courier = courier.New(w.outbox, nil, w.time, slog.New(slog.DiscardHandler))
	w.outbox.courier = w.courier
	w.worker.Register(w.outbox)
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// advance moves the clock forward.
func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// recordConversation remembers the conversation of a turn.
func (w *world) recordConversation(t *chat.Turn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conversations[t.Shopper.Phone] = t.Conversation.ID
}

// Helpdesk returns the fake helpdesk while the store has one.
func (w *world) Helpdesk(ctx context.Context, d chat.Delivery) (bridge.Helpdesk, error) {
	_, err := w.store.Helpdesk(ctx, d.Shop)
	return w.helpdesk, err
}

// incoming returns a text with a new id.
func (w *world) incoming(from chat.Phone, text string) chat.Incoming {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts++
	return chat.Incoming{Provider: "twilio", Account: w.config.Line.Account, ID: fmt.Sprint("SM", w.texts), From: from, To: w.config.Line.Number, Text: text}
}

// receive receives texts, one second apart.
func (w *world) receive(from chat.Phone, texts ...string) {
	w.Helper()
	for _, text := range texts {
		w.advance(time.Second)
		if err := w.bridge.Receive(w.ctx, w.config, w.incoming(from, text)); err != nil {
			w.Fatalf("receive %q: %v", text, err)
		}
	}
}

func (w *world) conversation(of chat.Phone) chat.ConversationID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conversations[of]
}

// snapshot reads the snapshot of a shopper's conversation with the newest entries.
func (w *world) snapshot(of chat.Phone) chat.Snapshot {
	w.Helper()
	snapshot, _, err := w.store.Snapshot(w.ctx, w.config.Shop.ID, w.conversation(of), 0)
	if err != nil {
		w.Fatal(err)
	}
	return snapshot
}

// reply sends a text of Anna's, who has seen all entries.
func (w *world) reply(to chat.Phone, text string) int64 {
	w.Helper()
	w.advance(time.Second)
	w.mu.Lock()
	w.texts++
	id := fmt.Sprint("click", w.texts)
	w.mu.Unlock()
	seq, err := w.bridge.Reply(w.ctx, w.config.Shop.ID, w.conversation(to), anna, bridge.Reply{ID: id, Text: text, Seen: 1 << 40})
	if err != nil {
		w.Fatalf("reply %q: %v", text, err)
	}
	return seq
}

// ticketWebhook delivers a webhook of the helpdesk about a ticket that was opened or closed.
// It does not say which.
func (w *world) ticketWebhook(of chat.Phone, _ bool) {
	w.Helper()
	if err := w.bridge.SyncTicket(w.ctx, w.config.Shop.ID, w.conversation(of)); err != nil {
		w.Fatal(err)
	}
}

// settle runs the courier until no delivery is due.
func (w *world) settle() {
	w.Helper()
	ctx, stop := context.WithTimeout(w.ctx, 15*time.Minute)
	defer stop()
	w.outbox.idle(w.courier.Wake, stop)
	w.courier.Run(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		w.Fatal("the courier does not become idle")
	}
}

// finishRetries passes time until all postponed deliveries are done, two hours at most.
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

// expireClaims handles expired claims as the courier does every second.
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

// counts counts the deliveries that are waiting and that failed, without checks of
// the status of texts.
func (w *world) counts() (waiting, failed int64) {
	w.Helper()
	waiting, failed, _ = w.backlog()
	return waiting, failed
}

// backlog counts the deliveries; checking are checks of the status of texts.
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

// An outbox is the store's outbox, which calls idle's rest once the courier is
// idle: it looked for work, found none, and no delivery is running.
type outbox struct {
	courier.Outbox
	courier      *courier.Courier
	run, expired map[chat.DeliveryKind]courier.Handler

	mu      sync.Mutex
	wake    func()
	onIdle  func()
	wasIdle bool // no delivery was running when the courier last looked
	claimed int  // since then
	busy    int  // running
}

func (o *outbox) idle(wake, rest func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wake, o.onIdle, o.wasIdle, o.claimed, o.busy = wake, rest, false, 0, 0
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
	left := d.Kind == chat.SendSMS // also when it panics
	defer func() {
		if left {
			o.count(0, -1)
		}
	}()
	ctx, end := expirable(ctx)
	defer end()
	err := run(ctx, d)
	var send *chat.SendError
	left = err == nil || d.Kind == chat.SendSMS && (!errors.As(err, &send) || send.Outcome == chat.MaybeSent)
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

// turns are the store's turns, which fail on request.
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
