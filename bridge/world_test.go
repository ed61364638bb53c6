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
// provider and a fake helpdesk that fail on request, and a clock that only advance
// moves.
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
	texts         int                                // texts made so far, for their ids
	conversations map[chat.Phone]chat.ConversationID // by phone
}

const (
	jane = chat.Phone("+14155550111")
	joe  = chat.Phone("+14155550222")
)

var anna = chat.Author{Role: chat.ByAgent, ID: "7", Name: "Anna"}

// build makes a world with its database in a folder. end closes it.
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
	config, found := w.store.LineConfig(w.ctx, line.Endpoint)
	if err := errors.Join(err, found); err != nil {
		w.Fatal(err)
	}
	return config
}

func helpdesk(shop chat.ShopID, account string) chat.Helpdesk {
	return chat.Helpdesk{Shop: shop, Account: account, Username: "a@example.com", Key: "key", Secret: "secret", Endpoint: "desk-" + account, Made: []byte("{}")}
}

// restart replaces the courier by a new one, as if the process had started again.
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

// receive receives texts from a shopper, one second apart.
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

// snapshot reads a shopper's conversation with its newest entries.
func (w *world) snapshot(of chat.Phone) chat.Snapshot {
	w.Helper()
	snapshot, _, err := w.store.Snapshot(w.ctx, w.config.Shop.ID, w.conversation(of), 0)
	if err != nil {
		w.Fatal(err)
	}
	return snapshot
}

// reply sends a text from Anna, who has seen all entries.
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

// ticketWebhook delivers a webhook of the helpdesk about the ticket of a shopper.
func (w *world) ticketWebhook(of chat.Phone) {
	w.Helper()
	if err := w.bridge.SyncTicket(w.ctx, w.config.Shop.ID, w.conversation(of)); err != nil {
		w.Fatal(err)
	}
}
