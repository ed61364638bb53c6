package store_test

import (
	"errors"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// A text is here when this line of this shop has heard it from that phone.
func TestHeard(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h, other := furnish(t, s, "acme"), furnish(t, s, "other")
		h.hear(phone, "SM1", "hello", func(t *chat.Turn) { t.Answer("Hello.") })
		in := chat.Incoming{Provider: "twilio", ID: "SM1", From: phone}
		elsewhere, unheard, by, from := h.door.Line, in, in, in
		elsewhere.ID, unheard.ID, by.Provider, from.From = "another", "SM2", "telnyx", "+14155550198"
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
		} {
			if got, err := s.Heard(h.ctx, test.line, test.in); got != test.want || err != nil {
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
				if err := s.Compared(h.ctx, line, want); err != nil {
					t.Fatal(err)
				}
			}
			all := must[map[chat.LineID]chat.Comparison](t)(s.Comparisons(h.ctx, shop))
			if got := must[chat.Comparison](t)(s.Comparison(h.ctx, line)); got != want || len(all) != 1 || all[line] != want {
				t.Errorf("got %+v and %+v, want %+v", got, all, want)
			}
		}
		if got := must[chat.Comparison](t)(s.Comparison(h.ctx, other.door.Line.ID)); got != (chat.Comparison{}) {
			t.Errorf("of another line %+v", got)
		}
		if _, err := s.Comparison(h.ctx, "nobody's"); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("of nobody's line: %v", err)
		}
		if err := s.Compared(h.ctx, "nobody's", chat.Comparison{}); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("compared nobody's line: %v", err)
		}
	})
}
