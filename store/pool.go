package store

import (
	"context"
	"errors"
)

// A pool reads what has been committed, on connections that cannot write.
type pool struct {
	engine engine
	places chan conn // nil where there is no connection yet, or no more
}

func newPool(e engine) *pool {
	_, readers := e.crew()
	p := &pool{engine: e, places: make(chan conn, readers)}
	for range readers {
		p.places <- nil
	}
	return p
}

// read runs f with a connection. It waits for one until ctx ends.
func (p *pool) read(ctx context.Context, f func(link) error) error {
	select {
	case c := <-p.places:
		defer func() { p.places <- c }()
		if c != nil && !c.fit(nil) {
			c.close()
			c = nil
		}
		if c == nil {
			var err error
			if c, err = p.engine.connect(ctx, false); err != nil {
				return errors.Join(errConnect, err)
			}
		}
		err := f(link{ctx, c})
		if !c.fit(err) {
			c.close()
			c = nil
		}
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// close waits for those who read.
func (p *pool) close() {
	for range cap(p.places) {
		if c := <-p.places; c != nil {
			c.close()
		}
	}
}
