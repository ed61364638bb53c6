package store_test

import (
	"context"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// Snapshots are consistent while a conversation is handed over and back.
func TestSnapshotWhileHandedOver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		id := h.receive(phone, "SM1", "help").Conversation.ID
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			for ctx.Err() == nil {
				snapshot, _, err := s.Snapshot(t.Context(), h.config.Shop.ID, id, -1)
				if err == nil {
					snapshot, err = s.TicketSnapshot(t.Context(), h.config.Shop.ID, id)
				}
				if c := snapshot.Conversation; err == nil && (snapshot.Escalation != nil) != (c.Escalation != "") {
					t.Errorf("escalation %+v in %+v", snapshot.Escalation, c)
				}
				if err != nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
		for ctx.Err() == nil {
			h.turn(id, noon, func(t *chat.Turn) error {
				if t.Escalation == nil {
					t.Escalate(chat.AskedForPerson, "", 0)
				} else {
					t.HandBack(chat.Author{Role: chat.ByAgent, ID: "1"}, "")
				}
				return nil
			})
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
