package store_test

import (
	"errors"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

func TestSigningKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		line := h.config.Line
		key := func() chat.Secret {
			t.Helper()
			return must[chat.LineConfig](t)(s.LineConfig(h.ctx, line.Endpoint)).Line.SigningKey
		}
		refused := func() store.Refusal {
			t.Helper()
			return must[map[chat.LineID]store.Refusal](t)(s.Refusals(h.ctx, line.Shop))[line.ID]
		}
		if key() != "" || refused() != (store.Refusal{}) {
			t.Error("a new line has a key or a refusal")
		}
		refusal := store.Refusal{Reason: "no_shared_key", At: noon.Add(time.Hour)}
		if err := s.SaveRefusal(h.ctx, line, refusal); err != nil {
			t.Fatal(err)
		}
		if got := refused(); got.Reason != refusal.Reason || !got.At.Equal(refusal.At) {
			t.Errorf("refused %+v", got)
		}
		if err := s.ClearRefusal(h.ctx, line, refusal.At.Add(-time.Second)); err != nil || refused() == (store.Refusal{}) {
			t.Errorf("an earlier request cleared the refusal: %v", err)
		}
		foreign := line
		foreign.Shop = other.config.Shop.ID
		if err := s.ClearRefusal(h.ctx, foreign, refusal.At); err != nil || refused() == (store.Refusal{}) {
			t.Errorf("another shop cleared the refusal: %v", err)
		}
		if err := s.ClearRefusal(h.ctx, line, refusal.At); err != nil || refused() != (store.Refusal{}) {
			t.Errorf("the refusal is not cleared: %v", err)
		}
		if err := s.SaveRefusal(h.ctx, line, refusal); err != nil {
			t.Fatal(err)
		}
		if err := s.SetSigningKey(h.ctx, line.Shop, line.ID, "a key"); err != nil {
			t.Fatal(err)
		}
		if key() != "a key" || refused() != (store.Refusal{}) {
			t.Errorf("after the key was set: %q, %+v", string(key()), refused())
		}
		again := line
		again.Token = "another token"
		if err := s.SaveLine(h.ctx, again); err != nil || key() != "a key" {
			t.Errorf("with another token the key is %q: %v", string(key()), err)
		}
		again.Account = "another account"
		if err := s.SaveLine(h.ctx, again); err != nil || key() != "" {
			t.Errorf("in another account the key is %q: %v", string(key()), err)
		}
		if err := errors.Join(s.SetSigningKey(h.ctx, line.Shop, line.ID, "a key"), s.SetSigningKey(h.ctx, line.Shop, line.ID, "")); err != nil || key() != "" {
			t.Errorf("after the key was removed: %q %v", string(key()), err)
		}
		for what, err := range map[string]error{
			"the key": s.SetSigningKey(h.ctx, foreign.Shop, line.ID, "theirs"), "the refusal": s.SaveRefusal(h.ctx, foreign, refusal),
		} {
			if !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("%s of another shop's line: %v", what, err)
			}
		}
		if key() != "" || refused() != (store.Refusal{}) || len(must[map[chat.LineID]store.Refusal](t)(s.Refusals(h.ctx, foreign.Shop))) != 0 {
			t.Error("another shop changed the line")
		}
	})
}
