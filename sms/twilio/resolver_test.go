package twilio_test

import (
	"context"
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/sms/twilio"
)

// A dnsServer resolves every name to 127.0.0.1 and records the names.
type dnsServer struct {
	conn  net.PacketConn
	names chan string
}

func fakeDNS(t *testing.T) *dnsServer {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &dnsServer{conn, make(chan string, 100)}
	done := make(chan struct{})
	go func() { d.answer(); close(done) }()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	return d
}

func (d *dnsServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", d.conn.LocalAddr().String())
	}}
}

// answer answers each query (RFC 1035, section 4) for an IPv4 address with 127.0.0.1, and
// any other with an empty answer.
func (d *dnsServer) answer() {
	for {
		b := make([]byte, 512)
		n, from, err := d.conn.ReadFrom(b)
		if err != nil {
			return
		}
		var name []string
		end := 12
		for b[end] != 0 {
			name = append(name, string(b[end+1:end+1+int(b[end])]))
			end += 1 + int(b[end])
		}
		kind := binary.BigEndian.Uint16(b[end+1:])
		answer := append([]byte{}, b[:min(end+5, n)]...)
		copy(answer[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
		if kind == 1 {
			d.names <- strings.Join(name, ".")
			answer[7] = 1
			answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1)
		}
		_, _ = d.conn.WriteTo(answer, from)
	}
}

// net/http quotes an answer that is not HTTP, which may have a text in it.
func TestErrorsDoNotQuoteAnswers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Write([]byte(`{"to":"+14155550123","body":"secret"}` + "\r\n\r\n"))
			_ = conn.Close()
		}
	}()
	c := twilio.New("http://" + l.Addr().String())
	_, sent := c.Send(t.Context(), line, chat.Outgoing{To: "+14155550123", Text: "my secret"}, "")
	_, listed := c.Sent(t.Context(), line, "+14155550123", time.Now())
	for _, err := range []error{sent, listed} {
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	}
}
