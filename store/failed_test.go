package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// failures lists the shop's failed deliveries.
func (h *shopFixture) failures(limit int) (found []store.Failure, total int) {
	h.Helper()
	found, total, err := h.Failures(h.ctx, h.config.Shop.ID, limit)
	if err != nil {
		h.Fatal(err)
	}
	return found, total
}

func (h *shopFixture) failed() (ids []string) {
	h.Helper()
	found, _ := h.failures(100)
	for _, f := range found {
		ids = append(ids, string(f.ID))
	}
	slices.Sort(ids)
	return ids
}

// A failure has its reason, shopper and ticket; the newest comes first.
func TestFailures(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := h.receive(phone, "SM1", "help", func(t *chat.Turn) {
			t.Escalate(chat.AskedForPerson, "", 0)
			t.Ticket.Remote, t.Shopper.Name, t.Shopper.Email, t.Shopper.Purchased, t.Shopper.Customer = "77", "Zoë", "z@example.com", true, "900"
			message := chat.Delivery{
				ID: "1", Shop: t.Shop.ID, Kind: chat.AddMessage, Account: "gorgias/acme", Lane: "x", Conversation: t.Conversation.ID,
				Ticket: "76", Payload: `{"entry":1,"name":"text"}`, Due: noon, Problem: "Gorgias refused it.",
			}
			alone := chat.Delivery{ID: "2", Shop: t.Shop.ID, Kind: chat.PostCode, Account: "gorgias/acme", Lane: "y", Due: noon, Problem: "No."}
			t.Deliveries = append(t.Deliveries, message, alone)
		})
		if got := h.claim("gorgias/acme", 9, noon); len(got) != 1 {
			t.Fatalf("claimed %v", got)
		}
		found, total := h.failures(9)
		message := turn.Deliveries[len(turn.Deliveries)-2]
		message.At = noon
		want := store.Failure{Delivery: message, Shopper: turn.Shopper, Remote: "76"}
		if total != 2 || len(found) != 2 || found[0].ID != "2" || found[0].Shopper != (chat.Shopper{}) || found[0].Remote != "" || !reflect.DeepEqual(found[1], want) {
			t.Errorf("got  %d %+v\nwant %+v", total, found, want)
		}
		found, total = h.failures(1)
		if total != 2 || len(found) != 1 || found[0].ID != "2" {
			t.Errorf("the first of %d is %+v", total, found)
		}
		h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) error {
			t.Deliveries = append(t.Deliveries, chat.Delivery{ID: "3", Shop: t.Shop.ID, Kind: chat.SyncTicket, Lane: "z", Conversation: t.Conversation.ID, Problem: "No."})
			return nil
		})
		found, _ = h.failures(1)
		if found[0].Remote != "77" {
			t.Errorf("the conversation's ticket is %q", found[0].Remote)
		}
	})
}

// A retried delivery is due at once and keeps its tries.
func TestRetry(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		later := sms("b1", "b", 1)
		later.Urgent = true
		post(h, sms("a1", "a", 1), later)
		for _, d := range h.claimed("twilio/A", 2, noon) {
			if err := s.GiveUp(h.ctx, d, "refused"); err != nil {
				t.Fatal(err)
			}
		}
		shop, at := h.config.Shop.ID, noon.Add(-time.Hour) // before it was due at first
		if err := errors.Join(s.Retry(h.ctx, shop, "a1", at), s.Dismiss(h.ctx, shop, "b1")); err != nil {
			t.Fatal(err)
		}
		for _, id := range []chat.DeliveryID{"a1", "b1", "nothing"} {
			if err := s.Dismiss(h.ctx, shop, id); !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("dismissed %s: %v", id, err)
			}
			if err := s.Retry(h.ctx, shop, id, at); !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("retried %s: %v", id, err)
			}
		}
		if got := h.failed(); got != nil {
			t.Errorf("failed %v", got)
		}
		again := h.claimed("twilio/A", 2, at)
		if len(again) != 1 || again[0].ID != "a1" || again[0].Tries != 2 || !again[0].Urgent {
			t.Fatalf("then claimed %+v", again)
		}
		if err := s.GiveUp(h.ctx, again[0], "refused again"); err != nil {
			t.Fatal(err)
		}
		if found, _ := h.failures(9); len(found) != 1 || found[0].Problem != "refused again" || found[0].Tries != 2 {
			t.Errorf("failed %+v", found)
		}
	})
}

