package store_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/pgtest"
)

var (
	key  = bytes.Repeat([]byte{7}, 32)
	noon = time.Date(2026, 11, 22, 12, 0, 0, 123456000, time.UTC)
)

// each runs test on an empty store of each engine.
func each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, filepath.Join(t.TempDir(), "test.db")))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, openURL(t, pgtest.Shared(t).Schema(t)))
	})
}

// onSQLite runs test on SQLite only.
func onSQLite(t *testing.T, test func(t *testing.T, s *store.Store)) {
	test(t, open(t, filepath.Join(t.TempDir(), "test.db")))
}

// open opens the SQLite file at path until the test ends.
func open(t testing.TB, path string) *store.Store {
	t.Helper()
	return openURL(t, "sqlite:"+path)
}

// openURL opens the database at url until the test ends.
func openURL(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A shopFixture is a test's store with a shop that has a line and a helpdesk.
type shopFixture struct {
	*testing.T
	*store.Store
	ctx    context.Context
	config chat.LineConfig
}

// newShop adds a shop with a line and a helpdesk, both named after it.
func newShop(t *testing.T, s *store.Store, name string) *shopFixture {
	t.Helper()
	ctx := t.Context()
	config, err := createShop(ctx, s, name)
	if err != nil {
		t.Fatal(err)
	}
	return &shopFixture{t, s, ctx, config}
}

// createShop is newShop for code that runs without a test.
func createShop(ctx context.Context, s *store.Store, name string) (chat.LineConfig, error) {
	shop, err := s.AddShop(ctx, name, noon)
	if err != nil {
		return chat.LineConfig{}, err
	}
	line := chat.Line{
		ID: chat.NewID[chat.LineID](noon), Shop: shop.ID, Number: "+14155550100", Provider: "twilio", Account: "AC" + name,
		Token: chat.Secret("token of " + name), Endpoint: "line-" + name,
	}
	helpdesk := chat.Helpdesk{
		Shop: shop.ID, Account: name, Username: name + "@example.com", Key: chat.Secret("key of " + name), Secret: chat.Secret("secret of " + name),
		Endpoint: "desk-" + name, Made: []byte(`{"widget":1}`), Agents: []chat.Agent{{ID: "1", Name: "Anna", Email: "anna@example.com"}},
	}
	if err := errors.Join(s.SaveLine(ctx, line), s.SaveHelpdesk(ctx, helpdesk, noon)); err != nil {
		return chat.LineConfig{}, err
	}
	return s.LineConfig(ctx, line.Endpoint)
}

// receive receives a text and returns its turn, which then may change further.
func (h *shopFixture) receive(phone chat.Phone, id, text string, then ...func(*chat.Turn)) *chat.Turn {
	h.Helper()
	turn, err := h.Receive(h.ctx, h.config, phone, noon, func(t *chat.Turn) error {
		_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: id, From: phone, Text: text})
		for _, then := range then {
			then(t)
		}
		return err
	})
	if err != nil {
		h.Fatalf("receive %s: %v", id, err)
	}
	return turn
}

// turn runs do as a turn in a conversation.
func (h *shopFixture) turn(id chat.ConversationID, at time.Time, do func(*chat.Turn) error) *chat.Turn {
	h.Helper()
	turn, err := h.Turn(h.ctx, h.config.Shop.ID, id, at, do)
	if err != nil {
		h.Fatal(err)
	}
	return turn
}

// entries reads all entries of a conversation.
func (h *shopFixture) entries(id chat.ConversationID) (all []chat.Entry) {
	h.Helper()
	for {
		var seq int64
		if n := len(all); n > 0 {
			seq = all[n-1].Seq
		}
		more, err := h.EntriesAfter(h.ctx, h.config.Shop.ID, id, seq)
		if err != nil {
			h.Fatal(err)
		}
		if len(more) == 0 {
			return all
		}
		all = append(all, more...)
	}
}

// must returns a function that passes on a result, or ends the test on an error.
func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
