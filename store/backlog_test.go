package store_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// Backlogs counts each kind by itself, with the problem that most of what waits has;
// problems of failed deliveries do not count.
func TestBacklogs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := furnish(t, s, "acme")
		code := func(id string) chat.Delivery {
			return chat.Delivery{ID: chat.DeliveryID(id), Kind: chat.PostCode, Account: "twilio/A", Lane: id}
		}
		lost := sms("s9", "s9", 1)
		lost.Problem = "a landline"
		post(h, sms("s1", "s1", 1), sms("s2", "s2", 1), sms("s3", "s3", 1), sms("s4", "s4", 1), sms("s5", "s5", 1), sms("s6", "s6", 1), lost, code("c1"))
		for _, d := range h.claimed("twilio/A", 9, noon) {
			why := map[chat.DeliveryID]string{"s1": "too many", "s2": "no answer", "s3": "no answer", "c1": "zzz"}[d.ID]
			if why == "" {
				continue
			}
			if err := s.Postpone(h.ctx, d, noon.Add(time.Minute), why); err != nil {
				t.Fatal(err)
			}
		}
		want := []store.Backlog{
			{Account: "twilio/A", Kind: chat.PostCode, Ready: 1, Problem: "zzz"},
			{Account: "twilio/A", Kind: chat.SendSMS, Ready: 3, Running: 3, Failed: 1, Problem: "no answer"},
		}
		if got := must[[]store.Backlog](t)(s.Backlogs(h.ctx, h.door.Shop.ID)); !slices.Equal(got, want) {
			t.Errorf("got %+v", got)
		}
	})
}

// Only texts that wait for a decision are counted.
func TestUnknownTexts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := furnish(t, s, "acme")
		heard := h.hear(phone, "SM1", "hello")
		said := h.turn(heard.Conversation.ID, noon, func(t *chat.Turn) error { t.Answer("Hi."); t.Answer("And bye."); return nil })
		tries := map[int64]chat.Attempt{}
		for _, d := range h.claimed(h.door.Line.SendAccount(), 1, noon) {
			h.turn(heard.Conversation.ID, noon, func(t *chat.Turn) error {
				a, _, err := t.BeginAttempt(d)
				if err == nil {
					tries[a.Entry] = *a
					err = t.MarkUnknown(*a, d)
				}
				return err
			})
		}
		if n := must[int64](t)(s.UnknownTexts(h.ctx, h.door.Shop.ID)); n != 0 || len(tries) != 1 || len(said.Added) != 2 {
			t.Fatalf("while one of %d is being checked, %d wait for a decision", len(tries), n)
		}
		for _, a := range tries {
			h.turn(heard.Conversation.ID, noon.Add(10*time.Minute), func(t *chat.Turn) error { return t.CheckFailed(a) })
		}
		if n := must[int64](t)(s.UnknownTexts(h.ctx, h.door.Shop.ID)); n != 1 {
			t.Errorf("%d wait for a decision", n)
		}
		for _, a := range tries {
			h.turn(heard.Conversation.ID, noon, func(t *chat.Turn) error { return t.KeepAsIs(chat.Author{Role: chat.ByAgent, Name: "Anna"}, a.Entry) })
		}
		if n := must[int64](t)(s.UnknownTexts(h.ctx, h.door.Shop.ID)); n != 0 {
			t.Errorf("after it was kept as it is, %d wait for a decision", n)
		}
	})
}

// SendHeldTextsNow makes a line's waiting texts and files due at once. Status checks
// and other accounts keep their times.
func TestSendHeldTextsNow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := furnish(t, s, "acme")
		line, later := h.door.Line, noon.Add(time.Hour)
		for i, account := range []string{line.SendAccount(), line.MediaAccount(), line.QueryAccount(), "gorgias/acme"} {
			d := chat.Delivery{ID: chat.DeliveryID(account), Kind: chat.SendSMS, Account: account, Lane: account, Place: int64(i), Due: later}
			post(h, d)
		}
		if err := s.SendHeldTextsNow(h.ctx, line, noon); err != nil {
			t.Fatal(err)
		}
		for account, due := range map[string]bool{line.SendAccount(): true, line.MediaAccount(): true, line.QueryAccount(): false, "gorgias/acme": false} {
			if got := len(h.claimed(account, 1, noon)); got == 1 != due {
				t.Errorf("of %s %d is due", account, got)
			}
		}
	})
}
