package sqldb

import (
	"context"
	"errors"
	"testing"
	"time"

	"sidetext/store/pgtest"
)

// A read whose context ends costs its own connection and no other.
func TestReadTimeoutKeepsOtherConnections(t *testing.T) {
	t.Parallel()
	db := openAt(t, pgtest.Shared(t).Schema(t))
	writer := func() (pid int) {
		t.Helper()
		if err := db.Write(t.Context(), func(tx Tx) error { return tx.Row(`SELECT pg_backend_pid()`).Scan(&pid) }); err != nil {
			t.Fatal(err)
		}
		return pid
	}
	p := db.engine.(*postgresEngine)
	generation, _ := p.generation.Load(), writer()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := db.Read(ctx, func(tx Tx) error { var x any; return tx.Row(`SELECT pg_sleep(1)::text`).Scan(&x) })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if now := p.generation.Load(); now != generation {
		t.Errorf("the generation went from %d to %d: every connection is replaced", generation, now)
	}
}
