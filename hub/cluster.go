package hub

import "context"

// maxPendingEvents is the most events of other nodes that wait for OnEvent.
const maxPendingEvents = 1024

// PublishHint sends a Hint to the other nodes: room's conversation has reached
// rev. The change must be committed. It never blocks.
func (h *Hub) PublishHint(room string, rev int64) {
	h.publish(Message{Hints: []Hint{{room, rev}}})
}

// PublishEvent sends an event to the other nodes. The caller acts on it on this
// node. It never blocks.
func (h *Hub) PublishEvent(e Event) {
	h.publish(Message{Events: []Event{e}})
}

// publish passes m to the bus, if there is one. The caller must not hold h.mu,
// because a bus may take its own locks.
func (h *Hub) publish(m Message) {
	if bus := h.settings.Bus; bus != nil {
		m.Node = h.settings.Node
		bus.Publish(m)
	}
}

// joinCluster subscribes to the bus, if there is one, and starts the goroutines
// that deal with other nodes.
func (h *Hub) joinCluster() {
	var ctx context.Context
	ctx, h.unsubscribe = context.WithCancel(context.Background())
	if h.settings.Bus == nil {
		return
	}
	h.loss = make(chan struct{}, 1)
	h.events = make(chan Event, maxPendingEvents)
	h.work.Go(h.runEvents)
	h.work.Go(h.reconcile)
	h.subscribing.Go(func() { h.settings.Bus.Subscribe(ctx, busSubscriber{h}) })
}

// runEvents passes other nodes' events to OnEvent, which may block and therefore
// does not run in the bus's goroutine.
func (h *Hub) runEvents() {
	for {
		select {
		case e := <-h.events:
			if h.settings.OnEvent != nil {
				h.settings.OnEvent(e)
			}
		case <-h.ctx.Done():
			return
		}
	}
}

// A busSubscriber is the hub's subscription to the bus.
type busSubscriber struct{ hub *Hub }

// OnMessage applies the hints of all nodes; this node's own ones usually find the
// room up to date. Presence and events count only from other nodes.
func (b busSubscriber) OnMessage(m Message) {
	h := b.hub
	h.mu.Lock()
	for _, hint := range m.Hints {
		h.applyHint(hint.Room, hint.Rev)
	}
	own := m.Node == h.settings.Node
	if !own {
		h.receivePresence(m.Node, m.Presence)
		h.answerRequests(m.PresenceRequests)
	}
	h.mu.Unlock()
	if own {
		return
	}
	for _, event := range m.Events {
		select {
		case h.events <- event:
		default:
			h.droppedEvents.Add(1)
		}
	}
}

func (b busSubscriber) OnLoss() {
	select {
	case b.hub.loss <- struct{}{}:
	default: // a comparison of all rooms is pending already
	}
}
