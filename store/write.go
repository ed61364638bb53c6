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
	"sync/atomic"
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
	queue chan *request
	stop  chan struct{} // closed when nothing more may queue
	ended chan struct{} // closed when nothing more will be taken from the queue
	once  sync.Once

	// patience bounds how long the first request of a commit waits for others.
	patience time.Duration

	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

type request struct {
	do    func(link) error
	done  chan error
	taken atomic.Bool // by the writer, or by a caller who waits no longer
}

const (
	// waiting is how many requests may queue; beyond it callers wait for a
	// place until their context ends.
	waiting = 1024
	// together is how many requests share one commit at most.
	together = 128
)

func newWriter(db *sql.DB, log *slog.Logger) *writer {
	w := &writer{
		db: db, log: log, queue: make(chan *request, waiting), stop: make(chan struct{}), ended: make(chan struct{}),
		patience: 5 * time.Millisecond,
	}
	go w.run()
	return w
}

// do runs f in a transaction and returns once that is durable, or undone. When
// it returns f is not running and never will be.
func (w *writer) do(ctx context.Context, f func(link) error) error {
	r := &request{do: f, done: make(chan error, 1)}
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
	var gone error
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		gone = context.Cause(ctx)
	case <-w.ended:
		gone = chat.ErrUnavailable
	}
	if r.taken.CompareAndSwap(false, true) {
		return gone
	}
	return <-r.done // what has begun ends soon
}

// close answers everything that is queued, then closes the database.
func (w *writer) close() error {
	w.once.Do(func() { close(w.stop) })
	<-w.ended
	w.reset()
	return w.db.Close()
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		select {
		case r := <-w.queue:
			w.commit(r)
		case <-w.stop:
			for r := w.next(); r != nil; r = w.next() {
				w.commit(r)
			}
			return
		}
	}
}

// next is what has queued, or nil.
func (w *writer) next() *request {
	select {
	case r := <-w.queue:
		return r
	default:
		return nil
	}
}

// commit runs first, and whatever else is waiting, in one transaction.
func (w *writer) commit(first *request) {
	if err := w.begin(); err != nil {
		w.refuse(first, err)
		return
	}
	type answer struct {
		to  *request
		err error
	}
	answers := make([]answer, 0, together)
	var broken error
	until := time.Now().Add(w.patience)
	for r := first; r != nil; {
		if r.taken.CompareAndSwap(false, true) {
			var err error
			err, broken = w.attempt(w.link(), r)
			answers = append(answers, answer{r, err})
		}
		if r = nil; broken == nil && len(answers) < together && time.Now().Before(until) {
			r = w.next()
		}
	}
	if broken == nil {
		_, broken = w.link().exec("COMMIT")
	}
	if broken != nil {
		// The transaction may be half alive: only a fresh connection is sure.
		w.reset()
	}
	// Also who is refused waits for the commit: that a text was heard before, or
	// a link used, may rest on what another request has just done in it.
	for _, a := range answers {
		if broken != nil {
			a.err = fmt.Errorf("commit: %w", broken)
		}
		a.to.done <- a.err
	}
}

// refuse tells everybody who waits by now, so that a locked or lost database
// keeps nobody longer than the first.
func (w *writer) refuse(r *request, why error) {
	for n := len(w.queue); ; n-- {
		if r.taken.CompareAndSwap(false, true) {
			r.done <- why
		}
		if n == 0 {
			return
		}
		r = <-w.queue
	}
}

// link speaks to the writing connection, without a context that can end: what
// runs here is short, a commit cannot be called off half way, and a context that
// could end would cost the driver a goroutine for each statement.
func (w *writer) link() link { return link{context.Background(), w.prepare} }

// attempt runs one request in a savepoint. broken means that the transaction
// as a whole is of no more use.
func (w *writer) attempt(l link, r *request) (err, broken error) {
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

func (w *writer) begin() (err error) {
	if w.conn == nil {
		if w.conn, err = w.db.Conn(context.Background()); err != nil {
			w.conn = nil
			return fmt.Errorf("connect: %w", err)
		}
		w.stmts = map[string]*sql.Stmt{}
	}
	// IMMEDIATE: a transaction that reads first and writes later can fail at
	// once when another process has written in between, however long it may wait.
	if _, err = w.link().exec("BEGIN IMMEDIATE"); err != nil {
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
