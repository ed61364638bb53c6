package store

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"sidetext/store/pgtest"
)

// Who waits no longer costs the connection that they waited on, and nobody else's.
func TestImpatienceIsNoFailover(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), pgtest.Shared(t).Schema(t), make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	writer := func() (pid int) {
		t.Helper()
		if err := s.writer.do(t.Context(), func(l link) error { return l.row(`SELECT pg_backend_pid()`).Scan(&pid) }); err != nil {
			t.Fatal(err)
		}
		return pid
	}
	p := s.engine.(*postgres)
	life, _ := p.life.Load(), writer()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err = s.reader.read(ctx, func(l link) error { var x any; return l.row(`SELECT pg_sleep(1)::text`).Scan(&x) })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if now := p.life.Load(); now != life {
		t.Errorf("life went from %d to %d: every connection is made anew", life, now)
	}
}
