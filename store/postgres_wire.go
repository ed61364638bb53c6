package store

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A wire is a network connection to a server that has to answer in time: one that
// is gone without a word is left.
type wire struct {
	net.Conn
	patience atomic.Int64 // nanoseconds, for whatever is read or written
	until    atomic.Int64 // unix nanoseconds: what the driver allows; 0: any time
	wires    *wires
}

// wires are all that are open.
type wires struct {
	mu    sync.Mutex
	open  map[*wire]bool
	ended bool
}

func (all *wires) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialing, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w := &wire{Conn: conn, wires: all}
	w.patience.Store(int64(answering))
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.ended {
		return nil, errors.Join(net.ErrClosed, conn.Close())
	}
	if all.open == nil {
		all.open = map[*wire]bool{}
	}
	all.open[w] = true
	return w, nil
}

// cut ends all that is still open: whatever is on its way fails at once.
func (all *wires) cut() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.ended = true
	for w := range all.open {
		_ = w.Conn.Close()
	}
}

func (w *wire) Close() error {
	w.wires.mu.Lock()
	delete(w.wires.open, w)
	w.wires.mu.Unlock()
	return w.Conn.Close()
}

// under is the wire under a driver's connection, with TLS or without.
func under(conn net.Conn) *wire {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	w, _ := conn.(*wire)
	return w
}

func (w *wire) Read(p []byte) (int, error) {
	_ = w.Conn.SetReadDeadline(w.deadline()) // if that can't be, nor can reading
	return w.Conn.Read(p)
}

func (w *wire) Write(p []byte) (int, error) {
	_ = w.Conn.SetWriteDeadline(w.deadline())
	return w.Conn.Write(p)
}

func (w *wire) deadline() time.Time {
	own := time.Now().Add(time.Duration(w.patience.Load()))
	if until := w.until.Load(); until != 0 && until < own.UnixNano() {
		return time.Unix(0, until)
	}
	return own
}

// SetDeadline also ends what is on its way, as a driver expects whose caller waits
// no longer.
func (w *wire) SetDeadline(t time.Time) error {
	if t.IsZero() {
		w.until.Store(0)
	} else {
		w.until.Store(t.UnixNano())
	}
	return w.Conn.SetDeadline(w.deadline())
}

func (w *wire) SetReadDeadline(t time.Time) error  { return w.SetDeadline(t) }
func (w *wire) SetWriteDeadline(t time.Time) error { return w.SetDeadline(t) }
