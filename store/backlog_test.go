package store_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// Kinds of work are told apart, and so are their reasons: of several the one
// that holds up most, and none of what failed for good.
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
			if err := s.PutOff(h.ctx, d, noon.Add(time.Minute), why); err != nil {
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
