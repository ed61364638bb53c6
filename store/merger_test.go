package store_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// TestTicketMerger: after a merger both ids lead to the conversation, deliveries for
// the old ticket name the remaining one, and saving it again changes nothing.
func TestTicketMerger(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		turn := h.receive(phone, "SM1", "help", func(t *chat.Turn) { t.Escalate(chat.UnknownKeyword, "", 0) })
		id := turn.Conversation.ID
		h.turn(id, noon, func(t *chat.Turn) error { t.Ticket.Remote = "77"; return nil })
		if got := must[[]chat.ConversationID](t)(s.OpenTickets(h.ctx, shop)); !slices.Equal(got, []chat.ConversationID{id}) {
			t.Errorf("tickets are open in %v", got)
		}
		waiting := chat.Delivery{
			ID: chat.NewID[chat.DeliveryID](noon), Shop: shop, Conversation: id, Kind: chat.PostNote, Account: chat.HelpdeskAccount("acme"),
			Lane: "note/1", Ticket: "77", Payload: `{"text":"It did not arrive."}`, At: noon, Due: noon,
		}
		h.turn(id, noon, func(t *chat.Turn) error { t.Deliveries = append(t.Deliveries, waiting); return nil })
		for range 2 {
			h.turn(id, noon, func(t *chat.Turn) error { t.TicketMerged("77", "78"); return nil })
		}
		h.turn(id, noon, func(t *chat.Turn) error {
			t.TicketMerged("78", "79")
			t.TicketMerged("79", "79")
			t.TicketMerged("", "80")
			return nil
		})
		for _, remote := range []string{"77", "78", "79"} {
			if got := must[[]chat.ConversationID](t)(s.TicketConversations(h.ctx, shop, remote, "")); !slices.Equal(got, []chat.ConversationID{id}) {
				t.Errorf("ticket %s leads to %v", remote, got)
			}
			k := must[chat.Ticket](t)(s.Ticket(h.ctx, shop, id, remote))
			if k.Lost != (remote != "79") || remote == "79" && (k.ID != turn.Ticket.ID || !k.Open) {
				t.Errorf("ticket %s is %+v", remote, k)
			}
		}
		snapshot, _, err := s.Snapshot(h.ctx, shop, id, 0)
		n := 0
		for _, e := range snapshot.Entries {
			if e.Event == chat.TicketMerged {
				n++
			}
		}
		if err != nil || snapshot.Ticket.Remote != "79" || n != 2 {
			t.Errorf("the conversation has %+v after %d mergers, %v", snapshot.Ticket, n, err)
		}
		claimed := must[[]chat.Delivery](t)(s.Claim(h.ctx, waiting.Account, 10, 10, noon.Add(time.Minute), time.Minute))
		if !slices.ContainsFunc(claimed, func(d chat.Delivery) bool { return d.ID == waiting.ID && d.Ticket == "79" }) {
			t.Errorf("claimed %+v", claimed)
		}
	})
}

// TestTicketsOfACustomer: an unknown ticket leads to the conversations of its
// customer with an open ticket.
func TestTicketsOfACustomer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		turn := h.receive(phone, "SM1", "help", func(t *chat.Turn) {
			t.Escalate(chat.UnknownKeyword, "", 0)
			t.Shopper.Customer = "900"
		})
		id := turn.Conversation.ID
		count := func(remote, customer string) int {
			return len(must[[]chat.ConversationID](t)(s.TicketConversations(h.ctx, shop, remote, customer)))
		}
		if n := count("99", "900"); n != 0 {
			t.Errorf("before there is a ticket: %d", n)
		}
		h.turn(id, noon, func(t *chat.Turn) error { t.Ticket.Remote = "77"; return nil })
		for call, want := range map[[2]string]int{{"99", "900"}: 1, {"99", "901"}: 0, {"99", ""}: 0, {"77", ""}: 1, {"77", "901"}: 1, {"", ""}: 0} {
			if n := count(call[0], call[1]); n != want {
				t.Errorf("ticket %q of customer %q leads to %d conversations, want %d", call[0], call[1], n, want)
			}
		}
		h.turn(id, noon, func(t *chat.Turn) error { t.TicketClosed(); return nil })
		if n := count("99", "900"); n != 0 {
			t.Errorf("with a closed ticket: %d", n)
		}
	})
}
