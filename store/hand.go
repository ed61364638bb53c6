package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// A hand is one of a writer's connections.
type hand struct {
	*writer
	conn  conn       // nil until it is needed, and again after it broke
	aside []*request // were in somebody's way, and come first in the next commit
	yield bool       // but for one of these everybody has just waited: first the others
}

// How often a request is tried when somebody else is in its way, and for how long.
const (
	tries     = 20
	trying    = 5 * time.Second
	connectIn = 5 * time.Second
)

func (h *hand) run() {
	defer h.drop()
	for {
		if r := h.next(); r != nil {
			h.commit(r)
			continue
		}
		select {
		case r := <-h.queue:
			h.commit(r)
		case <-h.stop:
			for r := h.next(); r != nil; r = h.next() {
				h.commit(r)
			}
			return
		}
	}
}

// next is what was put aside or has queued, or nil.
func (h *hand) next() *request {
	if h.yield {
		if r := h.queued(); r != nil {
			return r
		}
	}
	if len(h.aside) > 0 {
		r := h.aside[0]
		h.aside = h.aside[1:]
		return r
	}
	return h.queued()
}

func (h *hand) queued() *request {
	select {
	case r := <-h.queue:
		return r
	default:
		return nil
	}
}

// another is next, for who is to share a commit.
func (h *hand) another() *request {
	if h.yield {
		return h.queued()
	}
	return h.next()
}

// mine reports whether the request is to be done: nobody has taken it back.
func (r *request) mine() bool { return r.tries > 0 || r.taken.CompareAndSwap(false, true) }

type told struct {
	to  *request
	err error
}

// commit runs first, and whatever else is waiting, in one transaction.
func (h *hand) commit(first *request) {
	if err := h.begin(); err != nil {
		h.refuse(first, err)
		return
	}
	answers := make([]told, 0, together)
	var aside []*request
	var broken error
	until := time.Now().Add(h.patience)
	for r := first; r != nil; {
		if r.mine() {
			var err error
			if err, broken = h.attempt(r); broken == nil && h.again(r, err) {
				// Others wait for what we hold while we wait for them: so no more now.
				aside, until = append(aside, r), time.Time{}
			} else {
				answers = append(answers, told{r, err})
			}
		}
		if r = nil; broken == nil && len(answers) < together && time.Now().Before(until) {
			r = h.another()
		}
	}
	lost := broken != nil && !h.conn.fit(broken)
	if broken == nil {
		broken = h.conn.commit()
		lost = broken != nil && h.conn.undone(broken)
	}
	if lost {
		// The connection is lost, and nothing was committed: once more, all of it.
		answers, aside = h.over(answers, aside)
	}
	if broken != nil {
		// The transaction may be half alive: only a fresh connection is sure.
		h.drop()
	}
	if h.yield = !lost && len(aside) > 0 && aside[0] == first; h.yield {
		h.aside = append(h.aside, aside...) // it has waited as long as anybody may
	} else {
		h.aside = append(aside, h.aside...)
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

// over puts aside whoever would get an answer, and has not been for too long.
func (h *hand) over(answers []told, aside []*request) (rest []told, all []*request) {
	for _, a := range answers {
		if h.retry(a.to) {
			all = append(all, a.to)
		} else {
			rest = append(rest, a)
		}
	}
	return rest, append(all, aside...)
}

// again reports whether a request that failed is to be tried once more.
func (h *hand) again(r *request, err error) bool {
	return err != nil && h.conn.again(err) && h.retry(r)
}

// retry counts a try in vain, and reports whether there may be another.
func (h *hand) retry(r *request) bool {
	if r.tries++; r.tries == 1 {
		r.since = time.Now()
	}
	if r.tries > tries || time.Since(r.since) > trying {
		return false
	}
	h.retried.Add(1)
	return true
}

// refuse tells everybody who waits by now, so that a locked or lost database
// keeps nobody longer than the first.
func (h *hand) refuse(r *request, why error) {
	h.yield = false
	for n := len(h.queue) + len(h.aside); r != nil; n-- {
		if r.mine() {
			r.done <- why
		}
		if r = nil; n > 0 {
			r = h.next()
		}
	}
}

// link speaks to the writing connection, without a context that can end: what
// runs here is short, a commit cannot be called off half way, and a context that
// could end would cost a goroutine for each statement.
func (h *hand) link() link { return link{context.Background(), h.conn} }

// attempt runs one request in a savepoint. broken means that the transaction
// as a whole is of no more use.
func (h *hand) attempt(r *request) (err, broken error) {
	if err := h.conn.save(); err != nil {
		return err, err
	}
	if err = h.safely(r.do); err == nil {
		err = h.conn.keep()
	}
	if err != nil {
		if broken = h.conn.undo(); broken == nil && !h.conn.fit(err) {
			broken = err
		}
	}
	return err, broken
}

func (h *hand) safely(f func(link) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			h.log.Error("a change panicked", "stack", string(debug.Stack()))
			err = errors.New("panic in a change")
		}
	}()
	return f(h.link())
}

var errConnect = errors.New("connect to the database")

func (h *hand) begin() error {
	if h.conn != nil && !h.conn.fit(nil) {
		h.drop()
	}
	if h.conn == nil {
		ctx, cancel := context.WithTimeout(context.Background(), connectIn)
		defer cancel()
		c, err := h.engine.connect(ctx, true)
		if err != nil {
			return errors.Join(errConnect, err)
		}
		h.conn = c
	}
	if err := h.conn.begin(false); err != nil {
		h.drop()
		return fmt.Errorf("begin: %w", err)
	}
	return nil
}

// drop gives the connection up; the next request gets a new one.
func (h *hand) drop() {
	if h.conn != nil {
		h.conn.close()
		h.conn = nil
	}
}
