package popup

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"sidetext/chat"
)

// A dial is a connection that notes how long it may be written to.
type dial struct {
	net.Conn
	until []time.Time
}

func (d *dial) SetWriteDeadline(at time.Time) error {
	d.until = append(d.until, at)
	return nil
}

// TestSlowReaderExtendsDeadline: a slow browser gets a large file; one that
// reads nothing is cut off.
func TestSlowReaderExtendsDeadline(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]time.Duration{1: 15 * time.Second, 160 << 10: 25 * time.Second, chat.MaxFile: 655 * time.Second} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			d := &dial{}
			u := &slowReader{strings.NewReader("picture"), d, size}
			if len(d.until) > 0 {
				t.Error("the time was set before the server sets its own")
			}
			began := time.Now()
			if got, err := io.ReadAll(iotest.OneByteReader(u)); string(got) != "picture" || err != nil {
				t.Errorf("read %q, %v", got, err)
			}
			if len(d.until) != 1 || d.until[0].Sub(began) < want || time.Until(d.until[0]) > want {
				t.Errorf("may be written until %v, want %v", d.until, want)
			}
		})
	}
}
