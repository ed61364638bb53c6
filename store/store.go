// Package store keeps everything in SQL: one text for SQLite and Postgres, one
// folder of migrations. What it says is kept has been committed durably.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"sidetext/chat"
)

// A Store is an open database. Its methods may be called from anywhere.
type Store struct {
	seal   *seal
	writer *writer
	reader *reader
	epoch  string
	node   string
}

// Open opens, and if need be makes, the database that url names:
// "sqlite:PATH". key seals vendors' secrets: 32 bytes. For a while it waits for
// another process that is writing.
func Open(ctx context.Context, url string, key []byte, log *slog.Logger) (*Store, error) {
	return begin(ctx, url, key, log, sqlite.make)
}

// Reopen is Open for a database that must be there already: a wrong path is an
// error, and not a new database.
func Reopen(ctx context.Context, url string, key []byte, log *slog.Logger) (*Store, error) {
	return begin(ctx, url, key, log, sqlite.find)
}

// patience is how long Open waits for another process.
const patience = 10 * time.Second

func begin(ctx context.Context, url string, key []byte, log *slog.Logger, ready func(sqlite) error) (*Store, error) {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok || path == "" {
		return nil, errors.New("store: the address of the database must look like sqlite:PATH")
	}
	file := sqlite{path, true}
	if err := ready(file); err != nil {
		return nil, err
	}
	seal, err := newSeal(key)
	if err != nil {
		return nil, err
	}
	for until := time.Now().Add(patience); ; {
		s, err := open(ctx, path, seal, log)
		if err == nil || !busy(err) || time.Now().After(until) || ctx.Err() != nil {
			return s, file.plain(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func open(ctx context.Context, path string, seal *seal, log *slog.Logger) (*Store, error) {
	write := sql.OpenDB(sqlite{path, true})
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read := sql.OpenDB(sqlite{path, false})
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	s := &Store{node: random(), seal: seal, writer: newWriter(write, log), reader: &reader{db: read, places: make(chan struct{}, readers)}}
	var err error
	if s.epoch, err = s.makeEpoch(ctx); err == nil {
		err = s.checkKey(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// readers is how many connections read beside the one that writes.
const readers = 4

// Close waits for what is being written, then closes the database.
func (s *Store) Close() error {
	return errors.Join(s.writer.close(), s.reader.close())
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

// A link speaks to the database within one request: each statement is prepared
// once and used again.
type link struct {
	ctx     context.Context
	prepare func(ctx context.Context, query string) (*sql.Stmt, error)
}

func (l link) exec(query string, args ...any) (changed int64, err error) {
	stmt, err := l.prepare(l.ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(l.ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (l link) row(query string, args ...any) scanner {
	stmt, err := l.prepare(l.ctx, query)
	if err != nil {
		return failed{err}
	}
	return stmt.QueryRowContext(l.ctx, args...)
}

// rows calls scan for each row of the answer.
func (l link) rows(scan func(scanner) error, query string, args ...any) error {
	stmt, err := l.prepare(l.ctx, query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(l.ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

type scanner interface{ Scan(...any) error }

type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// A reader reads what has been committed, on connections that cannot write.
type reader struct {
	db     *sql.DB
	places chan struct{} // one for each connection, taken while it reads
	stmts  sync.Map      // query → *sql.Stmt
}

func (r *reader) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := r.stmts.Load(query); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := r.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if other, raced := r.stmts.LoadOrStore(query, stmt); raced {
		return other.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}

func (r *reader) close() error {
	var errs []error
	r.stmts.Range(func(_, stmt any) bool {
		errs = append(errs, stmt.(*sql.Stmt).Close())
		return true
	})
	return errors.Join(append(errs, r.db.Close())...)
}

// read runs f on what has been committed, and explains what went wrong. It waits
// for a place until ctx ends; what it then reads is little, and a context that
// could end would cost the driver a goroutine for each statement.
func (s *Store) read(ctx context.Context, what string, f func(link) error) error {
	select {
	case s.reader.places <- struct{}{}:
		defer func() { <-s.reader.places }()
		return explain(what, f(link{context.Background(), s.reader.prepare}))
	case <-ctx.Done():
		return explain(what, context.Cause(ctx))
	}
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
