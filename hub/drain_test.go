package hub_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	client "github.com/fasthttp/websocket"

	"sidetext/hub"
)

// Drain closes all sockets with CodeRestart, spread over time, and waits for them.
func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{})
		var all []*viewer
		for i := range 100 {
			all = append(all, h.view(fmt.Sprint("r", i%10)))
		}
		synctest.Wait()
		drained := make(chan error)
		go func() { drained <- h.Drain(context.Background()) }()
		time.Sleep(time.Second)
		synctest.Wait()
		if left := h.Stats().Sockets; left < 30 || left > 70 {
			t.Errorf("%d of 100 sockets left after half the time", left)
		}
		late := h.view("r")
		if err := <-drained; err != nil {
			t.Error(err)
		}
		if got := h.Stats(); got.Sockets != 0 || got.Rooms != 0 {
			t.Errorf("stats %+v", got)
		}
		h.viewers.Wait()
		for _, v := range append(all, late) {
			if v.closeCode != hub.CodeRestart {
				t.Errorf("closed with %d", v.closeCode)
			}
		}
	})
}

// Drain cuts the remaining sockets when its context ends.
func TestDrainCuts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newTestHub(t, hub.Settings{WriteTimeout: time.Hour})
		v := h.connect(t.Context(), true)
		v.send("hello") // the answer cannot be written
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		err := h.Drain(ctx)
		if took := time.Since(start); took != 10*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("took %s, %v", took, err)
		}
		<-v.done
		close(v.paused)
		h.viewers.Wait()
	})
}

// With real sockets, each client receives its update and then
// CodeRestart. Drain does not wait for a client that does not read.
func TestDrainRealSockets(t *testing.T) {
	t.Parallel()
	store := newTimedStore()
	s := startServer(t, store, hub.Settings{})
	var received, reading sync.WaitGroup
	for i := range 50 {
		conn, err := dial(s.url, fmt.Sprint("shop/", i%5))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i == 0 {
			continue // it never reads
		}
		received.Add(1)
		reading.Go(func() {
			var updates []string
			got := sync.OnceFunc(received.Done)
			defer got()
			for {
				_, data, err := conn.ReadMessage()
				if client.IsCloseError(err, client.CloseServiceRestart) {
					break
				}
				if err != nil {
					t.Errorf("socket %d: %v", i, err)
					return
				}
				if _, from, rev, ok := parseFrame(data); ok {
					updates = append(updates, fmt.Sprint(from, " ", rev))
					got()
				}
			}
			if len(updates) != 1 || updates[0] != "0 1" {
				t.Errorf("socket %d received %q", i, updates)
			}
		})
	}
	for i := range 5 {
		room := fmt.Sprint("shop/", i)
		s.Hint(room, store.change(room))
	}
	received.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Error(err)
	}
	reading.Wait()
	s.end(t)
}
