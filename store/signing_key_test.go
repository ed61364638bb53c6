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
		kept := func() chat.Secret {
			t.Helper()
			return must[chat.LineConfig](t)(s.LineConfig(h.ctx, line.Endpoint)).Line.SigningKey
		}
		refused := func() store.Refusal {
			t.Helper()
			return must[map[chat.LineID]store.Refusal](t)(s.Refusals(h.ctx, line.Shop))[line.ID]
		}
		if kept() != "" || refused() != (store.Refusal{}) {
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
			t.Errorf("a request before it cleared it: %v", err)
		}
		stolen := line
		stolen.Shop = other.config.Shop.ID
		if err := s.ClearRefusal(h.ctx, stolen, refusal.At); err != nil || refused() == (store.Refusal{}) {
			t.Errorf("another shop cleared it: %v", err)
		}
		if err := s.ClearRefusal(h.ctx, line, refusal.At); err != nil || refused() != (store.Refusal{}) {
			t.Errorf("it is not cleared: %v", err)
		}
		if err := s.SaveRefusal(h.ctx, line, refusal); err != nil {
			t.Fatal(err)
		}
		if err := s.SetSigningKey(h.ctx, line.Shop, line.ID, "a key"); err != nil {
			t.Fatal(err)
		}
		if kept() != "a key" || refused() != (store.Refusal{}) {
			t.Errorf("after it was set: %q, %+v", string(kept()), refused())
		}
		again := line
		again.Token = "another token"
		if err := s.SaveLine(h.ctx, again); err != nil || kept() != "a key" {
			t.Errorf("with another token the key is %q: %v", string(kept()), err)
		}
		again.Account = "another account"
		if err := s.SaveLine(h.ctx, again); err != nil || kept() != "" {
			t.Errorf("in another account the key is %q: %v", string(kept()), err)
		}
		if err := errors.Join(s.SetSigningKey(h.ctx, line.Shop, line.ID, "a key"), s.SetSigningKey(h.ctx, line.Shop, line.ID, "")); err != nil || kept() != "" {
			t.Errorf("after it was removed: %q %v", string(kept()), err)
		}
		for what, err := range map[string]error{
			"the key": s.SetSigningKey(h.ctx, stolen.Shop, line.ID, "theirs"), "the refusal": s.SaveRefusal(h.ctx, stolen, refusal),
		} {
			if !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("%s of another shop's line: %v", what, err)
			}
		}
		if kept() != "" || refused() != (store.Refusal{}) || len(must[map[chat.LineID]store.Refusal](t)(s.Refusals(h.ctx, stolen.Shop))) != 0 {
			t.Error("another shop changed the line")
		}
	})
}
