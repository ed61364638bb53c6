package store_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// A text counts as received if this line of this shop got it from this phone.
func TestHasText(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		h.receive(phone, "SM1", "hello", func(t *chat.Turn) { t.Answer("Hello.") })
		in := chat.Incoming{Provider: "twilio", ID: "SM1", From: phone}
		otherLine, otherShop, unknown, provider, shopper := h.config.Line, h.config.Line, in, in, in
		otherLine.ID, otherShop.Shop, unknown.ID, provider.Provider, shopper.From = "another", other.config.Shop.ID, "SM2", "telnyx", "+14155550198"
		for name, test := range map[string]struct {
			line chat.Line
			in   chat.Incoming
			want bool
		}{
			"received":         {h.config.Line, in, true},
			"another text":     {h.config.Line, unknown, false},
			"another provider": {h.config.Line, provider, false},
			"another shopper":  {h.config.Line, shopper, false},
			"another line":     {otherLine, in, false},
			"another shop":     {other.config.Line, in, false},
			"a foreign line":   {otherShop, in, false},
		} {
			if got, err := s.HasText(h.ctx, test.line, test.in); got != test.want || err != nil {
				t.Errorf("%s: %v %v", name, got, err)
			}
		}
	})
}

func TestComparisons(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := newShop(t, s, "acme"), newShop(t, s, "other")
		line, shop := h.config.Line.ID, h.config.Shop.ID
		for _, want := range []chat.Comparison{
			{},
			{Until: noon, At: noon.Add(time.Second), Late: 4},
			{Until: noon, At: noon.Add(time.Second), Late: 4, Trouble: "Twilio does not accept the credentials."},
			{Until: noon.Add(time.Minute), At: noon.Add(time.Minute), Late: 5},
		} {
			if want != (chat.Comparison{}) {
				if err := s.SaveComparison(h.ctx, line, want); err != nil {
					t.Fatal(err)
				}
			}
			all := must[map[chat.LineID]chat.Comparison](t)(s.Comparisons(h.ctx, shop))
			if !maps.Equal(all, map[chat.LineID]chat.Comparison{line: want}) {
				t.Errorf("got %+v, want %+v", all, want)
			}
		}
		theirs := must[map[chat.LineID]chat.Comparison](t)(s.Comparisons(h.ctx, other.config.Shop.ID))
		if !maps.Equal(theirs, map[chat.LineID]chat.Comparison{other.config.Line.ID: {}}) {
			t.Errorf("another shop's line has %+v", theirs)
		}
		if err := s.SaveComparison(h.ctx, "unknown", chat.Comparison{}); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("saved for an unknown line: %v", err)
		}
	})
}
