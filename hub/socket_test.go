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

// Who does not read is sent away to come back, and nobody else notices.
func TestSlowSocket(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings hub.Settings
		frames   int
		size     int
	}{
		"too many frames": {hub.Settings{Frames: 8}, 10, 10},
		"too many bytes":  {hub.Settings{Bytes: 1000}, 10, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test.settings.Beat = time.Hour
				w := newWorld(t, test.settings)
				defer w.end()
				slow, quick := w.connect(t.Context(), true), w.view("r")
				slow.say("open r")
				synctest.Wait()
				for i := range test.frames {
					rev := w.commit("r")
					n := changed("r", rev-1, rev)
					n.Frame = append(n.Frame, strings.Repeat(" ", test.size)...)
					w.Tell("r", n)
					synctest.Wait()
					if _, pos, _ := quick.state(); pos != rev {
						t.Fatalf("frame %d did not reach the other viewer", i)
					}
				}
				if got := w.Stats().Dropped; got != 1 {
					t.Errorf("dropped %d, want 1", got)
				}
				close(slow.held) // within WriteTimeout: it hears why
				<-slow.gone
				synctest.Wait()
				if slow.code != hub.Behind {
					t.Errorf("closed with %d, want %d", slow.code, hub.Behind)
				}
				if len(slow.heard) > 1 {
					t.Errorf("heard %q after falling behind", slow.heard[1:])
				}
			})
		})
	}
}

// Who never reads again is cut after WriteTimeout.
func TestStuckSocket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{Beat: time.Hour})
		defer w.end()
		v := w.connect(t.Context(), true)
		defer close(v.held)
		start := time.Now()
		v.say("open r")
		<-v.gone
		if took := time.Since(start); took != 5*time.Second || !errors.Is(v.why, os.ErrDeadlineExceeded) {
			t.Errorf("ended after %s with %v", took, v.why)
		}
		if got := w.Stats(); got.Dropped != 1 || got.Sockets != 0 || got.Rooms != 0 {
			t.Errorf("stats %+v", got)
		}
	})
}

// A frame larger than the bound goes through an empty queue.
func TestLargeFrame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{Bytes: 100})
		defer w.end()
		v := w.connect(t.Context(), false)
		large := strings.Repeat("x", 10_000)
		v.say(large)
		synctest.Wait()
		v.want(large)
	})
}

func TestEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		play func(v *viewer, cancel context.CancelCauseFunc)
		code int // that the client reads
		why  string
		took time.Duration
	}{
		"the handler refuses": {func(v *viewer, _ context.CancelCauseFunc) { v.say("refuse unknown type") },
			4400, "hub: close 4400: unknown type", 0},
		"the handler's reason is long": {func(v *viewer, _ context.CancelCauseFunc) { v.say("refuse " + strings.Repeat("é", 100)) },
			4400, "hub: close 4400: " + strings.Repeat("é", 100), 0},
		"the handler fails": {func(v *viewer, _ context.CancelCauseFunc) { v.set(true); v.say("open r") },
			1011, errDown.Error(), 0},
		"the session ends": {func(v *viewer, cancel context.CancelCauseFunc) { cancel(&hub.Close{Code: 4401, Reason: "signed out"}) },
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
				w := newWorld(t, hub.Settings{})
				defer w.end()
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				v := w.connect(ctx, false)
				start := time.Now()
				test.play(v, cancel)
				<-v.gone
				took := time.Since(start)
				synctest.Wait()
				if v.code != test.code || v.why.Error() != test.why || took != test.took {
					t.Errorf("closed with %d after %s because %v, want %d after %s because %s",
						v.code, took, v.why, test.code, test.took, test.why)
				}
			})
		})
	}
}

// A client that does not answer a goodbye is not waited for.
func TestGoodbyeUnanswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{})
		defer w.end()
		server, client := newPipe(t)
		w.viewers.Go(func() {
			_ = client.WriteMessage(text, []byte("refuse"))
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
		_ = w.Serve(t.Context(), server, (&viewer{world: w}).handle)
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// A panic in the handler goes to the caller, and leaves nothing behind.
func TestPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{})
		defer w.end()
		server, client := newPipe(t)
		w.viewers.Go(func() {
			_ = client.WriteMessage(text, []byte("open r"))
			_, _, _ = client.ReadMessage()
			_ = client.WriteMessage(text, []byte("panic now"))
		})
		func() {
			defer func() {
				if p := recover(); fmt.Sprint(p) != "now" {
					t.Errorf("recovered %v", p)
				}
			}()
			_ = w.Serve(t.Context(), server, (&viewer{world: w}).handle)
		}()
		server.returned.Store(true)
		if got := w.Stats(); got.Sockets != 0 || got.Rooms != 0 {
			t.Errorf("stats %+v", got)
		}
		if _, _, err := client.ReadMessage(); err == nil {
			t.Error("the connection is open")
		}
	})
}

// A socket that outlived its connection does nothing.
func TestSocketAfterItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{})
		defer w.end()
		var kept *hub.Socket
		server, client := newPipe(t)
		w.viewers.Go(func() {
			_ = client.WriteMessage(text, []byte("hello"))
			_ = client.Close()
		})
		_ = w.Serve(t.Context(), server, func(s *hub.Socket, _ []byte) error { kept = s; return nil })
		server.returned.Store(true)
		kept.Join("r")
		kept.Opened([]byte("late"), 3)
		synctest.Wait()
		if got := w.Stats(); got.Rooms != 0 {
			t.Errorf("stats %+v", got)
		}
	})
}
