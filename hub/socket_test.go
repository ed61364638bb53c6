package hub_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// A client that does not read is closed with a code that means reconnect, and other
// viewers are not affected.
func TestSlowSocket(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings hub.Settings
		frames   int
		size     int
	}{
		"too many frames": {hub.Settings{QueueFrames: 8}, 10, 10},
		"too many bytes":  {hub.Settings{QueueBytes: 1000}, 10, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test.settings.Heartbeat = time.Hour
				h := newTestHub(t, test.settings)
				defer h.end()
				slow, quick := h.connect(t.Context(), true), h.view("r")
				slow.send("open r")
				synctest.Wait()
				for i := range test.frames {
					rev := h.commit("r")
					u := changed("r", rev-1, rev)
					u.Frame = append(u.Frame, strings.Repeat(" ", test.size)...)
					h.SendUpdate("r", u)
					synctest.Wait()
					if _, pos, _ := quick.state(); pos != rev {
						t.Fatalf("frame %d did not reach the other viewer", i)
					}
				}
				if got := h.Stats().Dropped; got != 1 {
					t.Errorf("dropped %d, want 1", got)
				}
				close(slow.paused) // within WriteTimeout, so the close frame arrives
				<-slow.done
				synctest.Wait()
				if slow.closeCode != hub.CodeBehind {
					t.Errorf("closed with %d, want %d", slow.closeCode, hub.CodeBehind)
				}
				if len(slow.received) > 1 {
					t.Errorf("received %q after falling behind", slow.received[1:])
				}
			})
		})
	}
}

// A client that never reads again is cut after WriteTimeout.
func TestStuckSocket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{Heartbeat: time.Hour})
		defer h.end()
		v := h.connect(t.Context(), true)
		defer close(v.paused)
		start := time.Now()
		v.send("open r")
		<-v.done
		if took := time.Since(start); took != 5*time.Second || !errors.Is(v.err, os.ErrDeadlineExceeded) {
			t.Errorf("ended after %s with %v", took, v.err)
		}
		if got := h.Stats(); got.Dropped != 1 || got.Sockets != 0 || got.Rooms != 0 {
			t.Errorf("stats %+v", got)
		}
	})
}

// A frame larger than the limit fits into an empty queue.
func TestLargeFrame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{QueueBytes: 100})
		defer h.end()
		v := h.connect(t.Context(), false)
		large := strings.Repeat("x", 10_000)
		v.send(large)
		synctest.Wait()
		v.want(large)
	})
}

func TestServeEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(v *viewer, cancel context.CancelCauseFunc)
		code int // of the close frame
		err  string
		took time.Duration
	}{
		"the handler returns a Close": {func(v *viewer, _ context.CancelCauseFunc) { v.send("refuse unknown type") },
			4400, "hub: close 4400: unknown type", 0},
		"the handler returns a long reason": {func(v *viewer, _ context.CancelCauseFunc) { v.send("refuse " + strings.Repeat("é", 100)) },
			4400, "hub: close 4400: " + strings.Repeat("é", 100), 0},
		"the handler returns another error": {func(v *viewer, _ context.CancelCauseFunc) { v.setDown(true); v.send("open r") },
			1011, errDown.Error(), 0},
		"the context ends with a Close": {func(v *viewer, cancel context.CancelCauseFunc) { cancel(&hub.Close{Code: 4401, Reason: "signed out"}) },
			4401, "hub: close 4401: signed out", 0},
		"the context ends": {func(v *viewer, cancel context.CancelCauseFunc) { cancel(nil) },
			1001, context.Canceled.Error(), 0},
		"the client leaves": {func(v *viewer, _ context.CancelCauseFunc) { v.conn.Close() },
			0, "hub: read: EOF", 0},
		"the client is silent": {func(v *viewer, _ context.CancelCauseFunc) {},
			0, "hub: read: read pipe: i/o timeout", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newTestHub(t, hub.Settings{})
				defer h.end()
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				v := h.connect(ctx, false)
				start := time.Now()
				test.end(v, cancel)
				<-v.done
				took := time.Since(start)
				synctest.Wait()
				if v.closeCode != test.code || v.err.Error() != test.err || took != test.took {
					t.Errorf("closed with %d after %s because %v, want %d after %s because %s",
						v.closeCode, took, v.err, test.code, test.took, test.err)
				}
			})
		})
	}
}

// Serve does not wait for a client that does not answer the close frame.
func TestCloseFrameUnanswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{})
		defer h.end()
		server, client := newPipe(t)
		h.viewers.Go(func() {
			_ = client.WriteMessage(textKind, []byte("refuse"))
			for {
				_, _, err := client.ReadMessage()
				if err == nil {
					continue
				}
				if _, ok := errors.AsType[*closed](err); !ok {
					return
				}
			}
		})
		start := time.Now()
		_ = h.Serve(t.Context(), server, (&viewer{testHub: h}).handle)
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// A panic in the handler reaches the caller of Serve, and the socket is removed.
func TestPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{})
		defer h.end()
		server, client := newPipe(t)
		h.viewers.Go(func() {
			_ = client.WriteMessage(textKind, []byte("open r"))
			_, _, _ = client.ReadMessage()
			_ = client.WriteMessage(textKind, []byte("panic now"))
		})
		func() {
			defer func() {
				if p := recover(); fmt.Sprint(p) != "now" {
					t.Errorf("recovered %v", p)
				}
			}()
			_ = h.Serve(t.Context(), server, (&viewer{testHub: h}).handle)
		}()
		server.returned.Store(true)
		if got := h.Stats(); got.Sockets != 0 || got.Rooms != 0 {
			t.Errorf("stats %+v", got)
		}
		if _, _, err := client.ReadMessage(); err == nil {
			t.Error("the connection is still open")
		}
	})
}

// The methods of a socket that has ended do nothing.
func TestSocketAfterItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{})
		defer h.end()
		var socket *hub.Socket
		server, client := newPipe(t)
		h.viewers.Go(func() {
			_ = client.WriteMessage(textKind, []byte("hello"))
			_ = client.Close()
		})
		_ = h.Serve(t.Context(), server, func(s *hub.Socket, _ []byte) error { socket = s; return nil })
		server.returned.Store(true)
		socket.Join("r")
		socket.SendSnapshot([]byte("late"), 3)
		synctest.Wait()
		if got := h.Stats(); got.Rooms != 0 {
			t.Errorf("stats %+v", got)
		}
	})
}
