package store_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// Backlogs counts kinds apart. A kind's problem is the one that most of its waiting
// deliveries have, without those that failed.
func TestBacklogs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		code := func(id string) chat.Delivery {
			return chat.Delivery{ID: chat.DeliveryID(id), Kind: chat.PostCode, Account: "twilio/A", Lane: id}
		}
		failed := sms("s9", "s9", 1)
		failed.Problem = "a landline"
		post(h, sms("s1", "s1", 1), sms("s2", "s2", 1), sms("s3", "s3", 1), sms("s4", "s4", 1), sms("s5", "s5", 1), sms("s6", "s6", 1), failed, code("c1"))
		for _, d := range h.claimed("twilio/A", 9, noon) {
			problem := map[chat.DeliveryID]string{"s1": "too many", "s2": "no answer", "s3": "no answer", "c1": "zzz"}[d.ID]
			if problem == "" {
				continue
			}
			if err := s.Postpone(h.ctx, d, noon.Add(time.Minute), problem); err != nil {
				t.Fatal(err)
			}
		}
		want := []store.Backlog{
			{Account: "twilio/A", Kind: chat.PostCode, Ready: 1, Problem: "zzz"},
			{Account: "twilio/A", Kind: chat.SendSMS, Ready: 3, Running: 3, Failed: 1, Problem: "no answer"},
		}
		if got := must[[]store.Backlog](t)(s.Backlogs(h.ctx, h.config.Shop.ID)); !slices.Equal(got, want) {
			t.Errorf("got %+v", got)
		}
	})
}

// MakeTextsDue makes a line's texts and media due, and neither status checks
// nor other accounts.
func TestMakeTextsDue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		line, later := h.config.Line, noon.Add(time.Hour)
		for i, account := range []string{line.SendAccount(), line.MediaAccount(), line.QueryAccount(), "gorgias/acme"} {
			d := chat.Delivery{ID: chat.DeliveryID(account), Kind: chat.SendSMS, Account: account, Lane: account, Place: int64(i), Due: later}
			post(h, d)
		}
		if err := s.MakeTextsDue(h.ctx, line, noon); err != nil {
			t.Fatal(err)
		}
		for account, due := range map[string]bool{line.SendAccount(): true, line.MediaAccount(): true, line.QueryAccount(): false, "gorgias/acme": false} {
			if got := len(h.claimed(account, 1, noon)); got == 1 != due {
				t.Errorf("%s has %d due deliveries", account, got)
			}
		}
	})
}
