package bustest

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sidetext/hub"
)

// memoryQueue is the most messages that wait for one node's subscriber.
const memoryQueue = 1024

// A Memory connects the nodes of one process. Use NewMemory.
type Memory struct {
	mu          sync.Mutex
	subscribers []*memoryBus // the nodes that are subscribed
}

// NewMemory returns a Memory without nodes.
func NewMemory() *Memory { return new(Memory) }

// Bus returns the bus of node. Messages are not copied: after Publish, what they
// point to must not be changed.
func (m *Memory) Bus(node string) hub.Bus {
	b := &memoryBus{memory: m, node: node, wake: make(chan struct{}, 1)}
	b.state.Store(&memoryState{since: time.Now()})
	return b
}

// A memoryBus is one node's bus.
type memoryBus struct {
	memory *Memory
	node   string

	wake     chan struct{}
	queue    []hub.Message // guarded by memory.mu
	overflow bool          // guarded by memory.mu: the queue was full

	state     atomic.Pointer[memoryState]
	published atomic.Uint64
	received  atomic.Uint64
	dropped   atomic.Uint64
}

type memoryState struct {
	subscribed bool
	since      time.Time
}

// Publish queues m for all subscribers. A subscriber whose queue is full misses
// it; OnLoss is called after the messages that were queued.
func (b *memoryBus) Publish(m hub.Message) {
	m.Node = b.node
	b.published.Add(1)
	b.memory.mu.Lock()
	defer b.memory.mu.Unlock()
	for _, to := range b.memory.subscribers {
		if len(to.queue) < memoryQueue {
			to.queue = append(to.queue, m)
		} else {
			to.overflow = true
			to.dropped.Add(1)
		}
		select {
		case to.wake <- struct{}{}:
		default: // it was woken already
		}
	}
}

// Subscribe passes messages to sub until ctx ends.
func (b *memoryBus) Subscribe(ctx context.Context, sub hub.Subscriber) {
	b.add()
	defer b.remove()
	sub.OnLoss()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		}
		queue, overflow := b.take()
		for _, m := range queue {
			if ctx.Err() != nil {
				return
			}
			b.received.Add(1)
			sub.OnMessage(m)
		}
		if overflow {
			sub.OnLoss()
		}
	}
}

func (b *memoryBus) add() {
	b.memory.mu.Lock()
	defer b.memory.mu.Unlock()
	b.memory.subscribers = append(b.memory.subscribers, b)
	b.state.Store(&memoryState{subscribed: true, since: time.Now()})
}

func (b *memoryBus) remove() {
	b.memory.mu.Lock()
	defer b.memory.mu.Unlock()
	b.memory.subscribers = slices.DeleteFunc(b.memory.subscribers, func(other *memoryBus) bool { return other == b })
	b.queue, b.overflow = nil, false
	b.state.Store(&memoryState{since: time.Now()})
}

func (b *memoryBus) take() (queue []hub.Message, overflow bool) {
	b.memory.mu.Lock()
	defer b.memory.mu.Unlock()
	queue, overflow = b.queue, b.overflow
	b.queue, b.overflow = nil, false
	return queue, overflow
}

// Health returns the node's state: healthy while it is subscribed. A message that
// several nodes miss is counted as dropped by each of them.
func (b *memoryBus) Health() hub.BusHealth {
	state := b.state.Load()
	return hub.BusHealth{
		Healthy: state.subscribed, Since: state.since,
		Published: b.published.Load(), Received: b.received.Load(), Dropped: b.dropped.Load(),
	}
}
