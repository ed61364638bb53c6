package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// A sqliteReader reads through the connections of a sql.DB. Each statement is
// prepared once and takes whichever connection is free.
type sqliteReader struct {
	db     *sql.DB
	places chan struct{} // one for each read that may run at the same time
	ended  chan struct{} // closed when no more reads may begin

	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

func newSQLiteReader(path string) *sqliteReader {
	db := sql.OpenDB(SQLite{Path: path, ReadOnly: true})
	db.SetMaxOpenConns(sqliteReaders)
	db.SetMaxIdleConns(sqliteReaders)
	return &sqliteReader{db: db, places: make(chan struct{}, sqliteReaders), ended: make(chan struct{}), stmts: map[string]*sql.Stmt{}}
}

// read waits for a place until ctx ends. As there is a connection for each place, no
// statement waits for one.
func (r *sqliteReader) read(ctx context.Context, f func(Tx) error) error {
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.ended:
		return ErrClosed
	}
	return f(Tx{ctx, r})
}

func (r *sqliteReader) close() error {
	for range cap(r.places) {
		r.places <- struct{}{}
	}
	close(r.ended)
	var err error
	for _, stmt := range r.stmts {
		err = errors.Join(err, stmt.Close())
	}
	return errors.Join(err, r.db.Close())
}

func (r *sqliteReader) prepare(query string) (*sql.Stmt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stmt := r.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := r.db.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	r.stmts[query] = stmt
	return stmt, nil
}

// Statements run without the caller's context: they are short, and with a
// context that can end the driver starts a goroutine for each of them.

func (r *sqliteReader) row(_ context.Context, query string, args []any) Scanner {
	stmt, err := r.prepare(query)
	if err != nil {
		return rowError{err}
	}
	return stmt.QueryRowContext(context.Background(), args...)
}

func (r *sqliteReader) rows(_ context.Context, scan func(Scanner) error, query string, args []any) error {
	stmt, err := r.prepare(query)
	if err != nil {
		return err
	}
	return scanAll(stmt, scan, args)
}

func (r *sqliteReader) exec(_ context.Context, query string, args []any) (changed int64, err error) {
	stmt, err := r.prepare(query)
	if err != nil {
		return 0, err
	}
	return execStmt(stmt, args)
}

func (r *sqliteReader) execLater(ctx context.Context, query string, args []any) error {
	_, err := r.exec(ctx, query, args)
	return err
}

func (*sqliteReader) lock(context.Context, string, []any) error { return nil }
func (*sqliteReader) exclusive(context.Context, string) error   { return nil }
