package upkeep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// A MovedTable is the result of a move for one table.
type MovedTable struct {
	Table   string
	Rows    int64
	Cleaned int64  // texts with characters that PostgreSQL cannot store, replaced by U+FFFD
	Digest  string // of all rows, whatever their order; the same on both sides
}

// A Move copies a SQLite database into an empty one on PostgreSQL.
type Move struct {
	From, To string // addresses
	Key      []byte // of both
	Log      *slog.Logger
	// Report, if not nil, gets the progress of a table, in rows.
	Report func(table string, copied, compared, all int64)

	batchRows int // rows in a batch; 0: maxBatchRows
}

// Run moves the database. From its beginning the source refuses every change, from
// every process, so that a server that still runs on it acknowledges nothing that
// the copy lacks. Run may be interrupted at any time; the next Run continues. After both sides have been compared row by row, the source stays blocked
// (see UndoMove) and the destination can be used.
func (m Move) Run(ctx context.Context) ([]MovedTable, error) {
	path, ok := strings.CutPrefix(m.From, "sqlite:")
	if !ok || !strings.HasPrefix(m.To, "postgres") {
		return nil, errors.New("store: move copies from sqlite: to postgres: only")
	}
	from, err := m.openSource(ctx, path)
	if err != nil {
		return nil, err
	}
	defer from.close()
	to, err := m.openDestination(ctx, from)
	if err != nil {
		return nil, err
	}
	defer to.close()
	if err := from.block(ctx); err != nil {
		return nil, err
	}
	if !to.begun {
		if err := to.begin(ctx, from.state.ID); err != nil {
			return nil, err
		}
	}
	if err := from.loadTables(ctx); err != nil {
		return nil, err
	}
	if err := to.matchTables(ctx, from); err != nil {
		return nil, err
	}
	done, err := m.copyAll(ctx, from, to)
	if err != nil {
		return done, fmt.Errorf("store: move: %w", err)
	}
	return done, nil
}

// copyAll copies every table, compares both sides and ends the move.
func (m Move) copyAll(ctx context.Context, from *source, to *destination) ([]MovedTable, error) {
	for _, t := range from.tables {
		for more := true; more; {
			p := to.state.Progress[t.name]
			batch, err := from.batch(ctx, t, p.Last, cmp.Or(m.batchRows, maxBatchRows))
			if err == nil && len(batch.rows) > 0 {
				err = to.add(ctx, t, batch)
			}
			if err != nil {
				return nil, fmt.Errorf("copy %s: %w", t.name, err)
			}
			more = batch.more
			m.report(t, to.state.Progress[t.name].Rows, 0)
		}
	}
	done, err := m.compare(ctx, from, to)
	if err != nil {
		return done, err
	}
	// In this order: a source that is marked as moved has a complete copy.
	if err := from.end(ctx); err != nil {
		return done, err
	}
	return done, to.end(ctx)
}

// compare checks that each table is the same on both sides.
func (m Move) compare(ctx context.Context, from *source, to *destination) (done []MovedTable, err error) {
	var differ []string
	for _, t := range append([]table{from.migrations}, from.tables...) {
		copied := make(chan digest, 1)
		failed := make(chan error, 1)
		go func() {
			d, err := to.digest(ctx, t)
			failed <- err
			copied <- d
		}()
		original, err := from.digest(ctx, t, func(n int64) { m.report(t, t.rows, n) })
		if err := errors.Join(err, <-failed); err != nil {
			return done, fmt.Errorf("compare %s: %w", t.name, err)
		}
		if original != <-copied {
			differ = append(differ, t.name)
		}
		done = append(done, MovedTable{Table: t.name, Rows: original.rows, Cleaned: to.state.Progress[t.name].Cleaned, Digest: original.String()})
	}
	if len(differ) > 0 {
		return done, fmt.Errorf("the copy differs in %s: it was changed during the move; empty the new database and move again", strings.Join(differ, ", "))
	}
	return done, nil
}

func (m Move) report(t table, copied, compared int64) {
	if m.Report != nil {
		m.Report(t.name, copied, compared, t.rows)
	}
}
