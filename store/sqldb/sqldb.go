// Package sqldb opens a SQLite file or a PostgreSQL database and runs
// transactions on it: changes are committed in groups and are durable when
// Write returns, reads see what has been committed. The same SQL text runs on
// both engines. The only table that this package knows is migrations.
package sqldb

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"time"
)

// ErrClosed is returned for a request to a database that is closed, or closing.
var ErrClosed = errors.New("the database is closed")

// Config says which database to open, and how.
type Config struct {
	Address    string // "sqlite:PATH" or "postgres://USER:PASSWORD@HOST/DATABASE"
	Create     bool   // make a SQLite file that is missing
	Migrations fs.FS  // migrations/*.sql, each applied once, in the order of their names
	// Check, if not nil, runs before the migrations on a database that is not new. If
	// it returns an error, the database is not opened.
	Check func(Tx) error
	// Prepare, if not nil, runs when the database can be used, before Open returns.
	Prepare func(context.Context, *DB) error
	Writers int // connections that write to PostgreSQL; 0: 2
	Log     *slog.Logger
}

// A DB is an open database. Its methods may be called concurrently.
type DB struct {
	engine engine
	writer *writer
	reader reader
	clock  *clock

	closing  sync.Once
	closeErr error
}

// openWait is how long Open retries while other processes start or write.
const openWait = 10 * time.Second

// Open opens a database, brings its schema up to date and prepares it. While
// another process holds the database it retries for up to 10 seconds.
func Open(ctx context.Context, c Config) (*DB, error) {
	e, err := newEngine(c)
	if err != nil {
		return nil, err
	}
	if err := e.find(c.Create); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return openEngine(ctx, e, c)
}

func openEngine(ctx context.Context, e engine, c Config) (*DB, error) {
	for until := time.Now().Add(openWait); ; {
		db, err := open(ctx, e, c)
		if err == nil {
			return db, nil
		}
		if !e.busy(err) || time.Now().After(until) || ctx.Err() != nil {
			return nil, errors.Join(e.explain(err), e.close())
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func open(ctx context.Context, e engine, c Config) (*DB, error) {
	if err := migrate(ctx, e, c); err != nil {
		return nil, err
	}
	reader, err := e.openReader()
	if err != nil {
		return nil, err
	}
	db := &DB{engine: e, writer: newWriter(e, c.Log), reader: reader}
	if c.Prepare != nil {
		err = c.Prepare(ctx, db)
	}
	if err == nil {
		db.clock, err = newClock(ctx, db.serverTime)
	}
	if err != nil {
		db.writer.close()
		db.reader.close()
		return nil, err
	}
	return db, nil
}

// Write runs f in a transaction and returns once that is durable, or rolled
// back. After it has returned, f is not called any more. f may run more than once:
// after a conflict with another transaction, or a lost connection.
func (db *DB) Write(ctx context.Context, f func(Tx) error) error { return db.writer.do(ctx, f) }

// Read runs f on what has been committed. Each statement of f sees the newest
// commit; f cannot change anything.
func (db *DB) Read(ctx context.Context, f func(Tx) error) error { return db.reader.read(ctx, f) }

// Retries is how many requests have been run again since Open, because of a
// conflict with another transaction or a lost connection.
func (db *DB) Retries() int64 { return db.writer.retries.Load() }

// RoundTrips is how many round trips to the server there were since Open; 0 on
// SQLite.
func (db *DB) RoundTrips() int64 { return db.engine.roundTrips() }

// Shared reports whether other machines may use the same database.
func (db *DB) Shared() bool {
	_, server := db.engine.(*postgresEngine)
	return server
}

// Now is the database's time. All nodes agree on it.
func (db *DB) Now() time.Time { return db.clock.now() }

// Skew is how far the database's clock is ahead of this machine's.
func (db *DB) Skew() time.Duration { return db.clock.skew() }

// Close runs the queued requests, refuses later ones with ErrClosed, and closes
// every connection.
func (db *DB) Close() error {
	db.closing.Do(func() {
		db.clock.close()
		db.writer.close()
		db.closeErr = errors.Join(db.reader.close(), db.engine.close())
	})
	return db.closeErr
}

func (db *DB) serverTime(ctx context.Context) (at time.Time, err error) {
	err = db.reader.read(ctx, func(tx Tx) error {
		at, err = db.engine.now(tx)
		return err
	})
	return at, err
}
