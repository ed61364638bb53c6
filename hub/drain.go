package hub

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// drainWaves is the number of waves in which Drain closes the sockets.
const drainWaves = 50

// cutTimeout is how long Drain waits for Serve to return after it cut a socket.
const cutTimeout = time.Second

var errRestart = &Close{CodeRestart, "restart"}

// Drain ends the hub and its subscription to the bus. It closes the sockets with
// 1012 (reconnect elsewhere), in waves over Settings.DrainTime, and waits until
// all calls of Serve have returned. If ctx ends first, it cuts the remaining
// sockets and returns an error with their number. A socket that arrives while the
// hub drains is closed at once.
func (h *Hub) Drain(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	sockets := slices.Clone(h.sockets)
	h.closeEmpty()
	h.mu.Unlock()

	h.endInWaves(ctx, sockets)
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
	h.flushPresence() // publishes that this node's people have left
	h.unsubscribe()
	h.subscribing.Wait()
	return err
}

// endInWaves ends the sockets in waves, until ctx ends.
func (h *Hub) endInWaves(ctx context.Context, sockets []*Socket) {
	tick := time.NewTicker(h.settings.DrainTime / drainWaves)
	defer tick.Stop()
	for wave := range slices.Chunk(sockets, max(1, (len(sockets)+drainWaves-1)/drainWaves)) {
		for _, s := range wave {
			s.end(errRestart)
		}
		select {
		case <-tick.C:
		case <-h.empty:
		case <-ctx.Done():
			return
		}
	}
}

// cutAll closes the remaining connections at once.
func (h *Hub) cutAll(ctx context.Context) error {
	h.mu.Lock()
	sockets := slices.Clone(h.sockets)
	h.mu.Unlock()
	for _, s := range sockets {
		s.cut(errRestart)
	}
	timeout := time.NewTimer(cutTimeout)
	defer timeout.Stop()
	select {
	case <-h.empty:
	case <-timeout.C:
	}
	return fmt.Errorf("hub: drain: %d sockets cut: %w", len(sockets), context.Cause(ctx))
}

// closeEmpty closes h.empty if the hub drains and has no sockets.
func (h *Hub) closeEmpty() {
	if !h.draining || len(h.sockets) > 0 {
		return
	}
	select {
	case <-h.empty: // closed already, before this socket arrived
	default:
		close(h.empty)
	}
}
