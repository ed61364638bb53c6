package store_test

import (
	"fmt"
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// bob is another customer with the same phone.
func bob(minutes int) chat.CustomerRecord {
	return chat.CustomerRecord{ID: "605", Name: "Bob Roe", Email: "bob@example.com", Phones: own(phone), UpdatedAt: at(minutes)}
}

// If a phone passes to another person, what was written so far is the former owner's,
// and the helpdesk's customer is not the new one's.
func TestNewOwner(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		h.apply(customers(chat.Shopify, jane(1)))
		before := h.receive(phone, "SM1", "hello", func(t *chat.Turn) { t.Shopper.Customer = "900" }).Conversation
		moved := jane(2)
		moved.Phones = own("+14155550177")
		if change := h.apply(customers(chat.Shopify, moved)); len(change.Conversations) != 1 {
			t.Errorf("changed %+v", change)
		}
		if p := h.turn(before.ID, noon, func(*chat.Turn) error { return nil }); p.Shopper.Name != "Jane Doe" || p.Shopper.Directory != "" || p.Conversation.OwnedFrom != 0 {
			t.Errorf("without an owner: %+v, %+v", p.Shopper, p.Conversation)
		}
		nameless := bob(3)
		nameless.Name, nameless.Email = "", ""
		for _, record := range []chat.CustomerRecord{nameless, bob(4), bob(5)} {
			h.apply(customers(chat.Shopify, record))
		}
		after := h.turn(before.ID, noon, func(*chat.Turn) error { return nil })
		if p := after.Shopper; p.Name != "Bob Roe" || p.Email != "bob@example.com" || p.Customer != "" || after.Conversation.OwnedFrom != before.Seq+1 {
			t.Errorf("the new owner is %+v, %+v", p, after.Conversation)
		}
		if got := h.receive("+14155550177", "SM2", "hello").Shopper; got.Name != "Jane Doe" {
			t.Errorf("the other phone's shopper is %+v", got)
		}
	})
}

// A household has one phone: the name is the preferred person's, and earlier texts stay.
func TestHousehold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		h.apply(customers(chat.Shopify, jane(5)))
		id := h.receive(phone, "SM1", "hello").Conversation.ID
		h.apply(customers(chat.Shopify, bob(1)), customers(chat.Recharge, chat.CustomerRecord{ID: "5", ShopifyID: "605", UpdatedAt: at(1)}),
			subscriptions(chat.SubscriptionRecord{ID: "15", CustomerID: "5", Status: "active", UpdatedAt: at(2)}))
		turn := h.turn(id, noon, func(*chat.Turn) error { return nil })
		if p := turn.Shopper; p.Name != "Bob Roe" || p.Email != "bob@example.com" || turn.Conversation.OwnedFrom != 0 || p.Profile().Others != 1 {
			t.Errorf("the shopper is %+v, %+v", p, turn.Conversation)
		}
		if got := h.people(phone); len(got) != 2 || got[0] != "Jane Doe/601/" || got[1] != "Bob Roe/605/5" {
			t.Errorf("the people are %q", got)
		}
		if ids := must[[]string](t)(s.ShopifyCustomers(h.ctx, h.config.Shop.ID, phone)); len(ids) != 2 || ids[0] != "601" {
			t.Errorf("the Shopify customers are %q", ids)
		}
		h.apply(subscriptions(chat.SubscriptionRecord{ID: "15", CustomerID: "5", Status: "cancelled", UpdatedAt: at(3)}))
		if turn := h.turn(id, noon, func(*chat.Turn) error { return nil }); turn.Shopper.Name != "Jane Doe" || turn.Conversation.OwnedFrom != 0 {
			t.Errorf("the shopper is %+v, %+v", turn.Shopper, turn.Conversation)
		}
	})
}

