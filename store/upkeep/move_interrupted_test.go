package upkeep

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sidetext/store"
	"sidetext/store/pgtest"
)

// An interrupted move continues where it stopped: it is canceled after each batch
// and at random moments, and its connection is ended.
func TestMoveInterrupted(t *testing.T) {
	t.Parallel()
	const rows = 3
	for name, interrupt := range map[string]func(*testing.T, *Move, int, context.CancelFunc) func(){
		"after each batch": func(_ *testing.T, m *Move, run int, cancel context.CancelFunc) func() {
			return afterBatches(m, run+1, cancel)
		},
		"at a random moment": func(_ *testing.T, _ *Move, run int, cancel context.CancelFunc) func() {
			timer := time.AfterFunc(rand.N(10*time.Millisecond<<min(run, 20)), cancel)
			return func() { timer.Stop() }
		},
		"connection ended": func(t *testing.T, m *Move, run int, _ context.CancelFunc) func() {
			return afterBatches(m, run+1, func() { endConnections(t, m.To) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := Move{From: "sqlite:" + fillDatabase(t, rows), To: pgtest.Shared(t).Schema(t) + "&application_name=move" + fmt.Sprint(rand.Int64()), Key: key, Log: discard, batchRows: 2}
			m.Report = func(string, int64, int64, int64) {}
			for run := 0; ; run++ { // each gets more time or batches than the one before
				ctx, cancel := context.WithCancel(t.Context())
				stop := interrupt(t, &m, run, cancel)
				done, err := m.Run(ctx)
				stop()
				cancel()
				switch {
				case err == nil:
					t.Logf("the move took %d runs", run+1)
					checkMoved(t, m.To, rows, done)
					return
				case strings.Contains(err.Error(), "was moved"): // it was interrupted after its end
					t.Logf("the move took %d runs", run)
					if s, err := store.Open(t.Context(), m.To, key, discard); err != nil || s.Close() != nil {
						t.Error(err)
					}
					return
				case strings.Contains(err.Error(), "differ"):
					t.Fatal(err)
				}
			}
		})
	}
}

// afterBatches calls do once this many more batches have been copied, unless stop is
// called before.
func afterBatches(m *Move, batches int, do func()) (stop func()) {
	before, known := m.Report, map[string]int64{}
	m.Report = func(table string, copied, compared, all int64) {
		if compared == 0 && copied > known[table] {
			known[table] = copied
			batches--
			if batches == 0 {
				do()
			}
		}
	}
	return func() { m.Report = before }
}

// endConnections ends the connections of a move, as a server does when it stops.
func endConnections(t *testing.T, to string) {
	config, err := pgx.ParseConfig(to)
	if err != nil {
		t.Error(err)
		return
	}
	name := config.RuntimeParams["application_name"]
	config.RuntimeParams["application_name"] = "test"
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`, name); err != nil {
		t.Error(err)
	}
}
