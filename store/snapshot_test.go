package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// longConversation makes a conversation of this many entries, each in its own
// turn.
func longConversation(h *shopFixture, entries int) chat.ConversationID {
	var next atomic.Int64
	var receiving sync.WaitGroup
	for range 30 { // concurrently, because they share commits
		receiving.Go(func() {
			for n := next.Add(1); n < int64(entries) && !h.Failed(); n = next.Add(1) {
				if _, err := h.Receive(h.ctx, h.config, phone, noon, text(n)); err != nil {
					h.Error(err)
				}
			}
		})
	}
	receiving.Wait()
	return h.receive(phone, "SM", "text").Conversation.ID
}

// text returns a turn that receives text number n.
func text(n int64) func(*chat.Turn) error {
	return func(t *chat.Turn) error {
		_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("SM", n), Text: "text"})
		return err
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		id := longConversation(h, 450)
		for name, test := range map[string]struct {
			since, first, last int64
			reset, earlier     bool
		}{
			"for the first time":          {0, 251, 450, true, true},
			"without entries":             {-1, 0, 0, false, false},
			"nothing new":                 {450, 0, 0, false, false},
			"one behind":                  {449, 450, 450, false, false},
			"a screenful behind":          {250, 251, 450, false, false},
			"more than that":              {249, 251, 450, true, true},
			"far behind":                  {1, 251, 450, true, true},
			"of another epoch":            {451, 251, 450, true, true},
			"of another epoch, far ahead": {1 << 62, 251, 450, true, true},
		} {
			snapshot, reset, err := s.Snapshot(h.ctx, h.config.Shop.ID, id, test.since)
			if err != nil {
				t.Fatal(err)
			}
			var first, last int64
			if n := len(snapshot.Entries); n > 0 {
				first, last = snapshot.Entries[0].Seq, snapshot.Entries[n-1].Seq
				if int64(n) != last-first+1 {
					t.Errorf("%s: %d entries from %d to %d", name, n, first, last)
				}
			}
			if first != test.first || last != test.last || reset != test.reset || snapshot.Earlier != test.earlier || snapshot.Conversation.Rev != 450 {
				t.Errorf("%s: entries %d to %d, reset %v, earlier %v", name, first, last, reset, snapshot.Earlier)
			}
		}
	})
}

// Changed entries and new ones come in the order of their places.
func TestSnapshotOfChanges(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := h.receive(phone, "SM1", "menu", func(t *chat.Turn) { t.Answer("Reply 1") })
		id := turn.Conversation.ID
		h.receive(phone, "SM2", "hi")
		h.turn(id, noon, func(t *chat.Turn) error {
			return t.Report(chat.Attempt{ID: "a", Shop: h.config.Shop.ID, Line: h.config.Line.ID, Conversation: id, Entry: 2}, chat.Report{State: chat.Delivered})
		})
		snapshot, reset, err := s.Snapshot(h.ctx, h.config.Shop.ID, id, 1)
		if err != nil || reset || len(snapshot.Entries) != 2 || snapshot.Entries[0].Seq != 2 || snapshot.Entries[0].State != chat.Delivered || snapshot.Entries[1].Seq != 3 {
			t.Errorf("read %+v, reset %v, %v", snapshot.Entries, reset, err)
		}
	})
}

func TestSnapshotWithoutEntries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn, err := s.Receive(h.ctx, h.config, phone, noon, func(*chat.Turn) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		snapshot, reset, err := s.Snapshot(h.ctx, h.config.Shop.ID, turn.Conversation.ID, 0)
		if err != nil || reset || len(snapshot.Entries) != 0 || snapshot.Earlier || snapshot.Conversation.Mode != chat.Automated {
			t.Errorf("read %+v %v %v", snapshot, reset, err)
		}
		for _, seq := range []int64{0, 1} {
			if found, more, err := s.EntriesBefore(h.ctx, h.config.Shop.ID, turn.Conversation.ID, seq); len(found) != 0 || more || err != nil {
				t.Errorf("before %d: %v %v %v", seq, found, more, err)
			}
		}
	})
}

