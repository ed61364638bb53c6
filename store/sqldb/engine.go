package sqldb

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// An engine makes connections to one database. There are two: sqliteEngine and
// postgresEngine.
type engine interface {
	// find checks that a SQLite file exists; with create, it creates a missing one.
	// For a server it does nothing, because connect reports what is missing.
	find(create bool) error
	// connect makes a connection that writes.
	connect(context.Context) (conn, error)
	// openReader makes the pool of connections that only read.
	openReader() (reader, error)
	// writers is how many connections may write at the same time.
	writers() int
	// busy reports whether an error is due to what other processes do now, so
	// that trying again soon may succeed.
	busy(error) bool
	// explain turns an error into one that tells an operator why the database can't
	// be used.
	explain(error) error
	// now reads the server's clock; errNoClock where that is this machine's.
	now(Tx) (time.Time, error)
	roundTrips() int64
	// close releases what is left once every connection is closed.
	close() error
}

// A conn is one writing connection. One goroutine uses it at a time.
type conn interface {
	querier
	// begin begins a transaction; with exclusive, no other exclusive
	// transaction runs until it ends.
	begin(exclusive bool) error
	// savepoint begins a request, which can be rolled back by itself.
	savepoint() error
	// release ends a request. It fails when a deferred statement of it did.
	release() error
	// rollback undoes the request.
	rollback() error
	commit() error
	// rolledBack reports whether a commit that failed with err certainly kept
	// nothing.
	rolledBack(err error) bool
	// script runs statements without arguments and without a time limit.
	script(text string) error
	// conflict reports whether a request failed only because of a concurrent
	// transaction.
	conflict(error) bool
	// usable reports whether the connection can be used after err.
	usable(err error) bool
	close()
}

// A reader runs reads on what has been committed.
type reader interface {
	read(ctx context.Context, f func(Tx) error) error
	// close waits for running reads; later ones get ErrClosed.
	close() error
}

// CheckAddress reports in one sentence, without the password, what is wrong
// with a database's address. It does not connect.
func CheckAddress(address string) error {
	if strings.HasPrefix(address, "sqlite:") {
		return nil
	}
	_, err := pgx.ParseConfig(address)
	switch {
	case err == nil:
		return nil
	case strings.Contains(err.Error(), "sslmode"):
		return errors.New("unknown sslmode")
	}
	return errors.New("it can't be parsed; in a password, characters like / @ : and % must be percent-encoded")
}

func newEngine(c Config) (engine, error) {
	address := c.Address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok && path != "" {
		return &sqliteEngine{path: path}, nil
	}
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		e, err := newPostgres(address, c.Log)
		if err == nil && c.Writers > 0 {
			e.count = c.Writers
		}
		return e, err
	}
	return nil, errors.New("store: the address of the database must look like sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE")
}
