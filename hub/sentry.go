package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Sentry looks at a room as a viewer does, and sees what a viewer would be
// shown; but nobody sees it. With it one measures how long a change takes to
// viewers. Use Watch.
type Sentry struct {
	socket *Socket
	over   chan struct{} // closed when it was sent away, or closed
	once   sync.Once

	mu    sync.Mutex
	pos   int64
	moved chan struct{} // closed when pos grows
}

// Watch posts a sentry in room, at the revision that the room is known to have
// reached, or 0. Who posts it closes it.
func (h *Hub) Watch(room string) *Sentry {
	s := &Sentry{over: make(chan struct{}), moved: make(chan struct{})}
	s.socket = &Socket{hub: h, conn: post{s}, pos: unopened, sentry: true}
	s.socket.Join(room)
	h.mu.Lock()
	rev := s.socket.room.pos
	h.mu.Unlock()
	s.socket.Opened(nil, rev)
	return s
}

// Await returns when the room's viewers have been brought to rev, or why they
// will not be: ctx ended, the hub drains, or the sentry was sent away. That is
// for good; as a viewer would, it has to come anew. A change that is told to
// viewers without a frame does not bring them anywhere.
func (s *Sentry) Await(ctx context.Context, rev int64) error {
	for {
		s.mu.Lock()
		pos, moved := s.pos, s.moved
		s.mu.Unlock()
		if pos >= rev {
			return nil
		}
		var why error
		select {
		case <-moved:
			continue
		case <-s.over:
			why = s.socket.reason(errors.New("closed"))
		case <-s.socket.hub.ctx.Done():
			why = errors.New("the hub has ended")
		case <-ctx.Done():
			why = context.Cause(ctx)
		}
		return fmt.Errorf("hub: await %d, at %d: %w", rev, pos, why)
	}
}

// Close withdraws the sentry.
func (s *Sentry) Close() {
	s.socket.hub.retire(s.socket)
	s.end()
}

func (s *Sentry) end() { s.once.Do(func() { close(s.over) }) }

// reach notes that the room's frames have been written as far as pos.
func (s *Sentry) reach(pos int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if pos > s.pos {
		s.pos = pos
		close(s.moved)
		s.moved = make(chan struct{})
	}
}

// A post is the connection to a sentry.
type post struct{ *Sentry }

func (p post) WriteMessage(int, []byte) error {
	h := p.socket.hub
	h.mu.Lock()
	pos := p.socket.pos
	h.mu.Unlock()
	p.reach(pos)
	return nil
}

func (p post) WriteControl(int, []byte, time.Time) error {
	p.end()
	return nil
}

func (post) ReadMessage() (int, []byte, error) { panic("hub: nobody listens to a sentry") }
func (post) SetReadDeadline(time.Time) error   { return nil }
func (post) SetWriteDeadline(time.Time) error  { return nil }
func (post) SetReadLimit(int64)                {}
func (post) Close() error                      { return nil }