func TestEntriesBefore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		id := longConversation(h, 450)
		before, pages := int64(451), 0
		for more := true; more; pages++ {
			var found []chat.Entry
			var err error
			if found, more, err = s.EntriesBefore(h.ctx, h.config.Shop.ID, id, before); err != nil {
				t.Fatal(err)
			}
			for i, e := range found {
				if e.Seq != before-int64(len(found)-i) {
					t.Fatalf("page %d: place %d at %d of %d", pages, e.Seq, i, len(found))
				}
			}
			before = found[0].Seq
		}
		if before != 1 || pages != 3 {
			t.Errorf("ended at %d after %d pages", before, pages)
		}
		for _, wrong := range []int64{-1 << 63, -1, 0, 1, 1 << 62} {
			if found, more, err := s.EntriesBefore(h.ctx, h.config.Shop.ID, id, wrong); len(found) != 0 || more || err != nil {
				t.Errorf("before %d: %d entries %v %v", wrong, len(found), more, err)
			}
		}
	})
}

// A ticket's snapshot has the entries that the ticket lacks, and some before them.
func TestTicketSnapshot(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		id := longConversation(h, 30)
		if snapshot, err := s.TicketSnapshot(h.ctx, h.config.Shop.ID, id); err != nil || snapshot.Ticket != nil || len(snapshot.Entries) != 0 {
			t.Errorf("without a ticket: %+v %v", snapshot.Entries, err)
		}
		h.turn(id, noon, func(t *chat.Turn) (err error) {
			t.Escalate(chat.AskedForPerson, "", 25)
			for n := int64(31); n <= 930 && err == nil; n++ {
				err = text(n)(t)
			}
			return err
		})
		for _, test := range []struct{ mirrored, first, last int64 }{{24, 25, 624}, {200, 25, 624}, {400, 200, 799}, {931, 731, 931}} {
			h.turn(id, noon, func(t *chat.Turn) error { t.Ticket.Mirrored = test.mirrored; return nil })
			snapshot, err := s.TicketSnapshot(h.ctx, h.config.Shop.ID, id)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(snapshot.Entries); snapshot.Entries[0].Seq != test.first || snapshot.Entries[n-1].Seq != test.last || int64(n) != test.last-test.first+1 {
				t.Errorf("mirrored to %d: from %d to %d", test.mirrored, snapshot.Entries[0].Seq, snapshot.Entries[n-1].Seq)
			}
		}
	})
}

func TestFindConversation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		one := h.receive(phone, "SM1", "help", func(t *chat.Turn) {
			t.Escalate(chat.AskedForPerson, "", 0)
			t.Ticket.Remote, t.Shopper.Customer = "77", "900"
		})
		two := h.receive("+14155550198", "SM2", "help", func(t *chat.Turn) {
			t.Escalate(chat.AskedForPerson, "", 0)
			t.Ticket.Remote, t.Shopper.Customer = "78", "901"
		})
		for name, test := range map[string]struct {
			ticket           chat.TicketID
			remote, customer string
			want             chat.ConversationID
		}{
			"our ticket id":             {one.Ticket.ID, "", "", one.Conversation.ID},
			"their ticket id":           {"", "78", "", two.Conversation.ID},
			"their customer id":         {"", "", "900", one.Conversation.ID},
			"our ticket id comes first": {one.Ticket.ID, "78", "901", one.Conversation.ID},
			"then their ticket id":      {"", "78", "900", two.Conversation.ID},
			"an unknown ticket id":      {"", "79", "901", two.Conversation.ID},
			"nothing":                   {"", "", "", ""},
			"unknown ids":               {"x", "y", "z", ""},
		} {
			got, err := s.FindConversation(h.ctx, shop, test.ticket, test.remote, test.customer)
			if got != test.want || (test.want == "") != errors.Is(err, chat.ErrNotFound) {
				t.Errorf("%s: %s %v, want %s", name, got, err, test.want)
			}
		}
	})
}
