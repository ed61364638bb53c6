package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"sidetext/chat"
)

// A writer makes all changes, on one connection. A disk can sync only so often;
// so whatever was asked for while the last commit was on its way shares the
// next, each request in a savepoint of its own so that one failure spoils
// nobody else's. Nobody hears that a change is kept before it is durable.
type writer struct {
	db    *sql.DB
	log   *slog.Logger
	queue chan request
	stop  chan struct{}
	once  sync.Once
	ended sync.WaitGroup

	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

type request struct {
	do   func(link) error
	done chan error
}

const (
	// waiting is how many requests may queue; beyond it callers wait for a
	// place until their context ends.
	waiting = 1024
	// together is how many requests share one commit at most.
	together = 128
	// gathering bounds how long the first request of a commit waits for others.
	gathering = 5 * time.Millisecond
	// commitWithin is when a commit is given up.
	commitWithin = 10 * time.Second
)

func newWriter(db *sql.DB, log *slog.Logger) *writer {
	w := &writer{db: db, log: log, queue: make(chan request, waiting), stop: make(chan struct{})}
	w.ended.Go(w.run)
	return w
}

// do runs f in a transaction and returns once that is durable, or undone.
func (w *writer) do(ctx context.Context, f func(link) error) error {
	r := request{f, make(chan error, 1)}
	select {
	case <-w.stop:
		return chat.ErrUnavailable
	default:
	}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-w.stop:
		return chat.ErrUnavailable
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done(): // it may yet be kept: whoever asks again must ask for the same
		return context.Cause(ctx)
	}
}

// close answers everything that is queued, then closes the database.
func (w *writer) close() error {
	w.once.Do(func() { close(w.stop) })
	w.ended.Wait()
	w.reset()
	return w.db.Close()
}

func (w *writer) run() {
	for {
		select {
		case r := <-w.queue:
			w.commit(r)
		case <-w.stop:
			for {
				select {
				case r := <-w.queue:
					w.commit(r)
				default:
					return
				}
			}
		}
	}
}

// commit runs first, and whatever else is waiting, in one transaction.
func (w *writer) commit(first request) {
	ctx, cancel := context.WithTimeout(context.Background(), commitWithin)
	defer cancel()
	l := link{ctx, w.prepare}
	if err := w.begin(ctx); err != nil {
		first.done <- err
		return
	}
	var kept []request
	var broken error
	until := time.Now().Add(gathering)
	for r, more := first, true; more && broken == nil; {
		var err error
		if err, broken = w.attempt(l, r); err != nil {
			r.done <- err
		} else {
			kept = append(kept, r)
		}
		if more = len(kept) < together && time.Now().Before(until); more {
			select {
			case r = <-w.queue:
			default:
				more = false
			}
		}
	}
	err := broken
	if err == nil {
		_, err = l.exec("COMMIT")
	}
	if err != nil {
		// The transaction may be half alive: only a fresh connection is sure.
		w.reset()
		err = fmt.Errorf("commit: %w", err)
	}
	for _, r := range kept {
		r.done <- err
	}
}

// attempt runs one request in a savepoint. broken means that the transaction
// as a whole is of no more use.
func (w *writer) attempt(l link, r request) (err, broken error) {
	if _, err := l.exec("SAVEPOINT request"); err != nil {
		return err, err
	}
	if err := w.safely(l, r.do); err != nil {
		if _, broken := l.exec("ROLLBACK TO SAVEPOINT request"); broken != nil {
			return err, broken
		}
		_, broken := l.exec("RELEASE SAVEPOINT request")
		return err, broken
	}
	_, err = l.exec("RELEASE SAVEPOINT request")
	return err, err
}

func (w *writer) safely(l link, f func(link) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.log.Error("a change panicked", "stack", string(debug.Stack()))
			err = errors.New("panic in a change")
		}
	}()
	return f(l)
}

func (w *writer) begin(ctx context.Context) (err error) {
	if w.conn == nil {
		if w.conn, err = w.db.Conn(ctx); err != nil {
			w.conn = nil
			return fmt.Errorf("connect: %w", err)
		}
		w.stmts = map[string]*sql.Stmt{}
	}
	// IMMEDIATE: a transaction that reads first and writes later can fail at
	// once when another process has written in between, however long it may wait.
	if _, err = (link{ctx, w.prepare}).exec("BEGIN IMMEDIATE"); err != nil {
		w.reset()
		return fmt.Errorf("begin: %w", err)
	}
	return nil
}

func (w *writer) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := w.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	w.stmts[query] = stmt
	return stmt, nil
}

// reset gives the connection up; the next request gets a new one.
func (w *writer) reset() {
	if w.conn == nil {
		return
	}
	for _, stmt := range w.stmts {
		_ = stmt.Close()
	}
	// Raw with ErrBadConn makes the pool close the connection instead of
	// keeping it, and with it ends whatever transaction it was in.
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = w.conn.Close()
	w.conn, w.stmts = nil, nil
}
