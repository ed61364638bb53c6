package store

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// An engine makes connections to one database.
type engine interface {
	// find makes sure that the database is there; with create it makes it.
	find(ctx context.Context, create bool) error
	// connect makes a connection, one that writes or one that only reads.
	connect(ctx context.Context, writes bool) (conn, error)
	// busy reports whether connecting failed only because of what others do now.
	busy(error) bool
	// plain says in plain words why the database can't be opened.
	plain(error) error
	// crew is how many connections write and how many read.
	crew() (writers, readers int)
	// now asks for the database's time; errNoClock where that is this
	// machine's.
	now(link) (time.Time, error)
	// close ends all that is left once every connection is closed.
	close() error
}

// A conn is one connection, used by one goroutine at a time.
type conn interface {
	speaker
	// begin begins a transaction. alone keeps every other such transaction away
	// until it ends.
	begin(alone bool) error
	// save begins a request: what follows can be undone by itself.
	save() error
	// keep ends a request. It fails when something in it did.
	keep() error
	// undo ends a request that failed, as if it had never begun.
	undo() error
	commit() error
	// undone reports whether a commit that failed so has surely kept nothing.
	undone(error) bool
	// script runs statements without arguments, however long they take.
	script(text string) error
	// again reports whether a request failed only because of what somebody else
	// did at the same time.
	again(error) bool
	// fit reports whether the connection can be used, or used on after err.
	fit(err error) bool
	close()
}

// Check says in one sentence, without the password, what is wrong with a
// database's address. Whether there is a database it does not ask.
func Check(address string) error {
	if strings.HasPrefix(address, "sqlite:") {
		return nil
	}
	_, err := pgx.ParseConfig(address)
	switch {
	case err == nil:
		return nil
	case strings.Contains(err.Error(), "sslmode"):
		return errors.New("it says an sslmode that there is not")
	}
	return errors.New("it can't be read; in a password, characters like / @ : and % have to be percent-encoded")
}

// engineFor is the engine that a database's address asks for.
func engineFor(address string, log *slog.Logger) (engine, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok && path != "" {
		return newSQLite(path), nil
	}
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return newPostgres(address, log)
	}
	return nil, errors.New("store: the address of the database must look like sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE")
}
