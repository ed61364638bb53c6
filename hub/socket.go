package hub

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// A Conn is the part of a websocket that the hub uses. *websocket.Conn of
// fasthttp/websocket fits. With contrib/websocket that is the inner c.Conn, never
// its wrapper, which is recycled for the next visitor; and the server needs
// KeepHijackedConns, without which Close does nothing.
type Conn interface {
	ReadMessage() (kind int, data []byte, err error)
	WriteMessage(kind int, data []byte) error
	WriteControl(kind int, data []byte, deadline time.Time) error
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	SetReadLimit(int64)
	Close() error
}

// Message kinds of RFC 6455, section 5.2.
const (
	textMessage  = 1
	closeMessage = 8
)

// A Socket is one viewer's connection. Its methods may be called by anybody, and
// after its end do nothing.
type Socket struct {
	hub  *Hub
	conn Conn

	// Guarded by hub.mu.
	room  *room
	pos   int64 // the revision it has been brought to, or unopened
	place int   // in room.sockets
	index int   // in hub.sockets
	gone  bool
	here  bool   // it has been given what its room holds
	guest *guest // whose it is; nil: nobody said

	sentry bool // it is nobody's: a Sentry's

	mu      sync.Mutex
	queue   [][]byte
	bytes   int
	why     error     // why it ends; nil while it lives
	until   time.Time // when it has to be done with ending
	writing bool      // a writer runs
	silent  bool      // nothing more is to be written
	done    bool      // conn is no longer ours
	users   sync.WaitGroup
}

// Send queues frame for this socket alone. It does not wait. The error says why
// the socket is ending, and that frame will not get there.
func (s *Socket) Send(frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why != nil {
		return s.why
	}
	if len(s.queue) >= s.hub.settings.Frames || s.bytes >= s.hub.settings.Bytes {
		// The middle is never left out: who cannot follow starts again.
		s.hub.dropped.Add(1)
		s.queue = nil
		s.stop(&Close{Behind, "fell behind"})
		return s.why
	}
	s.queue = append(s.queue, frame)
	s.bytes += len(frame)
	s.wake()
	return nil
}

// end lets the socket write what is queued, then says goodbye.
func (s *Socket) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop(why)
}

// stop does so under the lock.
func (s *Socket) stop(why error) {
	if s.why == nil {
		s.why = why
		s.until = time.Now().Add(s.hub.settings.WriteTimeout)
		s.wake()
	}
}

// cut ends the socket at once, whatever it is doing.
func (s *Socket) cut(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return
	}
	s.stop(why)
	s.users.Go(func() { _ = s.conn.Close() })
}

// wake starts a writer unless one runs. There is one only while there is
// something to write: a parked one would cost more than all the rest.
func (s *Socket) wake() {
	if !s.writing && !s.done {
		s.writing = true
		s.users.Go(s.write)
	}
}

func (s *Socket) write() {
	for {
		kind, frame, deadline := s.take()
		switch kind {
		case textMessage:
			_ = s.conn.SetWriteDeadline(deadline)
			if err := s.conn.WriteMessage(kind, frame); err != nil {
				s.fail(err)
				return
			}
		case closeMessage:
			s.part(frame, deadline)
			return
		default:
			return
		}
	}
}

// take returns what to write next and until when. With kind 0 there is nothing,
// and the writer ends.
func (s *Socket) take() (kind int, frame []byte, deadline time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	deadline = s.until
	if s.why == nil {
		deadline = time.Now().Add(s.hub.settings.WriteTimeout)
	}
	switch {
	case len(s.queue) > 0:
		frame, s.queue[0] = s.queue[0], nil
		s.queue = s.queue[1:]
		s.bytes -= len(frame)
		if len(s.queue) == 0 {
			s.queue = nil // an idle socket keeps no array
		}
		return textMessage, frame, deadline
	case s.why != nil && !s.silent:
		s.silent = true
		return closeMessage, goodbye(s.why), deadline
	}
	s.writing = false
	return 0, nil, deadline
}

// parting is how long the other end has to answer a goodbye. Closing at once
// could make its kernel throw the goodbye away.
const parting = time.Second

func (s *Socket) part(frame []byte, deadline time.Time) {
	err := s.conn.WriteControl(closeMessage, frame, deadline)
	wake := time.Now().Add(parting)
	if err != nil {
		wake = past
	}
	_ = s.conn.SetReadDeadline(wake)
	s.mu.Lock()
	s.writing = false
	s.mu.Unlock()
}

// fail ends a socket that cannot be written to.
func (s *Socket) fail(err error) {
	s.mu.Lock()
	if s.why == nil && errors.Is(err, os.ErrDeadlineExceeded) {
		s.hub.dropped.Add(1)
	}
	s.stop(fmt.Errorf("hub: write: %w", err))
	s.queue, s.silent, s.writing = nil, true, false
	s.mu.Unlock()
	_ = s.conn.SetReadDeadline(past)
}

// past as a deadline wakes a reader at once.
var past = time.Unix(1, 0)
