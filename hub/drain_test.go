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

// Draining tells everybody to come back, not all at once, and waits for them.
func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{})
		var all []*viewer
		for i := range 100 {
			all = append(all, w.view(fmt.Sprint("r", i%10)))
		}
		synctest.Wait()
		drained := make(chan error)
		go func() { drained <- w.Drain(context.Background()) }()
		time.Sleep(time.Second)
		synctest.Wait()
		if left := w.Stats().Sockets; left < 30 || left > 70 {
			t.Errorf("%d of 100 left after half the time", left)
		}
		late := w.view("r")
		if err := <-drained; err != nil {
			t.Error(err)
		}
		if got := w.Stats(); got.Sockets != 0 || got.Rooms != 0 {
			t.Errorf("stats %+v", got)
		}
		w.viewers.Wait()
		for _, v := range append(all, late) {
			if v.code != hub.Restart {
				t.Errorf("closed with %d", v.code)
			}
		}
	})
}

// Draining does not wait longer than it is told to.
func TestDrainCuts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hub.Settings{WriteTimeout: time.Hour})
		v := w.connect(t.Context(), true)
		v.say("hello") // the answer is stuck
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		err := w.Drain(ctx)
		if took := time.Since(start); took != 10*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("took %s, %v", took, err)
		}
		<-v.gone
		close(v.held)
		w.viewers.Wait()
	})
}

// The same over real sockets: every client reads its frame, then the code that
// says "come back", and the hub does not wait for one that never answers.
func TestDrainOverTheNetwork(t *testing.T) {
	t.Parallel()
	l := &ledger{made: make(map[string][]time.Time)}
	s := serve(t, l.look, l.open, hub.Settings{})
	var hearing, reading sync.WaitGroup
	for i := range 50 {
		conn, err := dial(s.url, fmt.Sprint("shop/", i%5))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i == 0 {
			continue // it never reads, nor answers
		}
		hearing.Add(1)
		reading.Go(func() {
			var heard []string
			hears := sync.OnceFunc(hearing.Done)
			defer hears()
			for {
				_, data, err := conn.ReadMessage()
				if client.IsCloseError(err, client.CloseServiceRestart) {
					break
				}
				if err != nil {
					t.Errorf("socket %d: %v", i, err)
					return
				}
				if _, from, rev, ok := parse(data); ok {
					heard = append(heard, fmt.Sprint(from, " ", rev))
					hears()
				}
			}
			if len(heard) != 1 || heard[0] != "0 1" {
				t.Errorf("socket %d heard %q", i, heard)
			}
		})
	}
	for i := range 5 {
		room := fmt.Sprint("shop/", i)
		s.Hint(room, l.change(room))
	}
	hearing.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Error(err)
	}
	reading.Wait()
	s.end(t)
}
