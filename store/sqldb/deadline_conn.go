package sqldb

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A deadlineConn is a network connection whose every read and write has a time
// limit, so that a server that vanished without closing the connection is noticed.
type deadlineConn struct {
	net.Conn
	limit    atomic.Int64 // nanoseconds for one read or write
	deadline atomic.Int64 // the driver's, in unix nanoseconds; 0: none
	all      *deadlineConns
}

// deadlineConns are the connections that are open.
type deadlineConns struct {
	mu     sync.Mutex
	open   map[*deadlineConn]bool
	closed bool
}

func (all *deadlineConns) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &deadlineConn{Conn: conn, all: all}
	c.limit.Store(int64(answerTimeout))
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.closed {
		return nil, errors.Join(net.ErrClosed, conn.Close())
	}
	if all.open == nil {
		all.open = map[*deadlineConn]bool{}
	}
	all.open[c] = true
	return c, nil
}

// closeAll closes every connection; reads and writes under way fail at once.
func (all *deadlineConns) closeAll() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.closed = true
	for c := range all.open {
		_ = c.Conn.Close()
	}
}

func (c *deadlineConn) Close() error {
	c.all.mu.Lock()
	delete(c.all.open, c)
	c.all.mu.Unlock()
	return c.Conn.Close()
}

// unwrap returns the deadlineConn of a driver's connection, with TLS or without.
func unwrap(conn net.Conn) *deadlineConn {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	c, _ := conn.(*deadlineConn)
	return c
}

func (c *deadlineConn) Read(p []byte) (int, error) {
	_ = c.Conn.SetReadDeadline(c.next()) // if this fails, so does reading
	return c.Conn.Read(p)
}

func (c *deadlineConn) Write(p []byte) (int, error) {
	_ = c.Conn.SetWriteDeadline(c.next())
	return c.Conn.Write(p)
}

// next returns the deadline of a read or write that begins now: the limit's or the
// driver's, whichever is earlier.
func (c *deadlineConn) next() time.Time {
	own := time.Now().Add(time.Duration(c.limit.Load()))
	if driver := c.deadline.Load(); driver != 0 && driver < own.UnixNano() {
		return time.Unix(0, driver)
	}
	return own
}

// SetDeadline also ends a read or write under way, which the driver relies on
// when its caller's context ends.
func (c *deadlineConn) SetDeadline(t time.Time) error {
	if t.IsZero() {
		c.deadline.Store(0)
	} else {
		c.deadline.Store(t.UnixNano())
	}
	return c.Conn.SetDeadline(c.next())
}

func (c *deadlineConn) SetReadDeadline(t time.Time) error  { return c.SetDeadline(t) }
func (c *deadlineConn) SetWriteDeadline(t time.Time) error { return c.SetDeadline(t) }