// A list is one more source: the same person is no clash, and of a person whom the
// directory knows a list says nothing that is newer.
func TestListAndDirectory(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		list := func(name, row, email string) chat.MergeResult {
			t.Helper()
			return must[[]chat.MergeResult](t)(s.ImportList(h.ctx, shop, name, []chat.ImportRow{{ID: chat.NewID[chat.ShopperID](noon), Phone: phone, Name: row, Email: email, Line: 2, Rank: 4}}))[0]
		}
		check := func(step, name, email string, from int64) {
			t.Helper()
			turn := h.receive(phone, "SM"+step, "hello")
			if p := turn.Shopper; p.Name != name || p.Email != email || !p.Purchased || turn.Conversation.OwnedFrom != from {
				t.Errorf("%s: %+v, %+v", step, p, turn.Conversation)
			}
		}
		list("one", "J. Doe", "")
		check("a list", "J. Doe", "", 0)
		h.apply(customers(chat.Shopify, jane(1)))
		check("the directory", "Jane Doe", "jane@example.com", 0)
		if got := list("two", "Jane Doe", "jane@old.example.com"); got != (chat.MergeResult{}) {
			t.Errorf("the same person: %+v", got)
		}
		check("the same person", "Jane Doe", "jane@example.com", 0)
		if got := list("two", "Ann Poe", "ann@example.com"); got != (chat.MergeResult{Outranked: true}) {
			t.Errorf("another person: %+v", got)
		}
		check("another person", "Jane Doe", "jane@example.com", 0)
		// Without an owner in the directory, the list says whose phone it is.
		h.apply(customers(chat.Shopify, chat.CustomerRecord{ID: "601", Name: "Jane Doe", Email: "jane@example.com", UpdatedAt: at(2)}))
		if got := list("three", "Ann Poe", "ann@example.com"); got != (chat.MergeResult{Replaced: true}) {
			t.Errorf("a new owner: %+v", got)
		}
		check("a new owner", "Ann Poe", "ann@example.com", 5)
		h.apply(customers(chat.Shopify, bob(3)))
		check("the list's person and the directory's", "Bob Roe", "bob@example.com", 5)
	})
}

// The number of a shop itself, given with every order in its store, is no burden.
func TestManyPeopleOfOnePhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		u := chat.DirectoryUpdate{Vendor: chat.Shopify}
		for n := range 300 {
			o := janesOrder(string(chat.NewID[chat.ShopperID](noon)), n)
			o.CustomerID, o.Email, o.Phones = "", o.ID+"@example.com", onOrder("+14155550199")
			u.Orders = append(u.Orders, o)
		}
		h.apply(u)
		if p := h.profile("+14155550199"); p.Others != 19 || !p.LinkedAt.Equal(at(299)) {
			t.Errorf("the profile is %+v", p)
		}
	})
}

// Two shops with the same customers share nothing.
func TestTwoShopsOnePhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		acme, other := newShop(t, s, "acme"), newShop(t, s, "other")
		fillDirectory(acme)
		before := acme.profile(phone)
		theirs := jane(50)
		theirs.Name, theirs.Email = "Zoë", "zoe@example.com"
		order := janesOrder("1", 60)
		order.Name = "#other"
		other.apply(customers(chat.Shopify, theirs), orders(order))
		if p := other.profile(phone); p.LastOrder.Name != "#other" || len(p.Subscriptions) != 0 || p.RechargeID != "" {
			t.Errorf("the other shop has %+v", p)
		}
		if after := acme.profile(phone); after.Customer != before.Customer || after.LastOrder.Name != before.LastOrder.Name {
			t.Errorf("was %+v, is %+v", before, after)
		}
		other.apply(deletions(chat.Shopify, chat.Deletion{Kind: chat.OrderKind, ID: "1"}), deletions(chat.Recharge, chat.Deletion{Kind: chat.SubscriptionKind, ID: "11"}))
		if p := acme.profile(phone); len(p.Subscriptions) != 1 || p.Proof == "" {
			t.Errorf("after the other shop's deletions: %+v", p)
		}
	})
}

// A phone may pass to another person whose record comes first: they are no household.
func TestNewOwnerComesFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		h.apply(customers(chat.Shopify, jane(1)))
		c := h.receive(phone, "SM1", "hello", func(t *chat.Turn) { t.Shopper.Customer = "900" }).Conversation
		order := janesOrder("7", 4)
		order.CustomerID, order.Email, order.Customer = "605", "bob@example.com", "Bob Roe"
		h.apply(customers(chat.Shopify, bob(4)), orders(order))
		moved := jane(3)
		moved.Phones = own("+14155550177")
		for i := range 2 {
			h.apply(customers(chat.Shopify, moved))
			h.receive(phone, fmt.Sprint("SM2", i), "I am Bob")
			turn := h.turn(c.ID, noon, func(*chat.Turn) error { return nil })
			if turn.Shopper.Name != "Bob Roe" || turn.Shopper.Customer != "" || turn.Conversation.OwnedFrom != c.Seq+1 {
				t.Errorf("the shopper is %+v, %+v", turn.Shopper, turn.Conversation)
			}
		}
	})
}
