package hub

import (
	"context"
	"fmt"
	"time"
)

// Serve runs conn until either side ends it, and passes each message to handle,
// one at a time, in the caller's goroutine. It returns the cause. When it
// returns, and also when handle panics, conn is closed and no longer used.
//
// The client receives the code of a *Close that handle returned or that is the
// cause of ctx; 1011 and no reason for any other error of handle; 1001 for any
// other end of ctx. For a socket that exceeded Settings.IdleTimeout, Serve
// returns an error that is os.ErrDeadlineExceeded.
func (h *Hub) Serve(ctx context.Context, conn Conn, handle func(*Socket, []byte) error) error {
	s := &Socket{hub: h, conn: conn, pos: unopened}
	conn.SetReadLimit(h.settings.ReadLimit)
	h.add(s)
	defer h.remove(s)
	defer context.AfterFunc(ctx, func() { s.end(context.Cause(ctx)) })()
	for {
		s.extendReadDeadline()
		_, data, err := conn.ReadMessage()
		if err != nil {
			return s.causeOr(fmt.Errorf("hub: read: %w", err))
		}
		if s.causeOr(nil) != nil {
			continue // the socket is ending: only the client's close frame matters
		}
		if err := handle(s, data); err != nil {
			s.end(err)
		}
	}
}

// extendReadDeadline gives the client another IdleTimeout to send something. A
// socket that is ending keeps its shorter deadline.
func (s *Socket) extendReadDeadline() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause == nil {
		_ = s.conn.SetReadDeadline(time.Now().Add(s.hub.settings.IdleTimeout))
	}
}

// causeOr returns why s is ending, or otherwise if s is not.
func (s *Socket) causeOr(otherwise error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause != nil {
		return s.cause
	}
	return otherwise
}

func (h *Hub) add(s *Socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.index = len(h.sockets)
	h.sockets = append(h.sockets, s)
	if h.draining {
		s.end(errRestart)
	}
}

// remove releases s and takes it off the hub's list.
func (h *Hub) remove(s *Socket) {
	h.release(s)
	h.mu.Lock()
	defer h.mu.Unlock()
	last := len(h.sockets) - 1
	h.sockets[s.index] = h.sockets[last]
	h.sockets[s.index].index = s.index
	h.sockets[last] = nil
	h.sockets = h.sockets[:last]
	h.closeEmpty()
}

// release removes s from its room and from the indexes, and waits for the
// goroutines that still use its connection.
func (h *Hub) release(s *Socket) {
	h.mu.Lock()
	s.released = true
	h.leave(s)
	h.removeIdentity(s)
	h.mu.Unlock()

	s.mu.Lock()
	s.connReleased, s.queue = true, nil
	s.mu.Unlock()
	_ = s.conn.Close() // also unblocks a stuck writer
	s.connUsers.Wait()
}
