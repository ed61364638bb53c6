package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

func TestAttempt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := h.receive(phone, "SM1", "menu", func(t *chat.Turn) { t.Answer("Reply 1") })
		mine := h.claimed(h.config.Line.SendAccount(), 1, noon)
		var try chat.Attempt
		h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) error {
			a, _, err := t.BeginAttempt(mine[0])
			if err == nil {
				try = *a
			}
			return err
		})
		if got := must[chat.Attempt](t)(s.Attempt(h.ctx, h.config.Line, try.ID, "")); got != try {
			t.Errorf("by our token %+v, want %+v", got, try)
		}
		if got, err := s.Attempt(h.ctx, h.config.Line, "", ""); err == nil {
			t.Errorf("by nothing %+v", got)
		}
		for range 2 {
			h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) error { return t.Report(try, chat.Report{ID: "SM9", State: chat.Sent}) })
		}
		// What the provider named it first counts.
		h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) error { return t.Report(try, chat.Report{ID: "SM10", State: chat.Sent}) })
		try.Provider = "SM9"
		if got := must[chat.Attempt](t)(s.Attempt(h.ctx, h.config.Line, "", "SM9")); got != try {
			t.Errorf("by the provider's name %+v, want %+v", got, try)
		}
		if got, err := s.Attempt(h.ctx, h.config.Line, "foreign", "SM9"); err == nil {
			t.Errorf("by a token that is not ours %+v", got)
		}
	})
}

// tried keeps attempts to send the first answer of a conversation that is made
// for them.
func addAttempts(h *shopFixture, all ...chat.Attempt) *chat.Turn {
	h.Helper()
	return h.receive(phone, string(chat.NewID[chat.TicketID](noon)), "menu", func(t *chat.Turn) {
		t.Answer("Reply 1")
		for _, a := range all {
			a.Shop, a.Line, a.Conversation, a.Entry = t.Shop.ID, t.Line.ID, t.Conversation.ID, 2
			t.Attempts = append(t.Attempts, a)
		}
	})
}

// later keeps what has become known of attempts, and returns them as they are now.
func (h *shopFixture) updateAttempts(c chat.Conversation, known ...chat.Attempt) (now []chat.Attempt) {
	h.Helper()
	for _, a := range known {
		a.Shop, a.Line, a.Conversation, a.Entry = c.Shop, c.Line, c.ID, 2
		h.turn(c.ID, noon, func(t *chat.Turn) error { t.Attempts = append(t.Attempts, a); return nil })
	}
	h.turn(c.ID, noon, func(t *chat.Turn) (err error) {
		now, err = t.History.AttemptDetail(noon.Add(-time.Hour))
		return err
	})
	return now
}

// What becomes known of an attempt is filled in, the first of each counts, and
// no two attempts have one name.
func TestAttemptLearns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		before, first, second := noon.Add(-2*time.Hour), noon.Add(-2*time.Minute), noon.Add(-time.Minute)
		turn := addAttempts(h, chat.Attempt{ID: "old", At: before}, chat.Attempt{ID: "b", Try: 2, At: second}, chat.Attempt{ID: "a", Try: 1, At: first})
		got := h.updateAttempts(turn.Conversation,
			chat.Attempt{ID: "a", Missed: first}, chat.Attempt{ID: "a", Provider: "SM1", Missed: second}, chat.Attempt{ID: "a", Provider: "SM2"},
			chat.Attempt{ID: "b", Provider: "SM1", Missed: second}, chat.Attempt{ID: "c", Provider: "SM1", At: noon})
		own := chat.Attempt{Shop: turn.Shop.ID, Line: turn.Line.ID, Conversation: turn.Conversation.ID, Entry: 2}
		want := []chat.Attempt{own, own, own}
		want[0].ID, want[0].Try, want[0].At, want[0].Provider, want[0].Missed = "a", 1, first, "SM1", first
		want[1].ID, want[1].Try, want[1].At, want[1].Missed = "b", 2, second, second
		want[2].ID, want[2].At = "c", noon
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		// The name is the line's own: another line may have it too.
		other := newShop(t, s, "other")
		if got := other.updateAttempts(addAttempts(other, chat.Attempt{ID: "theirs", At: noon}).Conversation, chat.Attempt{ID: "theirs", Provider: "SM1"}); len(got) != 1 || got[0].Provider != "SM1" {
			t.Errorf("of another line %+v", got)
		}
	})
}

