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
		claims := h.claimed(h.config.Line.SendAccount(), 1, noon)
		var try chat.Attempt
		h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) error {
			a, _, err := t.BeginAttempt(claims[0])
			if err == nil {
				try = *a
			}
			return err
		})
		if got := must[chat.Attempt](t)(s.Attempt(h.ctx, h.config.Line, try.ID, "")); got != try {
			t.Errorf("found by our token %+v, want %+v", got, try)
		}
		if got, err := s.Attempt(h.ctx, h.config.Line, "", ""); err == nil {
			t.Errorf("found by nothing %+v", got)
		}
		for range 2 {
			h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) error { return t.Report(try, chat.Report{ID: "SM9", State: chat.Sent}) })
		}
		// The first provider's id stays.
		h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) error { return t.Report(try, chat.Report{ID: "SM10", State: chat.Sent}) })
		try.Provider = "SM9"
		if got := must[chat.Attempt](t)(s.Attempt(h.ctx, h.config.Line, "", "SM9")); got != try {
			t.Errorf("found by the provider's id %+v, want %+v", got, try)
		}
		if got, err := s.Attempt(h.ctx, h.config.Line, "foreign", "SM9"); err == nil {
			t.Errorf("found by a foreign token %+v", got)
		}
	})
}

// addAttempts makes a conversation whose second entry, an answer, has these
// attempts.
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

// updateAttempts saves changes of attempts, and returns the conversation's attempts.
func (h *shopFixture) updateAttempts(c chat.Conversation, known ...chat.Attempt) (now []chat.Attempt) {
	h.Helper()
	for _, a := range known {
		a.Shop, a.Line, a.Conversation, a.Entry = c.Shop, c.Line, c.ID, 2
		h.turn(c.ID, noon, func(t *chat.Turn) error { t.Attempts = append(t.Attempts, a); return nil })
	}
	h.turn(c.ID, noon, func(t *chat.Turn) (err error) {
		now, err = t.History.Attempts(noon.Add(-time.Hour))
		return err
	})
	return now
}

// An attempt's unknown fields are filled in once, and two attempts of a line never
// get the same provider's id.
func TestAttemptIsFilledInOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		before, first, second := noon.Add(-2*time.Hour), noon.Add(-2*time.Minute), noon.Add(-time.Minute)
		turn := addAttempts(h, chat.Attempt{ID: "old", At: before}, chat.Attempt{ID: "b", Try: 2, At: second}, chat.Attempt{ID: "a", Try: 1, At: first})
		got := h.updateAttempts(turn.Conversation,
			chat.Attempt{ID: "a", MissingSince: first}, chat.Attempt{ID: "a", Provider: "SM1", MissingSince: second}, chat.Attempt{ID: "a", Provider: "SM2"},
			chat.Attempt{ID: "b", Provider: "SM1", MissingSince: second}, chat.Attempt{ID: "c", Provider: "SM1", At: noon})
		own := chat.Attempt{Shop: turn.Shop.ID, Line: turn.Line.ID, Conversation: turn.Conversation.ID, Entry: 2}
		want := []chat.Attempt{own, own, own}
		want[0].ID, want[0].Try, want[0].At, want[0].Provider, want[0].MissingSince = "a", 1, first, "SM1", first
		want[1].ID, want[1].Try, want[1].At, want[1].MissingSince = "b", 2, second, second
		want[2].ID, want[2].At = "c", noon
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		// On another line the provider's id may occur too.
		other := newShop(t, s, "other")
		if got := other.updateAttempts(addAttempts(other, chat.Attempt{ID: "theirs", At: noon}).Conversation, chat.Attempt{ID: "theirs", Provider: "SM1"}); len(got) != 1 || got[0].Provider != "SM1" {
			t.Errorf("on another line %+v", got)
		}
	})
}

