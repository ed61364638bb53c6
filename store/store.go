// Package store keeps everything in SQL: one text for SQLite and Postgres, one
// folder of migrations. What it says is kept has been committed durably.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sidetext/chat"
)

// A Store is an open database. Its methods may be called from anywhere.
type Store struct {
	seal   *seal
	engine engine
	writer *writer
	reader *pool
	clock  *clock
	epoch  string
	node   string
	marked atomic.Bool

	closing sync.Once
	closed  error
}

// Open opens, and if need be makes, the database that url names: "sqlite:PATH",
// or "postgres://USER:PASSWORD@HOST/DATABASE". key seals vendors' secrets: 32
// bytes. For a while it waits for others who are starting or writing.
func Open(ctx context.Context, url string, key []byte, log *slog.Logger) (*Store, error) {
	return begin(ctx, url, key, log, true)
}

// Reopen is Open for a database that must be there already: a wrong path is an
// error, and not a new database.
func Reopen(ctx context.Context, url string, key []byte, log *slog.Logger) (*Store, error) {
	return begin(ctx, url, key, log, false)
}

// patience is how long Open waits for others.
const patience = 10 * time.Second

func begin(ctx context.Context, url string, key []byte, log *slog.Logger, create bool) (*Store, error) {
	e, err := engineFor(url, log)
	if err != nil {
		return nil, err
	}
	var sealed *seal
	if err = e.find(ctx, create); err == nil {
		sealed, err = newSeal(key)
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	for until := time.Now().Add(patience); ; {
		s, err := open(ctx, e, sealed, log)
		if err == nil {
			return s, nil
		}
		if !e.busy(err) || time.Now().After(until) || ctx.Err() != nil {
			return nil, errors.Join(e.plain(err), e.close())
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func open(ctx context.Context, e engine, seal *seal, log *slog.Logger) (*Store, error) {
	if err := migrate(ctx, e); err != nil {
		return nil, err
	}
	s := &Store{node: random(), seal: seal, engine: e, writer: newWriter(e, log), reader: newPool(e)}
	err := s.checkKey(ctx)
	if err == nil {
		err = s.settle(ctx, log)
	}
	if err == nil {
		s.epoch, err = s.makeEpoch(ctx)
	}
	if err == nil {
		s.clock, err = newClock(ctx, s.measured, log)
	}
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

// Close waits for what is being written, takes this node's mark away, so that
// whoever has to be alone need not wait for it to grow old, and closes the
// database.
func (s *Store) Close() error {
	s.closing.Do(func() {
		if s.marked.Load() {
			s.unmark()
		}
		s.clock.close()
		s.end()
		s.closed = s.engine.close()
	})
	return s.closed
}

func (s *Store) end() {
	s.writer.close()
	s.reader.close()
}

// Epoch names this incarnation of the database. Whoever restores a backup takes
// the old one out of it (about's row 'epoch'), and the next start makes another:
// then what browsers remember of revisions counts no more.
func (s *Store) Epoch() string { return s.epoch }

func (s *Store) makeEpoch(ctx context.Context) (epoch string, err error) {
	err = s.writer.do(ctx, func(l link) error {
		fresh := chat.NewID[string](time.Now())
		if _, err := l.exec(`INSERT INTO about (name, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING`, fresh); err != nil {
			return err
		}
		return l.row(`SELECT value FROM about WHERE name = 'epoch'`).Scan(&epoch)
	})
	return epoch, err
}

// Ready reports whether the database can be written right now.
func (s *Store) Ready(ctx context.Context) error {
	return s.writer.do(ctx, func(l link) error {
		// A value that does not change is not written at all.
		_, err := l.exec(`INSERT INTO about (name, value) VALUES ('ready', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, chat.NewID[string](time.Now()))
		return err
	})
}

// read runs f on what has been committed, and explains what went wrong.
func (s *Store) read(ctx context.Context, what string, f func(link) error) error {
	return explain(what, s.reader.read(ctx, f))
}

// write runs f in a transaction of its own and returns once it is durable.
func (s *Store) write(ctx context.Context, what string, f func(link) error) error {
	return explain(what, s.writer.do(ctx, f))
}

// explain wraps what a database said: nothing there, or not now.
func explain(what string, err error) error {
	var told *chat.Error
	switch {
	case err == nil || errors.As(err, &told) || errors.Is(err, chat.ErrRepeat):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return chat.ErrNotFound
	}
	return fmt.Errorf("store: %s: %w", what, unavailable{err})
}

// unavailable is chat.ErrUnavailable for a reason, which is all that it says:
// people's words have no place in a log.
type unavailable struct{ cause error }

func (u unavailable) Error() string   { return u.cause.Error() }
func (u unavailable) Unwrap() []error { return []error{chat.ErrUnavailable, u.cause} }

// Times are kept as microseconds; the zero time as 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
