// Package cluster is what the nodes on one database do together: events and the
// bus between them, the canary, maintenance, and revoked sessions.
package cluster

import "sidetext/hub"

// The kinds of events. A lost event costs time and nothing else: the database
// has everything that events are about.
const (
	DeliveryDue     = "wake"     // there are deliveries to claim
	AccountResumed  = "resume"   // an account works again; the subject names it
	SettingsChanged = "settings" // what a shop has chosen, or its lines, changed
	SessionEnded    = "session"  // a session was revoked
	ShopAlert       = "shop"     // an alert for all agents of a shop
)

// Handlers are the functions that handle events, by kind. A handler only makes this
// node read something: events come over the network and are not trusted further.
type Handlers map[string][]func(hub.Event)

// On adds a handler. It is not called any more once the hub has subscribed to the bus.
func (h Handlers) On(kind string, do func(hub.Event)) { h[kind] = append(h[kind], do) }

// Handle runs an event's handlers. Events of unknown kinds are ignored.
func (h Handlers) Handle(e hub.Event) {
	for _, do := range h[e.Kind] {
		do(e)
	}
}

// A Publisher sends events to the other nodes.
type Publisher interface{ PublishEvent(hub.Event) }

// Events publishes events to all nodes.
type Events struct {
	Handlers Handlers
	Bus      Publisher
}

// Publish handles an event on this node and sends it to the others.
func (e Events) Publish(event hub.Event) {
	e.Handlers.Handle(event)
	e.Bus.PublishEvent(event)
}

// A Signal wakes a goroutine that waits for something to do. Setting it twice
// wakes once.
type Signal chan struct{}

// NewSignal makes a signal that is not set.
func NewSignal() Signal { return make(Signal, 1) }

// Set sets the signal. It never blocks.
func (s Signal) Set() {
	select {
	case s <- struct{}{}:
	default:
	}
}
