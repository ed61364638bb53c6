// Package store has the queries and the schema: SQL that runs on
// SQLite and PostgreSQL alike. A method that changes data returns once the
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

	suppressions chat.Secret // the key of the hashes of opt-outs that outlast an erasure

	// PhoneZone returns the time zone of a phone, for the profiles of people whose address
	// has none: an IANA name, or "". It is set before the Store is used; nil: unknown.
	PhoneZone func(chat.Phone) string
}

// A tx is one transaction or read, with the queries of this package as methods.
type tx struct {
	sqldb.Tx
	suppressions chat.Secret // see Store
	phoneZone    func(chat.Phone) string
}

// Open opens the database at url, "sqlite:PATH" or
// "postgres://USER:PASSWORD@HOST/DATABASE", and creates its file or tables if they
// are missing. key, of 32 bytes, encrypts vendors' secrets. While other processes
// start or write, Open retries for up to 10 seconds.
func Open(ctx context.Context, url string, key []byte, log *slog.Logger) (*Store, error) {
	return open(ctx, sqldb.Config{Address: url, Create: true, Log: log}, key)
}

// Reopen is Open for a database that must exist: with a wrong path it returns an
// error and creates nothing.
func Reopen(ctx context.Context, url string, key []byte, log *slog.Logger) (*Store, error) {
	return open(ctx, sqldb.Config{Address: url, Log: log}, key)
}

func open(ctx context.Context, config sqldb.Config, key []byte) (*Store, error) {
	if path, file := strings.CutPrefix(config.Address, "sqlite:"); file && !config.Create && path != "" {
		if err := sqldb.FindSQLite(path); err != nil {
			return nil, err // reported before a missing key, which is made with the database
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
		if err == nil {
			s.suppressions, err = s.loadSuppressionKey(ctx)
		}
		return err
	}
	if s.db, err = sqldb.Open(ctx, config); err != nil {
		return nil, err
	}
	return s, nil
}

// Close finishes running writes and closes the database. It removes this node's
// row first, so that upkeep.EnsureIdle need not wait until that is old.
func (s *Store) Close() error {
	if s.hasCanary.CompareAndSwap(true, false) {
		s.deleteCanary()
	}
	return s.db.Close()
}

// Epoch names this incarnation of the database. A restored backup gets another
// one, which voids the revisions that browsers remember.
func (s *Store) Epoch() string { return s.epoch }

func (s *Store) loadEpoch(ctx context.Context) (epoch string, err error) {
	err = s.db.Write(ctx, func(tx sqldb.Tx) error {
		id := chat.NewID[string](time.Now())
		if _, err := tx.Exec(`INSERT INTO about (name, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING`, id); err != nil {
			return err
		}
		return tx.Row(`SELECT value FROM about WHERE name = 'epoch'`).Scan(&epoch)
	})
	return epoch, err
}

// RetriedWrites counts the writes since Open that were retried after a conflict
// with another transaction or a lost connection.
func (s *Store) RetriedWrites() int64 { return s.db.Retries() }

// Now returns the database's time, on which all nodes agree.
func (s *Store) Now() time.Time { return s.db.Now() }

// Skew returns how far the database's clock is ahead of this machine's.
func (s *Store) Skew() time.Duration { return s.db.Skew() }

// read runs f on committed data. action says what f does, for the error's text.
func (s *Store) read(ctx context.Context, action string, f func(tx) error) error {
	return wrap(action, s.db.Read(ctx, func(t sqldb.Tx) error { return f(tx{t, s.suppressions, s.PhoneZone}) }))
}

// write runs f in its own transaction and returns once that is durable.
func (s *Store) write(ctx context.Context, action string, f func(tx) error) error {
	return wrap(action, s.db.Write(ctx, func(t sqldb.Tx) error { return f(tx{t, s.suppressions, s.PhoneZone}) }))
}

// wrap turns a database error into the domain's: ErrNotFound or ErrUnavailable.
// Errors of the domain stay as they are.
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

// unavailable is chat.ErrUnavailable with a cause. Its text is the cause's alone,
// because ErrUnavailable's is a sentence for people and this one goes to the log.
type unavailable struct{ cause error }

func (u unavailable) Error() string   { return u.cause.Error() }
func (u unavailable) Unwrap() []error { return []error{chat.ErrUnavailable, u.cause} }

// micros returns a time as it is stored: microseconds since 1970, or 0 for the
// zero time. timeOf is its inverse.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func timeOf(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// boolInt returns a bool as it is stored: 1 or 0.
func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// ignoreNoRows returns err, or nil if err says that there is no such row.
func ignoreNoRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
