package hub

import "context"

// backlog is how many events of other nodes may wait to be heeded.
const backlog = 1024

// Announce tells the other nodes that room's conversation has reached rev: a
// Hint for them. Only for what has been committed. It never waits.
func (h *Hub) Announce(room string, rev int64) {
	h.publish(Message{Hints: []Hint{{room, rev}}})
}

// Raise tells the other nodes of an event. What it means on this one is for the
// caller to do. It never waits.
func (h *Hub) Raise(e Event) {
	h.publish(Message{Events: []Event{e}})
}

// publish hands m to the bus, if there is one. The hub's lock is not held then:
// what a bus does with it is its own business.
func (h *Hub) publish(m Message) {
	if bus := h.settings.Bus; bus != nil {
		m.Node = h.settings.Node
		bus.Publish(m)
	}
}

// join starts what deals with other nodes, if there may be any.
func (h *Hub) join() {
	var ctx context.Context
	ctx, h.hangUp = context.WithCancel(context.Background())
	if h.settings.Bus == nil {
		return
	}
	h.lost = make(chan struct{}, 1)
	h.events = make(chan Event, backlog)
	h.work.Go(h.heed)
	h.work.Go(h.distrust)
	h.ears.Go(func() { h.settings.Bus.Listen(ctx, ear{h}) })
}

// heed passes on other nodes' events, apart from the ear, which may not wait.
func (h *Hub) heed() {
	for {
		select {
		case e := <-h.events:
			if h.settings.Heed != nil {
				h.settings.Heed(e)
			}
		case <-h.ctx.Done():
			return
		}
	}
}

// An ear is how a hub listens to the bus.
type ear struct{ hub *Hub }

// Hear takes hints of all nodes: those of this one are looked at long since. The
// rest only matters when it is others'.
func (e ear) Hear(m Message) {
	h := e.hub
	h.mu.Lock()
	for _, hint := range m.Hints {
		h.hint(hint.Room, hint.Rev)
	}
	own := m.Node == h.settings.Node
	if !own {
		h.elsewhere(m.Node, m.Here)
		h.asked(m.Asks)
	}
	h.mu.Unlock()
	if own {
		return
	}
	for _, event := range m.Events {
		select {
		case h.events <- event:
		default:
			h.unheard.Add(1)
		}
	}
}

func (e ear) Lost() {
	select {
	case e.hub.lost <- struct{}{}:
	default: // somebody is about to compare everything
	}
}
