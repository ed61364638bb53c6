package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// What escalations handed over is known also after they ended, and how much of
// the ticket's dialogue was not read.
func TestHandedSpans(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		now := noon
		var id chat.ConversationID
		var texts int
		hear := func(n int, then func(*chat.Turn)) {
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
		call := func(t *chat.Turn) { t.Escalate(chat.AskedForPerson, "", 0) }
		back := func(t *chat.Turn) { t.HandBack(chat.Author{Role: chat.BySystem}, "") }
		hear(2, call) // 1, 2, called
		hear(1, nil)  // 4
		hear(0, back) // 5
		hear(1, nil)  // 6
		now = now.Add(2 * time.Hour)
		hear(1, call) // 7, called
		hear(0, back) // 9
		hear(1, call) // 10, called
		snapshot, err := s.TicketSnapshot(h.ctx, h.config.Shop.ID, id)
		if err != nil {
			t.Fatal(err)
		}
		if want := []chat.Span{{From: 1, To: 5}, {From: 7, To: 9}, {From: 10}}; !slices.Equal(snapshot.Spans, want) || snapshot.Omitted != 0 {
			t.Errorf("handed over %v (%d omitted), want %v", snapshot.Spans, snapshot.Omitted, want)
		}
		hear(300, func(t *chat.Turn) { t.Ticket.Mirrored = t.Conversation.Seq })
		if snapshot, err = s.TicketSnapshot(h.ctx, h.config.Shop.ID, id); err != nil {
			t.Fatal(err)
		}
		// 311 entries, of which the first 110 were not read; five of those are events.
		if first := snapshot.Entries[0].Seq; first != 111 || snapshot.Omitted != 105 {
			t.Errorf("read from %d on, %d texts omitted", first, snapshot.Omitted)
		}
		if n := snapshot.Dialogue(1 << 40).Texts(); n != texts {
			t.Errorf("the dialogue has %d texts, want %d", n, texts)
		}
		other := newShop(t, s, "other")
		if _, err := s.TicketSnapshot(h.ctx, other.config.Shop.ID, id); err == nil {
			t.Error("another shop reads it")
		}
	})
}
