package bridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sidetext/chat"
)

// Run compares every line at once, and then each again and again until ctx ends.
// A few providers that hang delay nobody else's lines. Of several nodes one
// compares a line, as often as if it were alone.
func (u *CatchUp) Run(ctx context.Context) {
	r := rounds{CatchUp: u, next: map[chat.LineID]time.Time{}, ours: map[chat.LineID]bool{}, places: make(chan struct{}, linesAtOnce)}
	defer r.leave()
	defer r.working.Wait()
	tick := time.NewTicker(lookAround)
	defer tick.Stop()
	for {
		if err := r.begin(ctx); err != nil && ctx.Err() == nil {
			u.Log.Error("lines can't be compared with their providers", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// rounds say which lines are compared when, by a clock that cannot be set.
type rounds struct {
	*CatchUp
	places  chan struct{}
	working sync.WaitGroup
	mu      sync.Mutex
	next    map[chat.LineID]time.Time
	ours    map[chat.LineID]bool
}

// begin begins to compare the lines whose turn it is, each as soon as there is room.
func (r *rounds) begin(ctx context.Context) error {
	lines, err := r.lines(ctx)
	if err != nil {
		return err
	}
	for _, door := range lines {
		if !r.turn(door.Line.ID) {
			continue
		}
		select {
		case r.places <- struct{}{}: // there is soon room: no comparison takes longer than compareTime
		case <-ctx.Done():
			return nil
		}
		r.working.Go(func() {
			defer func() { <-r.places }()
			r.after(door.Line.ID, r.compare(ctx, door))
		})
	}
	return nil
}

// turn takes a line's turn, if it has come.
func (r *rounds) turn(line chat.LineID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(r.next[line]) {
		return false
	}
	r.next[line] = time.Now().Add(2 * compareTime)
	return true
}

func (r *rounds) after(line chat.LineID, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next[line] = time.Now().Add(wait)
}

func compareDuty(line chat.LineID) string { return "compare/" + string(line) }

// compare compares a line, unless another node does, and returns when to do so
// again.
func (r *rounds) compare(ctx context.Context, door chat.LineConfig) (wait time.Duration) {
	d, err := r.hold(ctx, door, compareTenure)
	if err != nil {
		return compareSoon
	}
	r.mu.Lock()
	r.ours[door.Line.ID] = d.Held
	r.mu.Unlock()
	if !d.Held {
		return min(d.Until.Sub(r.Now()), compareEvery)
	}
	comparing, done := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { r.renew(comparing, door) })
	wait = r.safely(ctx, door)
	done()
	renewing.Wait()
	_, _ = r.hold(ctx, door, wait+2*lookAround) // else another node comes earlier, which does no harm
	return wait
}

// renew keeps a line ours while it is compared.
func (r *rounds) renew(ctx context.Context, door chat.LineConfig) {
	tick := time.NewTicker(compareTenure / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, _ = r.hold(ctx, door, compareTenure) // what cannot be renewed is compared once more elsewhere
		}
	}
}

func (r *rounds) hold(ctx context.Context, door chat.LineConfig, lease time.Duration) (chat.Lease, error) {
	asking, cancel := context.WithTimeout(ctx, noting)
	defer cancel()
	d, err := r.Ledger.AcquireLease(asking, compareDuty(door.Line.ID), r.Now(), lease)
	if err != nil && ctx.Err() == nil {
		r.Log.Warn("a line can't be taken up to be compared", "shop", door.Shop.ID, "line", door.Line.ID, "error", err)
	}
	return d, err
}

// leave lets other nodes have our lines at once.
func (r *rounds) leave() {
	var names []string
	for line, ours := range r.ours {
		if ours {
			names = append(names, compareDuty(line))
		}
	}
	if len(names) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), noting)
	defer cancel()
	if err := r.Ledger.ReleaseLeases(ctx, names...); err != nil {
		r.Log.Warn("lines can't be let go of; other nodes will take them up later", "error", err)
	}
}

func (u *CatchUp) lines(ctx context.Context) ([]chat.LineConfig, error) {
	ctx, cancel := context.WithTimeout(ctx, noting)
	defer cancel()
	return u.Ledger.AllLineConfigs(ctx)
}

// safely compares one line and returns when to do so again.
func (u *CatchUp) safely(ctx context.Context, door chat.LineConfig) (wait time.Duration) {
	wait = compareSoon
	defer func() {
		if p := recover(); p != nil {
			u.Log.Error("comparing a line panicked", "line", door.Line.ID, "panic", fmt.Sprintf("%T", p))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, compareTime)
	defer cancel()
	settled, err := u.Compare(ctx, door)
	if err != nil {
		if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			u.Log.Warn("a line can't be compared with its provider", "shop", door.Shop.ID, "line", door.Line.ID, "error", err)
		}
		return compareSoon
	}
	if settled {
		return compareEvery
	}
	return compareSoon
}
