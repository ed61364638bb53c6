package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Moved is what became of one table in a move.
type Moved struct {
	Table   string
	Rows    int64
	Cleaned int64  // texts with characters that PostgreSQL does not keep, which are U+FFFD now
	Digest  string // of all rows, in any order; the same on both sides
}

// A Move copies a SQLite database into an empty one on PostgreSQL.
type Move struct {
	From, To string // addresses
	Key      []byte // of both
	Log      *slog.Logger
	// Tell, if not nil, is told again and again how many rows of how many of a
	// table have been copied, and compared.
	Tell func(table string, copied, compared, all int64)

	atOnce int // rows; 0: rowsAtOnce
}

// Run moves. From its first moment on the source takes no more changes, from
// nobody: what a server that still runs on it is asked to keep it refuses, so
// that nothing is acknowledged that the copy lacks. It may be ended at any time:
// running it again goes on where it was. Once both sides have been compared, row
// by row, the source is closed for good (see UndoMove) and the destination open.
func (m Move) Run(ctx context.Context) ([]Moved, error) {
	path, ok := strings.CutPrefix(m.From, "sqlite:")
	if !ok || !strings.HasPrefix(m.To, "postgres") {
		return nil, errors.New("store: what can be moved is a SQLite database, and the way leads to PostgreSQL")
	}
	from, err := m.leave(ctx, path)
	if err != nil {
		return nil, err
	}
	defer from.close()
	to, err := m.arrive(ctx, from)
	if err != nil {
		return nil, err
	}
	defer to.close()
	if err := from.shut(ctx); err != nil {
		return nil, err
	}
	if !to.begun {
		if err := to.begin(ctx, from.mark.ID); err != nil {
			return nil, err
		}
	}
	if err := from.look(ctx); err != nil {
		return nil, err
	}
	if err := to.agree(ctx, from); err != nil {
		return nil, err
	}
	done, err := m.carry(ctx, from, to)
	if err != nil {
		return done, fmt.Errorf("store: move: %w", err)
	}
	return done, nil
}

// carry copies, compares and ends the move.
func (m Move) carry(ctx context.Context, from *source, to *destination) ([]Moved, error) {
	for _, t := range from.tables {
		for more := true; more; {
			p := to.mark.Progress[t.name]
			batch, err := from.batch(ctx, t, p.Last, cmp.Or(m.atOnce, rowsAtOnce))
			if err == nil && len(batch.rows) > 0 {
				err = to.add(ctx, t, batch)
			}
			if err != nil {
				return nil, fmt.Errorf("copy %s: %w", t.name, err)
			}
			more = batch.more
			m.tell(t, to.mark.Progress[t.name].Rows, 0)
		}
	}
	done, err := m.compare(ctx, from, to)
	if err != nil {
		return done, err
	}
	// In this order: what the source has closed is all there.
	if err := from.end(ctx); err != nil {
		return done, err
	}
	return done, to.end(ctx)
}

// compare makes sure that each table is the same on both sides.
func (m Move) compare(ctx context.Context, from *source, to *destination) (done []Moved, err error) {
	var differ []string
	for _, t := range append([]table{from.steps}, from.tables...) {
		theirs := make(chan digest, 1)
		failed := make(chan error, 1)
		go func() {
			d, err := to.digest(ctx, t)
			failed <- err
			theirs <- d
		}()
		ours, err := from.digest(ctx, t, func(n int64) { m.tell(t, t.rows, n) })
		if err := errors.Join(err, <-failed); err != nil {
			return done, fmt.Errorf("compare %s: %w", t.name, err)
		}
		if ours != <-theirs {
			differ = append(differ, t.name)
		}
		done = append(done, Moved{Table: t.name, Rows: ours.rows, Cleaned: to.mark.Progress[t.name].Cleaned, Digest: ours.String()})
	}
	if len(differ) > 0 {
		return done, fmt.Errorf("the copy differs in %s: somebody has changed it; empty the new database and move again", strings.Join(differ, ", "))
	}
	return done, nil
}

func (m Move) tell(t table, copied, compared int64) {
	if m.Tell != nil {
		m.Tell(t.name, copied, compared, t.rows)
	}
}
