package hub

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// A Conn is the part of a websocket connection that the hub uses.
// *websocket.Conn of fasthttp/websocket implements it. With contrib/websocket,
// pass the inner c.Conn and never its wrapper, which is recycled for the next
// connection; and set KeepHijackedConns on the server, because Close does nothing
// without it.
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

// A Socket is one client's connection. Its methods may be called from any
// goroutine, and do nothing after its end.
type Socket struct {
	hub  *Hub
	conn Conn

	// Guarded by hub.mu.
	room      *room
	pos       int64 // the revision it has been brought to, or unopened
	roomIndex int   // in room.sockets
	index     int   // in hub.sockets
	released  bool
	opened    bool            // it has been sent what its room holds
	identity  *socketIdentity // nil until Identify
	probe     bool            // it belongs to a Probe

	mu           sync.Mutex
	queue        [][]byte
	queuedBytes  int
	cause        error     // why it is ending; nil while it is live
	endBy        time.Time // the deadline for writing the rest, once it is ending
	writing      bool      // a writer runs
	writeEnded   bool      // nothing more is to be written
	connReleased bool      // conn must not be used any more
	connUsers    sync.WaitGroup
}

// Send queues frame for this socket alone. It never blocks. An error is the cause
// of the socket's end, and means that frame will not be delivered.
func (s *Socket) Send(frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause != nil {
		return s.cause
	}
	if len(s.queue) >= s.hub.settings.QueueFrames || s.queuedBytes >= s.hub.settings.QueueBytes {
		// Skipping frames would leave a gap: a socket that is too slow reconnects.
		s.hub.dropped.Add(1)
		s.queue = nil
		s.endLocked(&Close{CodeBehind, "fell behind"})
		return s.cause
	}
	s.queue = append(s.queue, frame)
	s.queuedBytes += len(frame)
	s.startWriter()
	return nil
}

// end lets the socket write what is queued and a close frame.
func (s *Socket) end(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLocked(cause)
}

// endLocked is end for callers that hold s.mu.
func (s *Socket) endLocked(cause error) {
	if s.cause == nil {
		s.cause = cause
		s.endBy = time.Now().Add(s.hub.settings.WriteTimeout)
		s.startWriter()
	}
}

// cut ends the socket at once, even in the middle of a read or write.
func (s *Socket) cut(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connReleased {
		return
	}
	s.endLocked(cause)
	s.connUsers.Go(func() { _ = s.conn.Close() })
}

// startWriter starts a writer unless one runs. A writer exists only while there
// is something to write: a parked one would cost more memory than all the rest of
// a socket.
func (s *Socket) startWriter() {
	if !s.writing && !s.connReleased {
		s.writing = true
		s.connUsers.Go(s.writeQueue)
	}
}

func (s *Socket) writeQueue() {
	for {
		kind, frame, deadline := s.nextFrame()
		switch kind {
		case textMessage:
			_ = s.conn.SetWriteDeadline(deadline)
			if err := s.conn.WriteMessage(kind, frame); err != nil {
				s.writeFailed(err)
				return
			}
		case closeMessage:
			s.writeClose(frame, deadline)
			return
		default:
			return
		}
	}
}

// nextFrame returns the next frame and its write deadline. Kind 0 means that
// nothing is left, and that the writer ends.
func (s *Socket) nextFrame() (kind int, frame []byte, deadline time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	deadline = s.endBy
	if s.cause == nil {
		deadline = time.Now().Add(s.hub.settings.WriteTimeout)
	}
	switch {
	case len(s.queue) > 0:
		frame, s.queue[0] = s.queue[0], nil
		s.queue = s.queue[1:]
		s.queuedBytes -= len(frame)
		if len(s.queue) == 0 {
			s.queue = nil // an idle socket keeps no array
		}
		return textMessage, frame, deadline
	case s.cause != nil && !s.writeEnded:
		s.writeEnded = true
		return closeMessage, closeFrame(s.cause), deadline
	}
	s.writing = false
	return 0, nil, deadline
}

// closeTimeout is how long the client has to answer a close frame. Closing the
// connection at once could make the client's kernel discard the frame.
const closeTimeout = time.Second

func (s *Socket) writeClose(frame []byte, deadline time.Time) {
	err := s.conn.WriteControl(closeMessage, frame, deadline)
	readUntil := time.Now().Add(closeTimeout)
	if err != nil {
		readUntil = past
	}
	_ = s.conn.SetReadDeadline(readUntil)
	s.mu.Lock()
	s.writing = false
	s.mu.Unlock()
}

// writeFailed ends a socket after a failed write.
func (s *Socket) writeFailed(err error) {
	s.mu.Lock()
	if s.cause == nil && errors.Is(err, os.ErrDeadlineExceeded) {
		s.hub.dropped.Add(1)
	}
	s.endLocked(fmt.Errorf("hub: write: %w", err))
	s.queue, s.writeEnded, s.writing = nil, true, false
	s.mu.Unlock()
	_ = s.conn.SetReadDeadline(past)
}

// past is a deadline that makes a pending read return at once.
var past = time.Unix(1, 0)
