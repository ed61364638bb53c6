package sqldb

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A postgresReader reads through a pool of connections that cannot write.
type postgresReader struct {
	engine *postgresEngine
	pool   *pgxpool.Pool
	turn   chan struct{} // held by the caller that waits for a shared connection

	mu     sync.Mutex
	closed bool
	active sync.WaitGroup
}

// shareWait is how long to wait for one of the open connections when the server
// refuses another.
const shareWait = 5 * time.Second

func (e *postgresEngine) openReader() (reader, error) {
	config, err := pgxpool.ParseConfig(e.config.ConnString())
	if err != nil {
		return nil, err
	}
	config.ConnConfig = e.config.Copy()
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	config.ConnConfig.StatementCacheCapacity = 256
	config.MaxConns, config.MinConns = postgresReaders, 0
	config.MaxConnLifetime = maxConnLifetime
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return e.setUp(ctx, conn, true) }
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	e.pool = pool
	return &postgresReader{engine: e, pool: pool, turn: make(chan struct{}, 1)}, nil
}

func (r *postgresReader) read(ctx context.Context, f func(Tx) error) error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return ErrClosed
	}
	r.active.Add(1)
	r.mu.Unlock()
	defer r.active.Done()
	return f(Tx{ctx, r})
}

func (r *postgresReader) close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.active.Wait()
	r.pool.Close()
	return nil
}

// acquire takes a connection from the pool. Where the server has none left for
// another one, those that are open are shared: pgxpool alone returns the server's
// refusal to every caller that finds no idle connection. Callers that were
// refused wait in turn, so that none starves.
func (r *postgresReader) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	conn, err := r.pool.Acquire(ctx)
	if err == nil || !r.canShare(err) {
		return conn, wrapConnect(err)
	}
	ctx, cancel := context.WithTimeout(ctx, shareWait)
	defer cancel()
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, wrapConnect(err)
	}
	for {
		conn, again := r.pool.Acquire(ctx)
		if again == nil || ctx.Err() == nil && !r.canShare(again) {
			return conn, wrapConnect(again)
		}
		select {
		case <-ctx.Done():
			return nil, wrapConnect(err)
		case <-time.After(time.Millisecond):
		}
	}
}

// canShare reports whether the server refused a connection, but others are open.
func (r *postgresReader) canShare(err error) bool {
	return r.engine.busy(err) && r.pool.Stat().TotalConns() > 0
}

func wrapConnect(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(errConnect, err)
}

// query runs a statement. If its connection turns out to be dead it is run once
// more on a new one: a server that restarted is no reason to fail.
func (r *postgresReader) query(ctx context.Context, query string, args []any) (*postgresRows, error) {
	for try := 1; ; try++ {
		conn, err := r.acquire(ctx)
		if err != nil {
			return nil, err
		}
		r.engine.trips.Add(1)
		release := func() error { conn.Release(); return nil }
		rows, err := conn.Query(ctx, query, args...)
		dead := false
		found, err := firstRow(rows, err, func() error { dead = conn.Conn().IsClosed(); return release() })
		if err == nil {
			found.release = release
			return found, nil
		}
		if !dead || ctx.Err() != nil || try > 1 {
			return nil, err
		}
		r.pool.Reset() // the others are likely dead too
	}
}

func (r *postgresReader) row(ctx context.Context, query string, args []any) Scanner {
	return rowOf(r.query(ctx, query, args))
}

func (r *postgresReader) rows(ctx context.Context, scan func(Scanner) error, query string, args []any) error {
	return scanRows(scan)(r.query(ctx, query, args))
}

func (r *postgresReader) exec(ctx context.Context, query string, args []any) (changed int64, err error) {
	rows, err := r.query(ctx, query, args)
	if err != nil {
		return 0, err
	}
	err = rows.end(nil)
	return rows.CommandTag().RowsAffected(), err
}

func (r *postgresReader) execLater(ctx context.Context, query string, args []any) error {
	_, err := r.exec(ctx, query, args)
	return err
}

// A connection that only reads takes no locks.
func (*postgresReader) lock(context.Context, string, []any) error { return nil }
func (*postgresReader) exclusive(context.Context, string) error   { return nil }
