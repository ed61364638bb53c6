package store_test

import (
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// After a person was erased, an opt-in that a merchant enters for the phone does not
// hold against the opt-out that is kept as a hash. One that is newer than what only
// Shopify had reported does, and one after START.
func TestErasedOptOutFromMarketing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		for name, test := range map[string]struct {
			stop bool
			text string // after the erasure
			want chat.ConsentState
		}{
			"STOP":                {stop: true, want: chat.ConsentRevoked},
			"STOP and a text":     {stop: true, text: "hello", want: chat.ConsentRevoked},
			"STOP and START":      {stop: true, text: "START", want: chat.ConsentGiven},
			"only at Shopify":     {want: chat.ConsentGiven},
			"only at Shopify and": {text: "hello", want: chat.ConsentGiven},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := newShop(t, s, name)
				consent := func(state chat.ConsentState, when time.Time) chat.DirectoryUpdate {
					return chat.DirectoryUpdate{Vendor: chat.Shopify, Consents: []chat.ConsentRecord{{CustomerID: "601", State: state, At: when}}}
				}
				check := func(when string, want chat.ConsentState) {
					t.Helper()
					if got, err := s.MarketingConsent(h.ctx, h.config.Shop.ID, phone); got.State != want || err != nil || h.profile(phone).Marketing != want {
						t.Errorf("%s: %+v, %v, %+v", when, got, err, h.profile(phone))
					}
				}
				h.apply(customers(chat.Shopify, jane(1)), consent(chat.ConsentRevoked, noon.Add(-time.Hour)))
				h.receive(phone, "SM1", "hello", func(t *chat.Turn) {
					if test.stop {
						t.OptOut("Jane texted STOP.")
					}
				})
				if err := s.ErasePerson(h.ctx, h.config.Shop.ID, chat.PrivacyRequest{CustomerID: "601"}, noon); err != nil {
					t.Fatal(err)
				}
				if test.text != "" {
					h.receive(phone, "SM2", test.text, func(t *chat.Turn) {
						if test.text == "START" {
							t.OptIn()
						}
					})
				}
				again := jane(1)
				again.UpdatedAt = noon.Add(time.Hour)
				h.apply(customers(chat.Shopify, again))
				h.apply(consent(chat.ConsentGiven, noon.Add(-time.Minute)))
				check("an old opt-in", chat.ConsentUnknown) // of the erased person
				h.apply(consent(chat.ConsentGiven, noon.Add(2*time.Hour)))
				check("a new opt-in", test.want)
			})
		}
	})
}
