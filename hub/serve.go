package hub

import (
	"context"
	"fmt"
	"time"
)

// Serve runs conn until either end stops it, and hands every message to handle,
// one at a time, in the caller's goroutine. It returns why it ended; by then
// nothing uses conn any more, and it is closed. That holds when handle panics,
// too.
//
// A *Close from handle, or as the cause of ctx's end, is said to the client with
// its code; any other error of handle with 1011 and no reason; any other end of
// ctx with 1001. A socket that was silent for too long ends with an error that
// is os.ErrDeadlineExceeded.
func (h *Hub) Serve(ctx context.Context, conn Conn, handle func(*Socket, []byte) error) error {
	s := &Socket{hub: h, conn: conn, pos: unopened}
	conn.SetReadLimit(h.settings.ReadLimit)
	h.admit(s)
	defer h.dismiss(s)
	defer context.AfterFunc(ctx, func() { s.end(context.Cause(ctx)) })()
	for {
		s.listen()
		_, data, err := conn.ReadMessage()
		if err != nil {
			return s.reason(fmt.Errorf("hub: read: %w", err))
		}
		if s.reason(nil) != nil {
			continue // only waiting for the answer to our goodbye
		}
		if err := handle(s, data); err != nil {
			s.end(err)
		}
	}
}

// listen gives the other end until Silence to be heard. One that is ending is
// left its shorter deadline.
func (s *Socket) listen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why == nil {
		_ = s.conn.SetReadDeadline(time.Now().Add(s.hub.settings.Silence))
	}
}

// reason is why s ends; otherwise, when nothing else ended it.
func (s *Socket) reason(otherwise error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why != nil {
		return s.why
	}
	return otherwise
}

func (h *Hub) admit(s *Socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.index = len(h.sockets)
	h.sockets = append(h.sockets, s)
	if h.draining {
		s.end(restart)
	}
}

// retire takes s out of its room and its circles, and waits for whoever still
// uses its conn.
func (h *Hub) retire(s *Socket) {
	h.mu.Lock()
	s.gone = true
	h.leave(s)
	h.part(s)
	h.mu.Unlock()

	s.mu.Lock()
	s.done, s.queue = true, nil
	s.mu.Unlock()
	_ = s.conn.Close() // also frees a writer that is stuck
	s.users.Wait()
}

func (h *Hub) dismiss(s *Socket) {
	h.retire(s)
	h.mu.Lock()
	defer h.mu.Unlock()
	last := len(h.sockets) - 1
	h.sockets[s.index] = h.sockets[last]
	h.sockets[s.index].index = s.index
	h.sockets[last] = nil
	h.sockets = h.sockets[:last]
	h.noteEmpty()
}
