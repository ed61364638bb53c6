package main

import (
	"context"
	"errors"
	"time"

	"sidetext/store"
)

// tendEvery is how often the house is put in order. Reports of texts that nobody
// knows are kept for as long.
const tendEvery = 10 * time.Minute

// tend puts the house in order, again and again, until ctx ends: what we know of
// helpdesks is read anew, and what nobody needs any more is removed. Of several
// nodes one does, whichever comes first.
func (s *server) tend(ctx context.Context) {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.tendOnce(ctx)
	}
}

// tendOnce puts the house in order, unless another node has just done so.
func (s *server) tendOnce(ctx context.Context) {
	duty, err := s.store.AcquireLease(ctx, "tend", s.now(), tendEvery*9/10) // it ends before our own next turn
	if err != nil && ctx.Err() == nil {
		s.log.Warn("whose turn it is to put the house in order could not be found out", "error", err)
	}
	if !duty.Held {
		return
	}
	for what, do := range map[string]func(context.Context) error{"look after helpdesks": s.refresh, "tidy up": s.tidy} {
		if err := s.safely(ctx, do); err != nil && ctx.Err() == nil {
			s.log.Warn("what is done every few minutes could not be done", "what", what, "error", err)
		}
	}
}

// safely does something in the background: a mistake of ours in it ends nothing
// else.
func (s *server) safely(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("something in the background panicked", "stack", stack())
			err = errors.New("panic")
		}
	}()
	return do(ctx)
}

// tidy removes what is over.
func (s *server) tidy(ctx context.Context) error {
	done, err := s.store.DeleteExpired(ctx, s.now())
	s.meter.stray.Add(float64(done.UnmatchedReports))
	if err == nil && done != (store.Deleted{}) {
		s.log.Info("tidied up", "removed", done)
	}
	return err
}
