package store_test

import (
	"reflect"
	"slices"
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// Later needs, the agent and the tags of an escalation are saved by the turns that
// change them.
func TestEscalationChanges(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		shop := h.config.Shop.ID
		id := h.receive(phone, "SM1", "help", func(t *chat.Turn) { t.Escalate(chat.UnknownKeyword, "", 0) }).Conversation.ID
		ben := chat.Author{Role: chat.ByAgent, ID: "2", Name: "Ben"}
		var last *chat.Turn
		for _, do := range []func(*chat.Turn){
			func(t *chat.Turn) { t.Escalate(chat.EndSubscription, "", 0) },
			func(t *chat.Turn) { t.Escalate(chat.AskedForChange, "Skip my “next” order", 0) },
			func(t *chat.Turn) { t.AgentReplied(ben) },
			func(t *chat.Turn) { t.Ticket.Tagged = []chat.Reason{chat.UnknownKeyword, chat.EndSubscription} },
			func(t *chat.Turn) { t.Ticket.Tagged = t.Ticket.Tagged[1:] },
			func(t *chat.Turn) { t.Ticket.Remote = "77" },
			func(*chat.Turn) {},
		} {
			last = h.turn(id, noon, func(t *chat.Turn) error { do(t); return nil })
			snapshot, _, err := s.Snapshot(h.ctx, shop, id, -1)
			if err != nil || !reflect.DeepEqual(snapshot.Escalation, last.Escalation) || !reflect.DeepEqual(snapshot.Ticket, last.Ticket) {
				t.Errorf("stored %+v %+v, want %+v %+v (%v)", snapshot.Escalation, snapshot.Ticket, last.Escalation, last.Ticket, err)
			}
		}
		if e := last.Escalation; len(e.Later) != 2 || e.Agent != ben {
			t.Errorf("escalation %+v", e)
		}
		old := must[chat.Ticket](t)(s.Ticket(h.ctx, shop, id, "77"))
		if !slices.Equal(old.Tagged, []chat.Reason{chat.EndSubscription}) {
			t.Errorf("tagged %v", old.Tagged)
		}
	})
}
