package sqldb

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// A worker runs requests on one writing connection, a group in a transaction.
type worker struct {
	*writer
	conn     conn       // nil until it is needed, and after an error
	deferred []*request // had a conflict, and run first in the next group
	yield    bool       // the first deferred request timed out on a lock: run new requests before it
}

// Limits for a request that conflicts with other transactions.
const (
	maxTries       = 20
	maxTryTime     = 5 * time.Second
	connectTimeout = 5 * time.Second
)

func (w *worker) run() {
	defer w.drop()
	for {
		if r := w.next(); r != nil {
			w.runGroup(r)
			continue
		}
		select {
		case r := <-w.queue:
			w.runGroup(r)
		case <-w.stop:
			for r := w.next(); r != nil; r = w.next() {
				w.runGroup(r)
			}
			return
		}
	}
}

// next returns a deferred or queued request, or nil.
func (w *worker) next() *request {
	if w.yield {
		if r := w.queued(); r != nil {
			return r
		}
	}
	if len(w.deferred) > 0 {
		r := w.deferred[0]
		w.deferred = w.deferred[1:]
		return r
	}
	return w.queued()
}

func (w *worker) queued() *request {
	select {
	case r := <-w.queue:
		return r
	default:
		return nil
	}
}

// nextInGroup is next for a group that has begun.
func (w *worker) nextInGroup() *request {
	if w.yield {
		return w.queued()
	}
	return w.next()
}

// take reports whether the request is to be run: its caller still waits.
func (r *request) take() bool { return r.tries > 0 || r.taken.CompareAndSwap(false, true) }

// A result is what a request's caller gets after the commit.
type result struct {
	of  *request
	err error
}

// runGroup runs first, and whatever else is waiting, in one transaction.
func (w *worker) runGroup(first *request) {
	if err := w.begin(); err != nil {
		w.refuse(first, err)
		return
	}
	results := make([]result, 0, maxGroup)
	var deferred []*request
	var broken error
	until := time.Now().Add(w.groupWait)
	for r := first; r != nil; {
		if r.take() {
			var err error
			err, broken = w.attempt(r)
			if broken == nil && w.mayRetry(r, err) {
				// Another transaction waits for what this one holds: end it now.
				deferred, until = append(deferred, r), time.Time{}
			} else {
				results = append(results, result{r, err})
			}
		}
		r = nil
		if broken == nil && len(results) < maxGroup && time.Now().Before(until) {
			r = w.nextInGroup()
		}
	}
	lost := broken != nil && !w.conn.usable(broken)
	if broken == nil {
		broken = w.conn.commit()
		lost = broken != nil && w.conn.rolledBack(broken)
	}
	if lost {
		results, deferred = w.retryAll(results, deferred)
	}
	if broken != nil {
		w.drop() // the transaction may still be open in it
	}
	if w.yield = !lost && len(deferred) > 0 && deferred[0] == first; w.yield {
		w.deferred = append(w.deferred, deferred...)
	} else {
		w.deferred = append(deferred, w.deferred...)
	}
	// A request that failed is also answered after the commit: its error (a repeated
	// text, a used link) may depend on another request of the group.
	for _, a := range results {
		if broken != nil {
			a.err = fmt.Errorf("commit: %w", broken)
		}
		a.of.done <- a.err
	}
}

// retryAll defers every request that may be run again after the group was lost,
// and returns the results of the rest.
func (w *worker) retryAll(results []result, deferred []*request) (rest []result, all []*request) {
	for _, a := range results {
		if w.countRetry(a.of) {
			all = append(all, a.of)
		} else {
			rest = append(rest, a)
		}
	}
	return rest, append(all, deferred...)
}

func (w *worker) mayRetry(r *request, err error) bool {
	return err != nil && w.conn.conflict(err) && w.countRetry(r)
}

// countRetry counts a failed try, and reports whether there may be another.
func (w *worker) countRetry(r *request) bool {
	r.tries++
	if r.tries == 1 {
		r.since = time.Now()
	}
	if r.tries > maxTries || time.Since(r.since) > maxTryTime {
		return false
	}
	w.retries.Add(1)
	return true
}

// refuse answers r and every request that waits now with an error. So when the
// database is locked or unreachable, no caller waits longer than the first.
func (w *worker) refuse(r *request, why error) {
	w.yield = false
	waiting := len(w.queue) + len(w.deferred)
	for ; r != nil; waiting-- {
		if r.take() {
			r.done <- why
		}
		r = nil
		if waiting > 0 {
			r = w.next()
		}
	}
}

// tx has no context that can end: a group is short, a commit cannot be
// cancelled half way, and with a context that can end the SQLite driver starts
// a goroutine for each statement.
func (w *worker) tx() Tx { return Tx{context.Background(), w.conn} }

// attempt runs one request in a savepoint. If broken is not nil, the transaction
// can't continue.
func (w *worker) attempt(r *request) (err, broken error) {
	if err := w.conn.savepoint(); err != nil {
		return err, err
	}
	if err = w.call(r.do); err == nil {
		err = w.conn.release()
	}
	if err != nil {
		broken = w.conn.rollback()
		if broken == nil && !w.conn.usable(err) {
			broken = err
		}
	}
	return err, broken
}

// call turns a panic of f into an error.
func (w *worker) call(f func(Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.log.Error("panic in a transaction", "stack", string(debug.Stack()))
			err = errors.New("panic in a transaction")
		}
	}()
	return f(w.tx())
}

var errConnect = errors.New("connect to the database")

func (w *worker) begin() error {
	if w.conn != nil && !w.conn.usable(nil) {
		w.drop()
	}
	if w.conn == nil {
		ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
		defer cancel()
		c, err := w.engine.connect(ctx)
		if err != nil {
			return errors.Join(errConnect, err)
		}
		w.conn = c
	}
	if err := w.conn.begin(false); err != nil {
		w.drop()
		return fmt.Errorf("begin: %w", err)
	}
	return nil
}

// drop closes the connection; the next group makes a new one.
func (w *worker) drop() {
	if w.conn != nil {
		w.conn.close()
		w.conn = nil
	}
}
