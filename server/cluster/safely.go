package cluster

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"
)

// StoreTimeout limits one use of the store.
const StoreTimeout = 5 * time.Second

// Safely runs do for a background task: a panic in it is logged and becomes
// an error, and ends nothing else.
func Safely(ctx context.Context, log *slog.Logger, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("background task panicked", "stack", string(debug.Stack()))
			err = errors.New("panic")
		}
	}()
	return do(ctx)
}
