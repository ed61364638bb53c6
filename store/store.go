// Package store has the queries: what Sidetext keeps, in SQL that runs on
// SQLite and PostgreSQL alike. A method that changes something returns once the
// change is durable. Every query names the shop.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// A Store is an open database. Its methods may be called concurrently.
type Store struct {
	db        *sqldb.DB
	seal      *Seal
	epoch     string
	node      string      // this node's name in the table nodes
	hasCanary atomic.Bool // this node has a row in the table nodes
}

// A tx is one transaction or read, with the queries of this package as methods.
type tx struct{ sqldb.Tx }

// Open opens, and if need be creates, the database that url names: "sqlite:PATH",
// or "postgres://USER:PASSWORD@HOST/DATABASE". key encrypts vendors' secrets: 32
// bytes. While other processes start or write, it retries for up to 10 seconds.
func Open(ctx context.Context, url string, key []byte, log *slog.Logger) (*Store, error) {
	return open(ctx, sqldb.Config{Address: url, Create: true, Log: log}, key)
}

// Reopen is Open for a database that must exist already: a wrong path is an
// error, and not a new database.
func Reopen(ctx context.Context, url string, key []byte, log *slog.Logger) (*Store, error) {
	return open(ctx, sqldb.Config{Address: url, Log: log}, key)
}

func open(ctx context.Context, config sqldb.Config, key []byte) (*Store, error) {
	if path, file := strings.CutPrefix(config.Address, "sqlite:"); file && !config.Create && path != "" {
		if err := sqldb.FindSQLite(path); err != nil {
			return nil, err // before the key: without a database there may be none
		}
	}
	seal, err := NewSeal(key)
	if err != nil {
		return nil, err
	}
	s := &Store{node: random(), seal: seal}
	config.Migrations, config.Check = migrations, checkNotMoved
	config.Prepare = func(ctx context.Context, db *sqldb.DB) (err error) {
		s.db = db
		if err = s.checkKey(ctx); err == nil {
			err = s.settleCopy(ctx, config.Log)
		}
		if err == nil {
			s.epoch, err = s.loadEpoch(ctx)
		}
		return err
	}
	if s.db, err = sqldb.Open(ctx, config); err != nil {
		return nil, err
	}
	return s, nil
}

// Close finishes what is being written, removes this node's mark, so that
// EnsureIdle need not wait until it is old, and closes the database.
func (s *Store) Close() error {
	if s.hasCanary.CompareAndSwap(true, false) {
		s.deleteCanary()
	}
	return s.db.Close()
}

// Epoch names this incarnation of the database. A restored backup gets another
// one: then the revisions that browsers remember are void.
func (s *Store) Epoch() string { return s.epoch }

func (s *Store) loadEpoch(ctx context.Context) (epoch string, err error) {
	err = s.db.Write(ctx, func(tx sqldb.Tx) error {
		fresh := chat.NewID[string](time.Now())
		if _, err := tx.Exec(`INSERT INTO about (name, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING`, fresh); err != nil {
			return err
		}
		return tx.Row(`SELECT value FROM about WHERE name = 'epoch'`).Scan(&epoch)
	})
	return epoch, err
}

// Ready reports whether the database can be written right now.
func (s *Store) Ready(ctx context.Context) error {
	return s.db.Write(ctx, func(tx sqldb.Tx) error {
		// A new value each time: one that does not change is not written at all.
		_, err := tx.Exec(`INSERT INTO about (name, value) VALUES ('ready', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, chat.NewID[string](time.Now()))
		return err
	})
}

// Retried is how many changes were run again since Open, because of a conflict
// with another transaction or a lost connection.
func (s *Store) RetriedWrites() int64 { return s.db.Retries() }

// Now is the database's time; all nodes agree on it.
func (s *Store) Now() time.Time { return s.db.Now() }

// Skew is how far the database's clock is ahead of this machine's.
func (s *Store) Skew() time.Duration { return s.db.Skew() }

// read runs f on what has been committed. action names what it does, for errors.
func (s *Store) read(ctx context.Context, action string, f func(tx) error) error {
	return wrap(action, s.db.Read(ctx, func(t sqldb.Tx) error { return f(tx{t}) }))
}

// write runs f in a transaction of its own and returns once it is durable.
func (s *Store) write(ctx context.Context, action string, f func(tx) error) error {
	return wrap(action, s.db.Write(ctx, func(t sqldb.Tx) error { return f(tx{t}) }))
}

// wrap makes a database's error one of the domain: not found, or unavailable.
func wrap(action string, err error) error {
	var domain *chat.Error
	switch {
	case err == nil || errors.As(err, &domain) || errors.Is(err, chat.ErrRepeat):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return chat.ErrNotFound
	}
	return fmt.Errorf("store: %s: %w", action, unavailable{err})
}

// unavailable is chat.ErrUnavailable with a cause. Its text is the cause's only:
// the sentence for people does not belong in a log.
type unavailable struct{ cause error }

func (u unavailable) Error() string   { return u.cause.Error() }
func (u unavailable) Unwrap() []error { return []error{chat.ErrUnavailable, u.cause} }

// Times are stored as microseconds since 1970; the zero time as 0.
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
