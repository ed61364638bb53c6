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
	ShopAlert       = "shop"     // all agents of a shop are to know something
)

// Handlers say what a node does about an event, by kind. An event can cause
// nothing but a read: a channel between machines is not trusted further.
type Handlers map[string][]func(hub.Event)

// On adds a handler. All are added before the bus is opened.
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
