package store_test

import (
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// UnknownTexts counts the texts that a person has to decide on, and no others.
func TestUnknownTexts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		received := h.receive(phone, "SM1", "hello")
		answered := h.turn(received.Conversation.ID, noon, func(t *chat.Turn) error { t.Answer("Hi."); t.Answer("And bye."); return nil })
		tries := map[int64]chat.Attempt{}
		for _, d := range h.claimed(h.config.Line.SendAccount(), 1, noon) {
			h.turn(received.Conversation.ID, noon, func(t *chat.Turn) error {
				a, _, err := t.BeginAttempt(d)
				if err == nil {
					tries[a.Entry] = *a
					err = t.MarkUnknown(*a, d)
				}
				return err
			})
		}
		if n := must[int64](t)(s.UnknownTexts(h.ctx, h.config.Shop.ID)); n != 0 || len(tries) != 1 || len(answered.Added) != 2 {
			t.Fatalf("while the status of %d texts is checked, %d are counted", len(tries), n)
		}
		for _, a := range tries {
			h.turn(received.Conversation.ID, noon.Add(10*time.Minute), func(t *chat.Turn) error { return t.CheckFailed(a) })
		}
		if n := must[int64](t)(s.UnknownTexts(h.ctx, h.config.Shop.ID)); n != 1 {
			t.Errorf("after the check failed, %d are counted, want 1", n)
		}
		for _, a := range tries {
			h.turn(received.Conversation.ID, noon, func(t *chat.Turn) error { return t.KeepAsIs(chat.Author{Role: chat.ByAgent, Name: "Anna"}, a.Entry) })
		}
		if n := must[int64](t)(s.UnknownTexts(h.ctx, h.config.Shop.ID)); n != 0 {
			t.Errorf("after the decision, %d are counted", n)
		}
	})
}
