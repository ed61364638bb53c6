package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Probe views a room as a client does, and receives what a client would. It is
// not shown in presence. It serves to measure how long a change takes to reach
// clients. Use StartProbe.
type Probe struct {
	socket *Socket
	ended  chan struct{} // closed when its socket has ended
	once   sync.Once

	mu      sync.Mutex
	pos     int64
	changed chan struct{} // closed when pos grows
}

// StartProbe opens room at the revision that the room is known to have reached,
// or at 0. The caller closes the probe.
func (h *Hub) StartProbe(room string) *Probe {
	p := &Probe{ended: make(chan struct{}), changed: make(chan struct{})}
	p.socket = &Socket{hub: h, conn: probeConn{p}, pos: unopened, probe: true}
	p.socket.Join(room)
	h.mu.Lock()
	rev := p.socket.room.rev
	h.mu.Unlock()
	p.socket.SendSnapshot(nil, rev)
	return p
}

// Await returns nil when the room's sockets have been brought to rev, and
// otherwise why they will not be: ctx ended, the hub drains, or the probe's socket
// was ended. A probe whose socket was ended is of no more use: start another one,
// as a client reconnects. An update without a frame does not bring it to a
// revision.
func (p *Probe) Await(ctx context.Context, rev int64) error {
	for {
		p.mu.Lock()
		pos, changed := p.pos, p.changed
		p.mu.Unlock()
		if pos >= rev {
			return nil
		}
		var cause error
		select {
		case <-changed:
			continue
		case <-p.ended:
			cause = p.socket.causeOr(errors.New("probe closed"))
		case <-p.socket.hub.ctx.Done():
			cause = errors.New("hub stopped")
		case <-ctx.Done():
			cause = context.Cause(ctx)
		}
		return fmt.Errorf("hub: await revision %d, at %d: %w", rev, pos, cause)
	}
}

// Close ends the probe.
func (p *Probe) Close() {
	p.socket.hub.release(p.socket)
	p.end()
}

func (p *Probe) end() { p.once.Do(func() { close(p.ended) }) }

// setPos stores that the room's frames have been written up to pos.
func (p *Probe) setPos(pos int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pos > p.pos {
		p.pos = pos
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// probeConn is the connection of a probe's socket.
type probeConn struct{ *Probe }

func (c probeConn) WriteMessage(int, []byte) error {
	h := c.socket.hub
	h.mu.Lock()
	pos := c.socket.pos
	h.mu.Unlock()
	c.setPos(pos)
	return nil
}

func (c probeConn) WriteControl(int, []byte, time.Time) error {
	c.end()
	return nil
}

func (probeConn) ReadMessage() (int, []byte, error) { panic("hub: a probe is never read from") }
func (probeConn) SetReadDeadline(time.Time) error   { return nil }
func (probeConn) SetWriteDeadline(time.Time) error  { return nil }
func (probeConn) SetReadLimit(int64)                {}
func (probeConn) Close() error                      { return nil }
