package bridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sidetext/chat"
)

// Run compares the lines that this node owns at once, and then each of them again
// and again until ctx ends. A few providers that hang delay no other lines.
func (u *CatchUp) Run(ctx context.Context) {
	r := compareLoop{CatchUp: u, next: map[chat.LineID]time.Time{}, slots: make(chan struct{}, linesAtOnce)}
	defer r.working.Wait()
	tick := time.NewTicker(lineCheckInterval)
	defer tick.Stop()
	for first := true; ; first = false {
		if err := r.begin(ctx, first); err != nil && ctx.Err() == nil {
			u.Log.Error("compare lines failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// A compareLoop schedules the comparisons of lines, by the monotonic clock.
type compareLoop struct {
	*CatchUp
	slots   chan struct{} // one for each comparison that may run at the same time
	working sync.WaitGroup
	mu      sync.Mutex
	next    map[chat.LineID]time.Time // of the lines that this node owns
}

// begin starts comparing the lines that are due, each as soon as a slot is free.
func (r *compareLoop) begin(ctx context.Context, first bool) error {
	lines, err := r.lines(ctx)
	if err != nil {
		return err
	}
	for _, at := range lines {
		due, err := r.due(ctx, at.Line, first)
		if err != nil {
			return err
		}
		if !due {
			continue
		}
		select {
		case r.slots <- struct{}{}: // soon: a comparison takes compareTime at most
		case <-ctx.Done():
			return nil
		}
		r.working.Go(func() {
			defer func() { <-r.slots }()
			r.schedule(at.Line.ID, r.compare(ctx, at))
		})
	}
	return nil
}

// due reports whether to compare a line now, and keeps it from being compared
// again meanwhile. A line that this node took over from another node is due at the
// time at which that node would have compared it.
func (r *compareLoop) due(ctx context.Context, line chat.Line, first bool) (bool, error) {
	if !r.Owns(string(line.ID)) {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.next, line.ID)
		return false, nil
	}
	r.mu.Lock()
	next, known := r.next[line.ID]
	r.mu.Unlock()
	if !known && !first {
		all, err := r.comparisons(ctx, line.Shop)
		if err != nil {
			return false, err
		}
		if age := r.Now().Sub(all[line.ID].At); age >= 0 && age < compareEvery {
			next = time.Now().Add(compareEvery - age)
			r.schedule(line.ID, compareEvery-age)
		}
	}
	if time.Now().Before(next) {
		return false, nil
	}
	r.schedule(line.ID, 2*compareTime)
	return true, nil
}

func (r *compareLoop) schedule(line chat.LineID, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next[line] = time.Now().Add(wait)
}

func (u *CatchUp) lines(ctx context.Context) ([]chat.LineConfig, error) {
	ctx, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	return u.Ledger.AllLineConfigs(ctx)
}

func (u *CatchUp) comparisons(ctx context.Context, shop chat.ShopID) (map[chat.LineID]chat.Comparison, error) {
	ctx, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	return u.Ledger.Comparisons(ctx, shop)
}

// compare compares a line and returns when to do so again. A panic in it affects
// no other line.
func (u *CatchUp) compare(ctx context.Context, at chat.LineConfig) (wait time.Duration) {
	wait = compareSoon
	defer func() {
		if p := recover(); p != nil {
			u.Log.Error("comparison panicked", "line", at.Line.ID, "panic", fmt.Sprintf("%T", p))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, compareTime)
	defer cancel()
	complete, err := u.Compare(ctx, at)
	if err != nil {
		if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			u.Log.Warn("comparison failed", "shop", at.Shop.ID, "line", at.Line.ID, "error", err)
		}
		return compareSoon
	}
	if complete {
		return compareEvery
	}
	return compareSoon
}
