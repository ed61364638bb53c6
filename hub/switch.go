package hub

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// switchQueue is how many messages may wait for one node's ear.
const switchQueue = 1024

// A Switch connects the nodes of one process.
type Switch struct {
	mu    sync.Mutex
	ports []*port // of the nodes that listen
}

// NewSwitch returns a switch that connects nobody yet.
func NewSwitch() *Switch { return new(Switch) }

// Bus returns node's way to all nodes of this switch. Messages are handed on as
// they are: after Publish nobody may change what they point to.
func (s *Switch) Bus(node string) Bus {
	p := &port{to: s, node: node, wake: make(chan struct{}, 1)}
	p.state.Store(&portState{since: time.Now()})
	return p
}

type port struct {
	to   *Switch
	node string

	wake   chan struct{}
	queue  []Message // guarded by the switch's lock, like missed
	missed bool      // the queue was full

	state     atomic.Pointer[portState]
	published atomic.Uint64
	heard     atomic.Uint64
	dropped   atomic.Uint64
}

type portState struct {
	listening bool
	since     time.Time
}

// Publish puts m into the queue of everyone who listens. Whoever has no room
// misses it, and is told so after what it has room for.
func (p *port) Publish(m Message) {
	m.Node = p.node
	p.published.Add(1)
	p.to.mu.Lock()
	defer p.to.mu.Unlock()
	for _, q := range p.to.ports {
		if len(q.queue) < switchQueue {
			q.queue = append(q.queue, m)
		} else {
			q.missed = true
			q.dropped.Add(1)
		}
		select {
		case q.wake <- struct{}{}:
		default: // it has been woken and has not looked yet
		}
	}
}

func (p *port) Listen(ctx context.Context, ear Ear) {
	p.plug()
	defer p.unplug()
	ear.Lost()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
		queue, missed := p.take()
		for _, m := range queue {
			if ctx.Err() != nil {
				return
			}
			p.heard.Add(1)
			ear.Hear(m)
		}
		if missed {
			ear.Lost()
		}
	}
}

func (p *port) plug() {
	p.to.mu.Lock()
	defer p.to.mu.Unlock()
	p.to.ports = append(p.to.ports, p)
	p.state.Store(&portState{listening: true, since: time.Now()})
}

func (p *port) unplug() {
	p.to.mu.Lock()
	defer p.to.mu.Unlock()
	p.to.ports = slices.DeleteFunc(p.to.ports, func(q *port) bool { return q == p })
	p.queue, p.missed = nil, false
	p.state.Store(&portState{since: time.Now()})
}

func (p *port) take() (queue []Message, missed bool) {
	p.to.mu.Lock()
	defer p.to.mu.Unlock()
	queue, missed = p.queue, p.missed
	p.queue, p.missed = nil, false
	return queue, missed
}

// Health says how this node's end of the switch is doing: whole while it
// listens. A message that several nodes had no room for is dropped by each.
func (p *port) Health() BusHealth {
	state := p.state.Load()
	return BusHealth{
		Whole: state.listening, Since: state.since,
		Published: p.published.Load(), Heard: p.heard.Load(), Dropped: p.dropped.Load(),
	}
}
