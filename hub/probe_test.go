package hub_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/hub"
)

// A probe receives what a viewer receives, in the same way, and is not shown.
func TestProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, hub.Settings{Heartbeat: time.Hour})
		defer f.end(t)
		n := f.nodes[1]
		probe := n.StartProbe("canary")
		defer probe.Close()
		synctest.Wait()
		if got := n.Stats(); got.Sockets != 0 || got.Rooms != 0 || got.People != 0 || !n.HasViewers("canary") {
			t.Errorf("stats %+v", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := probe.Await(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without a change: %v", err)
		}
		rev := f.change(0, "canary")
		start := time.Now()
		if err := probe.Await(t.Context(), rev); err != nil || time.Since(start) > 0 {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		if err := probe.Await(t.Context(), rev); err != nil {
			t.Errorf("again: %v", err)
		}
		if got := f.readLog(); len(got) != 1 || got[0] != "canary 0" {
			t.Errorf("reads %q", got)
		}

		// The bus is silent and unhealthy: it takes a second.
		f.network.change(func(n *network) { n.silent, n.unhealthy = true, true })
		if err := probe.Await(t.Context(), f.change(0, "canary")); err != nil || time.Since(start) > 1100*time.Millisecond {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		// The store is down: the change does not arrive.
		f.setDown(true)
		ctx, cancel = context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := probe.Await(ctx, f.change(0, "canary")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("down: %v", err)
		}
		f.setDown(false)

		// A later probe starts at the room's revision.
		late := n.StartProbe("canary")
		defer late.Close()
		if err := late.Await(t.Context(), 1); err != nil {
			t.Error(err)
		}
	})
}

// A probe is ended like a viewer, and with the hub, which does not wait for it.
func TestProbeEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		notFound := &hub.Close{Code: 4404, Reason: "no such room"}
		h := hub.New(func(context.Context, string, int64) (hub.Update, error) { return hub.Update{}, notFound }, hub.Settings{}, discard)
		refused, waiting, closed := h.StartProbe("r"), h.StartProbe("s"), h.StartProbe("t")
		await := func(p *hub.Probe) chan error {
			result := make(chan error, 1)
			go func() { result <- p.Await(context.Background(), 1) }()
			return result
		}
		errRefused, errWaiting, errClosed := await(refused), await(waiting), await(closed)
		h.Hint("r", 1)
		if err := <-errRefused; !errors.Is(err, notFound) {
			t.Errorf("refused: %v", err)
		}
		closed.Close()
		if err := <-errClosed; err == nil {
			t.Error("no error after Close")
		}
		if err := h.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-errWaiting; err == nil {
			t.Error("no error after the hub has ended")
		}
		refused.Close()
		waiting.Close()
		closed.Close()
		if got := h.Rooms(); len(got) != 0 {
			t.Errorf("rooms %q", got)
		}
	})
}