// Retried syncs of a ticket are merged with the sync that waits, however many
// failed.
func TestRetrySync(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		help := func(id string) { h.receive(phone, id, "help", func(t *chat.Turn) { t.SyncTicket() }) }
		h.receive(phone, "SM1", "help", func(t *chat.Turn) { t.Escalate(chat.AskedForPerson, "", 0) })
		fail := func(tries int, at time.Time) {
			h.Helper()
			for try := range tries {
				claims := h.claimed("gorgias/acme", 1, at)
				if len(claims) != 1 {
					t.Fatalf("claimed %+v", claims)
				}
				err := s.Postpone(h.ctx, claims[0], at, "busy")
				if try == tries-1 {
					claims = h.claimed("gorgias/acme", 1, at)
					err = s.GiveUp(h.ctx, claims[0], "refused")
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		fail(2, noon)
		help("SM2")
		fail(1, noon)
		help("SM3")
		waits := h.claimed("gorgias/acme", 1, noon)[0]
		if err := s.Postpone(h.ctx, waits, noon.Add(time.Hour), "busy"); err != nil {
			t.Fatal(err)
		}
		if n, err := s.RetryAll(h.ctx, h.config.Shop.ID, noon); n != 2 || err != nil {
			t.Errorf("retried %d: %v", n, err)
		}
		claims := h.claimed("gorgias/acme", 9, noon)
		if len(claims) != 1 || claims[0].ID != waits.ID || claims[0].Tries != 4 || !claims[0].Urgent || h.failed() != nil {
			t.Errorf("claimed %+v, failed %v", claims, h.failed())
		}
		// While a sync of the ticket runs, the retried one waits for it.
		help("SM4")
		if err := s.GiveUp(h.ctx, claims[0], "refused"); err != nil {
			t.Fatal(err)
		}
		running := h.claimed("gorgias/acme", 9, noon)
		if n, err := s.RetryAll(h.ctx, h.config.Shop.ID, noon); n != 1 || err != nil {
			t.Errorf("retried %d: %v", n, err)
		}
		if got := h.claim("gorgias/acme", 9, noon); got != nil {
			t.Errorf("two run at once: %v", got)
		}
		if err := s.Finish(h.ctx, running[0]); err != nil {
			t.Fatal(err)
		}
		if got := h.claimed("gorgias/acme", 9, noon); len(got) != 1 || got[0].ID != waits.ID {
			t.Errorf("then claimed %+v", got)
		}
	})
}

// RetryAll retries all failed deliveries of the shop, more than fit into a batch,
// and none of another shop.
func TestRetryAll(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		const many = 120
		for _, h := range []*shopFixture{h, other} {
			var all []chat.Delivery
			for i := range many {
				d := sms(fmt.Sprint(h.config.Shop.Name, i), fmt.Sprint(h.config.Shop.Name, i), 1)
				d.Problem = "refused"
				all = append(all, d)
			}
			post(h, all...)
		}
		if n, err := s.RetryAll(h.ctx, h.config.Shop.ID, noon); n != many || err != nil {
			t.Errorf("retried %d: %v", n, err)
		}
		if got := h.claimed("twilio/A", 2*many, noon); len(got) != many || len(h.failed()) != 0 || len(other.failed()) != 100 {
			t.Errorf("claimed %d", len(got))
		}
	})
}
