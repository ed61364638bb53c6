package recharge

import (
	"context"
	"errors"
	"time"
)

// awaitTime is how long a change may take to be seen. Recharge rebuilds charges about
// five seconds after a change.
const awaitTime = 8 * time.Second

// Await reads an object until shows reports that a change shows in it, for at most
// eight seconds and within the context's deadline. It returns what it read last, and
// whether the change shows. A reading that fails is repeated if that may help; an
// error means that the last one failed.
//
// A change is confirmed to a shopper only if Await has seen it.
func Await[T any](ctx context.Context, read func(context.Context) (T, error), shows func(T) bool) (last T, seen bool, err error) {
	end := time.Now().Add(awaitTime)
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	for pause := 500 * time.Millisecond; ; pause = min(pause*2, 2*time.Second) {
		var now T
		now, err = read(ctx)
		if err == nil {
			last = now
			if shows(now) {
				return last, true, nil
			}
		}
		var e *Error
		if err != nil && (!errors.As(err, &e) || !e.Temporary()) {
			return last, false, err
		}
		if !fits(ctx, time.Now(), pause) || sleep(ctx, pause) != nil {
			return last, false, err
		}
	}
}
