package hub_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

const (
	textKind  = 1
	closeKind = 8
	maxFrame  = 1 << 20
)

// A pipe is one end of a websocket in memory: frames of a kind, a length and a
// payload over net.Pipe, which has deadlines and no buffer, so that a writer waits
// for the reader. A pipe reports concurrent writes, and any use after returned is
// set.
type pipe struct {
	net.Conn
	t        reporter
	writing  atomic.Bool
	returned atomic.Bool // Serve has returned
}

func newPipe(t reporter) (server, client *pipe) {
	a, b := net.Pipe()
	return &pipe{Conn: a, t: t}, &pipe{Conn: b, t: t}
}

func (p *pipe) check(method string) {
	if p.returned.Load() {
		p.t.Errorf("%s after Serve returned", method)
	}
}

func (p *pipe) ReadMessage() (int, []byte, error) {
	p.check("ReadMessage")
	var head [5]byte
	if _, err := io.ReadFull(p.Conn, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, errors.New("frame too long")
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(p.Conn, data); err != nil {
		return 0, nil, err
	}
	if head[0] == closeKind {
		return 0, nil, &closed{int(binary.BigEndian.Uint16(data)), string(data[2:])}
	}
	return int(head[0]), data, nil
}

func (p *pipe) WriteMessage(kind int, data []byte) error {
	p.check("WriteMessage")
	if !p.writing.CompareAndSwap(false, true) {
		p.t.Error("concurrent writes")
	}
	defer p.writing.Store(false)
	frame := append([]byte{byte(kind)}, binary.BigEndian.AppendUint32(nil, uint32(len(data)))...)
	_, err := p.Conn.Write(append(frame, data...))
	return err
}

func (p *pipe) WriteControl(kind int, data []byte, deadline time.Time) error {
	_ = p.Conn.SetWriteDeadline(deadline)
	return p.WriteMessage(kind, data)
}

func (p *pipe) SetReadDeadline(at time.Time) error {
	p.check("SetReadDeadline")
	return p.Conn.SetReadDeadline(at)
}

func (p *pipe) SetWriteDeadline(at time.Time) error {
	p.check("SetWriteDeadline")
	return p.Conn.SetWriteDeadline(at)
}

func (p *pipe) SetReadLimit(int64) {}

func (p *pipe) Close() error {
	p.check("Close")
	return p.Conn.Close()
}

// closed is the error for a close frame that was read.
type closed struct {
	code   int
	reason string
}

func (c *closed) Error() string { return c.reason }
