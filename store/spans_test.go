package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// A ticket's snapshot has the spans of open and of ended escalations, and counts
// the texts of the dialogue that it left out.
func TestTicketSnapshotSpans(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		now := noon
		var id chat.ConversationID
		var texts int
		receive := func(n int, then func(*chat.Turn)) {
			t.Helper()
			now = now.Add(time.Minute)
			turn, err := s.Receive(h.ctx, h.config, "+14155550177", now, func(t *chat.Turn) error {
				for range n {
					texts++
					if _, err := t.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("span", texts), Text: "text"}); err != nil {
						return err
					}
				}
				if then != nil {
					then(t)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			id = turn.Conversation.ID
		}
		escalate := func(t *chat.Turn) { t.Escalate(chat.AskedForPerson, "", 0) }
		handBack := func(t *chat.Turn) { t.HandBack(chat.Author{Role: chat.BySystem}, "") }
		receive(2, escalate) // 1, 2, escalated
		receive(1, nil)      // 4
		receive(0, handBack) // 5
		receive(1, nil)      // 6
		now = now.Add(2 * time.Hour)
		receive(1, escalate) // 7, escalated
		receive(0, handBack) // 9
		receive(1, escalate) // 10, escalated
		snapshot, err := s.TicketSnapshot(h.ctx, h.config.Shop.ID, id)
		if err != nil {
			t.Fatal(err)
		}
		if want := []chat.Span{{From: 1, To: 5}, {From: 7, To: 9}, {From: 10}}; !slices.Equal(snapshot.Spans, want) || snapshot.Omitted != 0 {
			t.Errorf("handed over %v (%d omitted), want %v", snapshot.Spans, snapshot.Omitted, want)
		}
		receive(300, func(t *chat.Turn) { t.Ticket.Mirrored = t.Conversation.Seq })
		if snapshot, err = s.TicketSnapshot(h.ctx, h.config.Shop.ID, id); err != nil {
			t.Fatal(err)
		}
		// Of 311 entries the first 110 are not read; five of those are events.
		if first := snapshot.Entries[0].Seq; first != 111 || snapshot.Omitted != 105 {
			t.Errorf("the first entry is %d, %d texts are omitted", first, snapshot.Omitted)
		}
		if n := snapshot.Dialogue(1 << 40).Texts(); n != texts {
			t.Errorf("the dialogue has %d texts, want %d", n, texts)
		}
		other := newShop(t, s, "other")
		if _, err := s.TicketSnapshot(h.ctx, other.config.Shop.ID, id); err == nil {
			t.Error("another shop read the ticket")
		}
	})
}