func TestTried(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := addAttempts(h, chat.Attempt{ID: "a", Try: 3, At: noon})
		got := must[chat.AttemptDetail](t)(s.AttemptDetail(h.ctx, h.config.Shop.ID, "a"))
		if !reflect.DeepEqual(got.LineConfig, h.config) || got.Shopper != turn.Shopper || got.Attempt != h.updateAttempts(turn.Conversation)[0] || !reflect.DeepEqual(got.Entry, turn.Added[1]) {
			t.Errorf("found %+v", got)
		}
	})
}

// Each thing that a provider says of an attempt is kept once.
func TestReportsAreALog(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := addAttempts(h, chat.Attempt{ID: "a", At: noon})
		for range 2 {
			h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) error {
				for _, said := range []chat.Report{{State: chat.Sent}, {State: chat.Delivered}, {State: chat.Failed}, {State: chat.Failed, Problem: &chat.Problem{Code: "30003"}}} {
					t.HasText = append(t.HasText, chat.ReportRecord{Attempt: "a", Report: said, At: noon})
				}
				return nil
			})
		}
		if n := must[int](t)(store.CountRows(h.ctx, s, "reports")); n != 4 {
			t.Errorf("%d reports are kept", n)
		}
	})
}

// A report of a text that nobody knows is heard by the turn that gets to know it,
// and by no other.
func TestStrays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := addAttempts(h, chat.Attempt{ID: "a", At: noon})
		said := []chat.Report{
			{ID: "SM1", State: chat.Sent, From: chat.FromCallback},
			{ID: "SM1", State: chat.Delivered, From: chat.FromCallback},
			{ID: "SM1", State: chat.Failed, Problem: &chat.Problem{Code: "30006", Text: "A landline."}, OptedOut: true, Looped: true, From: chat.FromCallback},
		}
		for i, r := range append(said, said[0], chat.Report{ID: "SM2", State: chat.Sent}) {
			if kept, err := s.SaveUnmatchedReport(h.ctx, h.config.Line, r, noon.Add(time.Duration(i)*time.Second)); !kept || err != nil {
				t.Fatalf("not kept: %v", err)
			}
		}
		look := func(provider string, link bool) (got []chat.Report) {
			h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) (err error) {
				if link {
					t.Attempts = append(t.Attempts, chat.Attempt{ID: "a", Shop: t.Shop.ID, Line: t.Line.ID, Conversation: t.Conversation.ID, Entry: 2, Provider: provider, At: noon})
				}
				got, err = t.History.Strays(provider)
				return err
			})
			return got
		}
		for _, link := range []bool{false, true} { // looking alone uses nothing up
			if got := look("SM1", link); !reflect.DeepEqual(got, said) {
				t.Errorf("heard %+v", got)
			}
		}
		if got := look("SM1", false); got != nil {
			t.Errorf("heard once more %+v", got)
		}
		if got := look("SM2", false); len(got) != 1 {
			t.Errorf("of another text %+v", got)
		}
		if kept, err := s.SaveUnmatchedReport(h.ctx, h.config.Line, said[0], noon); kept || err != nil {
			t.Errorf("kept although it is known whose it is: %v", err)
		}
		if got := look("SM1", false); got != nil {
			t.Errorf("kept %+v", got)
		}
		h.turn(turn.Conversation.ID, noon, func(*chat.Turn) error { return nil })
	})
}

// A delivery is held by whoever claimed it last, and by nobody once it is given
// back, given up or done.
func TestHolds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := addAttempts(h)
		holds := func(d chat.Delivery) (held bool) {
			h.Helper()
			h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) (err error) {
				held, err = t.History.Holds(d)
				return err
			})
			return held
		}
		claim := func() chat.Delivery { h.Helper(); return h.claimed(h.config.Line.SendAccount(), 1, noon)[0] }
		first := claim()
		stolen := first
		stolen.Shop = "another"
		if !holds(first) || holds(stolen) {
			t.Error("its holder does not hold it, or another shop does")
		}
		if err := s.Postpone(h.ctx, first, noon, ""); err != nil || holds(first) {
			t.Errorf("held after it was put off: %v", err)
		}
		second := claim()
		if holds(first) || !holds(second) {
			t.Error("held by the one before")
		}
		if err := s.GiveUp(h.ctx, second, "no"); err != nil || holds(second) {
			t.Errorf("held after it was given up: %v", err)
		}
		if err := s.Retry(h.ctx, h.config.Shop.ID, second.ID, noon); err != nil || holds(second) {
			t.Errorf("held although nobody has it: %v", err)
		}
		third := claim()
		if slices.ContainsFunc([]chat.Delivery{first, second}, holds) || !holds(third) {
			t.Error("held by one before")
		}
		if err := s.Finish(h.ctx, third); err != nil || holds(third) {
			t.Errorf("held after it was done: %v", err)
		}
	})
}