func TestAttemptDetail(t *testing.T) {
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

// Each state and code that a provider reports of an attempt is saved once.
func TestReportsAreSavedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := addAttempts(h, chat.Attempt{ID: "a", At: noon})
		for range 2 {
			h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) error {
				for _, report := range []chat.Report{{State: chat.Sent}, {State: chat.Delivered}, {State: chat.Failed}, {State: chat.Failed, Problem: &chat.Problem{Code: "30003"}}} {
					t.Reports = append(t.Reports, chat.ReportRecord{Attempt: "a", Report: report, At: noon})
				}
				return nil
			})
		}
		if n := must[int](t)(store.CountRows(h.ctx, s, "reports")); n != 4 {
			t.Errorf("%d reports are saved, want 4", n)
		}
	})
}

// An unmatched report is read until a turn saves the provider's id that it names.
func TestUnmatchedReports(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := addAttempts(h, chat.Attempt{ID: "a", At: noon})
		reports := []chat.Report{
			{ID: "SM1", State: chat.Sent, From: chat.FromCallback},
			{ID: "SM1", State: chat.Delivered, From: chat.FromCallback},
			{ID: "SM1", State: chat.Failed, Problem: &chat.Problem{Code: "30006", Text: "A landline."}, OptedOut: true, Looped: true, From: chat.FromCallback},
		}
		for i, r := range append(reports, reports[0], chat.Report{ID: "SM2", State: chat.Sent}) {
			if saved, err := s.SaveUnmatchedReport(h.ctx, h.config.Line, r, noon.Add(time.Duration(i)*time.Second)); !saved || err != nil {
				t.Fatalf("not saved: %v", err)
			}
		}
		read := func(provider string, link bool) (got []chat.Report) {
			h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) (err error) {
				if link {
					t.Attempts = append(t.Attempts, chat.Attempt{ID: "a", Shop: t.Shop.ID, Line: t.Line.ID, Conversation: t.Conversation.ID, Entry: 2, Provider: provider, At: noon})
				}
				got, err = t.History.UnmatchedReports(provider)
				return err
			})
			return got
		}
		for _, link := range []bool{false, true} { // only the turn that saves the id uses the reports up
			if got := read("SM1", link); !reflect.DeepEqual(got, reports) {
				t.Errorf("read %+v", got)
			}
		}
		if got := read("SM1", false); got != nil {
			t.Errorf("read again %+v", got)
		}
		if got := read("SM2", false); len(got) != 1 {
			t.Errorf("read of another text %+v", got)
		}
		if saved, err := s.SaveUnmatchedReport(h.ctx, h.config.Line, reports[0], noon); saved || err != nil {
			t.Errorf("saved although an attempt has the id: %v", err)
		}
		if got := read("SM1", false); got != nil {
			t.Errorf("read %+v", got)
		}
		h.turn(turn.Conversation.ID, noon, func(*chat.Turn) error { return nil })
	})
}

// Only the last claim of a delivery holds it, until it is postponed, given up or
// finished.
func TestOnlyLastClaimHolds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := addAttempts(h)
		holds := func(d chat.Delivery) (held bool) {
			h.Helper()
			h.turn(turn.Conversation.ID, noon, func(t *chat.Turn) (err error) {
				held, err = t.History.HoldsLease(d)
				return err
			})
			return held
		}
		claim := func() chat.Delivery { h.Helper(); return h.claimed(h.config.Line.SendAccount(), 1, noon)[0] }
		first := claim()
		foreign := first
		foreign.Shop = "another"
		if !holds(first) || holds(foreign) {
			t.Error("the claim does not hold it, or that of another shop does")
		}
		if err := s.Postpone(h.ctx, first, noon, ""); err != nil || holds(first) {
			t.Errorf("held after it was postponed: %v", err)
		}
		second := claim()
		if holds(first) || !holds(second) {
			t.Error("held by the earlier claim, or not by the second")
		}
		if err := s.GiveUp(h.ctx, second, "no"); err != nil || holds(second) {
			t.Errorf("held after it was given up: %v", err)
		}
		if err := s.Retry(h.ctx, h.config.Shop.ID, second.ID, noon); err != nil || holds(second) {
			t.Errorf("held although it is not claimed: %v", err)
		}
		third := claim()
		if slices.ContainsFunc([]chat.Delivery{first, second}, holds) || !holds(third) {
			t.Error("held by an earlier claim, or not by the third")
		}
		if err := s.Finish(h.ctx, third); err != nil || holds(third) {
			t.Errorf("held after it was finished: %v", err)
		}
	})
}
