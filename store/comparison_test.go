package store_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// HasText finds a text only for its own line, shop and phone.
func TestHasText(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := furnish(t, s, "acme"), furnish(t, s, "other")
		h.hear(phone, "SM1", "hello", func(t *chat.Turn) { t.Answer("Hello.") })
		in := chat.Incoming{Provider: "twilio", ID: "SM1", From: phone}
		elsewhere, stolen, unheard, by, from := h.door.Line, h.door.Line, in, in, in
		elsewhere.ID, stolen.Shop, unheard.ID, by.Provider, from.From = "another", other.door.Shop.ID, "SM2", "telnyx", "+14155550198"
		for name, test := range map[string]struct {
			line chat.Line
			in   chat.Incoming
			want bool
		}{
			"heard":            {h.door.Line, in, true},
			"another text":     {h.door.Line, unheard, false},
			"another provider": {h.door.Line, by, false},
			"another shopper":  {h.door.Line, from, false},
			"another line":     {elsewhere, in, false},
			"another shop":     {other.door.Line, in, false},
			"a foreign line":   {stolen, in, false},
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
		h, other := furnish(t, s, "acme"), furnish(t, s, "other")
		line, shop := h.door.Line.ID, h.door.Shop.ID
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
		theirs := must[map[chat.LineID]chat.Comparison](t)(s.Comparisons(h.ctx, other.door.Shop.ID))
		if !maps.Equal(theirs, map[chat.LineID]chat.Comparison{other.door.Line.ID: {}}) {
			t.Errorf("of another shop's line %+v", theirs)
		}
		if err := s.SaveComparison(h.ctx, "nobody's", chat.Comparison{}); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("saved a comparison of an unknown line: %v", err)
		}
	})
}
