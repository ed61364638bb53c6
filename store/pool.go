package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"sidetext/chat"
)

// A pool reads what has been committed, on connections that cannot write.
type pool struct {
	engine engine
	places chan struct{} // for as many as may read at the same time
	idle   chan conn     // that nobody uses right now
	open   atomic.Int64  // connections that there are
	ended  chan struct{} // closed when nobody may read any more
}

// resting bounds how long who can't have a connection of their own waits for one
// that others have.
const resting = 2 * time.Second

func newPool(e engine) *pool {
	_, readers := e.crew()
	return &pool{engine: e, places: make(chan struct{}, readers), idle: make(chan conn, readers), ended: make(chan struct{})}
}

// read runs f with a connection. It waits for one until ctx ends.
func (p *pool) read(ctx context.Context, f func(link) error) (err error) {
	select {
	case p.places <- struct{}{}:
		defer func() { <-p.places }()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-p.ended:
		return chat.ErrUnavailable
	}
	c, err := p.take(ctx)
	if err != nil {
		return errors.Join(errConnect, err)
	}
	defer func() { p.put(c, err) }()
	return f(link{ctx, c})
}

// take prefers a connection that is there: a server has only so many. When it has
// none left, those that we have must do.
func (p *pool) take(ctx context.Context) (conn, error) {
	for {
		select {
		case c := <-p.idle:
			if c.fit(nil) {
				return c, nil
			}
			p.drop(c)
			continue
		default:
		}
		c, err := p.engine.connect(ctx, false)
		if err == nil {
			p.open.Add(1)
			return c, nil
		}
		if !p.engine.busy(err) || p.open.Load() == 0 {
			return nil, err
		}
		select {
		case c := <-p.idle:
			if c.fit(nil) {
				return c, nil
			}
			p.drop(c)
		case <-ctx.Done():
			return nil, err
		case <-time.After(resting):
			return nil, err
		}
	}
}

// put gives a connection back after a use that ended with err.
func (p *pool) put(c conn, err error) {
	if c.fit(err) {
		p.idle <- c // there is room for all
	} else {
		p.drop(c)
	}
}

func (p *pool) drop(c conn) {
	p.open.Add(-1)
	c.close()
}

// close waits for those who read.
func (p *pool) close() {
	for range cap(p.places) {
		p.places <- struct{}{}
	}
	close(p.ended)
	for len(p.idle) > 0 {
		p.drop(<-p.idle)
	}
}
