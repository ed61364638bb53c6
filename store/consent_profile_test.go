package store_test

import (
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// A profile has the consent to marketing texts that holds by what Shopify reports and
// what the shopper texts, whichever comes first.
func TestProfileHasMarketing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		consent := func(state chat.ConsentState, when time.Time) chat.DirectoryUpdate {
			return chat.DirectoryUpdate{Vendor: chat.Shopify, Consents: []chat.ConsentRecord{{CustomerID: "601", State: state, Level: "single_opt_in", At: when}}}
		}
		check := func(when string, want chat.ConsentState) {
			t.Helper()
			if got := h.profile(phone); got.Marketing != want || got.ShopifyID != "601" {
				t.Errorf("%s: the profile is %+v, want %q", when, got, want)
			}
		}
		h.apply(customers(chat.Shopify, jane(1)))
		check("never asked", chat.ConsentUnknown)
		h.apply(consent(chat.ConsentGiven, noon.Add(-3*time.Hour)))
		check("subscribed", chat.ConsentGiven)
		id := h.receive(phone, "SM1", "hello").Conversation.ID
		if change := h.apply(consent(chat.ConsentRevoked, noon.Add(-2*time.Hour))); len(change.Conversations) != 1 {
			t.Errorf("pop-ups are not told: %+v", change)
		}
		check("unsubscribed", chat.ConsentRevoked)
		h.apply(consent(chat.ConsentGiven, noon.Add(-time.Hour)))
		check("subscribed again", chat.ConsentGiven)
		turn := h.receive(phone, "SM2", "STOP", func(t *chat.Turn) { t.OptOut("Jane texted STOP.") })
		if turn.Shopper.Profile().Marketing != chat.ConsentRevoked {
			t.Errorf("the turn has %+v", turn.Shopper.Profile())
		}
		check("after STOP", chat.ConsentRevoked)
		h.apply(consent(chat.ConsentGiven, noon.Add(time.Hour)), customers(chat.Shopify, jane(2)), orders(janesOrder("1", 3)))
		check("subscribed by a merchant", chat.ConsentRevoked)
		h.turn(id, noon.Add(2*time.Hour), func(t *chat.Turn) error {
			_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: "SM3", From: phone, Text: "START"})
			t.OptIn()
			return err
		})
		check("after START", chat.ConsentRevoked)
		h.apply(consent(chat.ConsentGiven, noon.Add(3*time.Hour)))
		check("subscribed after START", chat.ConsentGiven)
		if got := h.profile(phone); got.LastOrder == nil || got.Proof != "order #1" {
			t.Errorf("a text changed more than the consent: %+v", got)
		}

		for range 2 { // as on each page that names the customer
			h.apply(consent(chat.ConsentRevoked, time.Time{}))
			check("unsubscribed at an unknown time", chat.ConsentRevoked)
		}
		if n := must[int](t)(store.CountRows(h.ctx, s, "consents")); n != 8 {
			t.Errorf("%d pieces of evidence", n)
		}

		// Evidence from before the phone's owner is known counts.
		const early = chat.Phone("+14155550177")
		h.receive(early, "SM4", "STOP", func(t *chat.Turn) { t.OptOut("Bob texted STOP.") })
		r := bob(1)
		r.Phones = own(early)
		h.apply(customers(chat.Shopify, r))
		if got := h.profile(early); got.Marketing != chat.ConsentRevoked {
			t.Errorf("known after STOP: %+v", got)
		}
		if err := s.EraseVendor(h.ctx, h.config.Shop.ID, chat.Shopify, noon); err != nil {
			t.Fatal(err)
		}
		if got := h.profile(phone); got.Marketing == chat.ConsentGiven {
			t.Errorf("with Shopify erased: %+v", got)
		}
	})
}
