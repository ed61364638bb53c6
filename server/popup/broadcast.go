package popup

import (
	"sidetext/chat"
	"sidetext/hub"
)

// Broadcast shows a committed turn: the other nodes get a hint, the agents of the
// shop an alert if it is one for them all, and the viewers on this node the change
// itself.
func (p *Popup) Broadcast(t *chat.Turn) {
	room, rev := RoomName(t.Conversation.Shop, t.Conversation.ID), t.Conversation.Rev
	p.Hub.PublishHint(room, rev)
	if alert, ok := alertOf(t); ok {
		p.Alerts.Add(alert)
		p.Hub.PublishEvent(alert)
	}
	if !p.Hub.HasViewers(room) {
		return
	}
	frame, err := p.Rooms.changed(rev-1, t.Snapshot())
	if err != nil {
		p.Log.Error("encode change", "conversation", t.Conversation.ID, "error", err)
		p.Hub.Hint(room, rev)
		return
	}
	p.Hub.SendUpdate(room, hub.Update{From: rev - 1, Rev: rev, Frame: frame})
	p.Rooms.measure(t.Added)
}

// PublishRevision shows a change of a conversation that no turn made: all nodes get a
// hint, and read the conversation if it has viewers.
func (p *Popup) PublishRevision(c chat.ConversationRev) {
	room := RoomName(c.Shop, c.ID)
	p.Hub.PublishHint(room, c.Rev)
	p.Hub.Hint(room, c.Rev)
}
