package hub

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// waves is how many goes Drain sends the sockets away in.
const waves = 50

// mercy is how long a cut socket's Serve has to return.
const mercy = time.Second

var restart = &Close{Restart, "restart"}

// Drain ends the hub, and its listening to the bus. It asks every socket to come back elsewhere (1012), spread
// over a little time, and waits until all calls of Serve have returned. When ctx
// ends before that, it cuts the rest and says how many there were. A socket that
// comes while the hub drains is sent on at once.
func (h *Hub) Drain(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	sockets := slices.Clone(h.sockets)
	h.noteEmpty()
	h.mu.Unlock()

	h.recall(ctx, sockets)
	var err error
	select {
	case <-h.empty:
	case <-ctx.Done():
		err = h.cutAll(ctx)
	}

	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	h.stop()
	h.work.Wait()
	h.murmurOnce() // that those who were here have gone
	h.hangUp()
	h.ears.Wait()
	return err
}

// recall says goodbye to the sockets in waves, until ctx ends.
func (h *Hub) recall(ctx context.Context, sockets []*Socket) {
	wave := time.NewTicker(h.settings.Spread / waves)
	defer wave.Stop()
	for some := range slices.Chunk(sockets, max(1, (len(sockets)+waves-1)/waves)) {
		for _, s := range some {
			s.end(restart)
		}
		select {
		case <-wave.C:
		case <-h.empty:
		case <-ctx.Done():
			return
		}
	}
}

func (h *Hub) cutAll(ctx context.Context) error {
	h.mu.Lock()
	sockets := slices.Clone(h.sockets)
	h.mu.Unlock()
	for _, s := range sockets {
		s.cut(restart)
	}
	patience := time.NewTimer(mercy)
	defer patience.Stop()
	select {
	case <-h.empty:
	case <-patience.C:
	}
	return fmt.Errorf("hub: drain: %d sockets cut: %w", len(sockets), context.Cause(ctx))
}

// noteEmpty lets Drain go on once the last socket has gone.
func (h *Hub) noteEmpty() {
	if !h.draining || len(h.sockets) > 0 {
		return
	}
	select {
	case <-h.empty: // it was empty before: this one came late
	default:
		close(h.empty)
	}
}
