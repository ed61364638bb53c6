package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// The evidence of consents comes from texts and from Shopify, each once.
func TestConsents(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		shop := h.config.Shop.ID
		subscribed := chat.ConsentRecord{Phone: chat.PhoneRecord{Phone: phone}, State: chat.ConsentGiven, Level: "single_opt_in", At: noon.Add(-time.Hour)}
		apply := func(c chat.ConsentRecord) {
			t.Helper()
			addEvent(h, chat.Shopify, fmt.Sprint(time.Now().UnixNano()), "{}")
			event := must[[]store.Event](t)(s.WaitingEvents(h.ctx, shop, 1))[0]
			if _, err := s.ApplyEvents(h.ctx, shop, []store.AppliedEvent{{ID: event.ID, Update: chat.DirectoryUpdate{Vendor: chat.Shopify, Consents: []chat.ConsentRecord{c}}}}, noon); err != nil {
				t.Fatal(err)
			}
		}
		check := func(when string, want chat.ConsentState) {
			t.Helper()
			if got, err := s.MarketingConsent(h.ctx, shop, phone); got.State != want || err != nil {
				t.Errorf("%s: %+v %v, want %q", when, got, err, want)
			}
		}
		check("at first", chat.ConsentUnknown)
		apply(subscribed)
		apply(subscribed)
		check("subscribed", chat.ConsentGiven)
		id := h.receive(phone, "SM1", "STOP", func(t *chat.Turn) { t.OptOut("Jane texted STOP.") }).Conversation.ID
		check("after STOP", chat.ConsentRevoked)
		subscribed.At = noon.Add(time.Hour)
		apply(subscribed)
		check("subscribed by a merchant", chat.ConsentRevoked)
		h.turn(id, noon.Add(2*time.Hour), func(t *chat.Turn) error {
			_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: "SM2", From: phone, Text: "START"})
			t.OptIn()
			return err
		})
		check("after START", chat.ConsentRevoked)
		subscribed.At = noon.Add(3 * time.Hour)
		apply(subscribed)
		check("subscribed after START", chat.ConsentGiven)
		want := []chat.Consent{
			{Phone: phone, Kind: chat.MarketingTexts, State: chat.ConsentGiven, Source: chat.ConsentByShopify, Words: "single_opt_in", At: noon.Add(-time.Hour)},
			{Phone: phone, Kind: chat.AllTexts, State: chat.ConsentRevoked, Source: chat.ConsentByText, Words: "STOP", At: noon},
			{Phone: phone, Kind: chat.MarketingTexts, State: chat.ConsentGiven, Source: chat.ConsentByShopify, Words: "single_opt_in", At: noon.Add(time.Hour)},
			{Phone: phone, Kind: chat.AllTexts, State: chat.ConsentGiven, Source: chat.ConsentByText, Words: "START", At: noon.Add(2 * time.Hour)},
			{Phone: phone, Kind: chat.MarketingTexts, State: chat.ConsentGiven, Source: chat.ConsentByShopify, Words: "single_opt_in", At: noon.Add(3 * time.Hour)},
		}
		if got := must[[]chat.Consent](t)(s.Consents(h.ctx, shop, phone)); !reflect.DeepEqual(got, want) {
			t.Errorf("the evidence is %+v, want %+v", got, want)
		}
		if got := must[[]chat.Consent](t)(s.Consents(h.ctx, other.config.Shop.ID, phone)); len(got) != 0 {
			t.Errorf("another shop has %+v", got)
		}
	})
}
