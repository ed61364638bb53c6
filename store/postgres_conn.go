package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A postgresConn is one connection to PostgreSQL. What nobody waits for travels
// with the next statement whose answer is needed, so that most requests cost a
// few round trips however much they write.
type postgresConn struct {
	engine *postgres
	conn   *pgx.Conn
	writes bool
	life   int64           // the engine's when it was made
	until  time.Time       // it is used
	known  map[string]bool // the statements that it has prepared

	waiting *pgx.Batch // what has not been sent yet
	mark    int        // how much of that is not this request's
	saved   bool       // this request's savepoint has been sent
	group   int        // requests in this transaction, so far
	trips   int64      // there and back
}

// A request that comes first may wait for a lock until the server's patience
// ends; those after it, which hold what others want, no longer than this.
const hurry = `SET LOCAL lock_timeout = 5`

// prepare makes a statement known. What waits goes first: should the statement be
// wrong, the savepoint is there.
func (c *postgresConn) prepare(ctx context.Context, query string) error {
	if c.known[query] {
		return nil
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	c.trips++
	if _, err := c.conn.Prepare(ctx, query, query); err != nil {
		return err
	}
	c.known[query] = true
	return nil
}

func (c *postgresConn) later(ctx context.Context, query string, args []any) error {
	if c.writes {
		return c.queue(ctx, query, args)
	}
	_, err := c.exec(ctx, query, args)
	return err
}

func (c *postgresConn) queue(ctx context.Context, query string, args []any) error {
	if err := c.prepare(ctx, query); err != nil {
		return err
	}
	if c.waiting == nil {
		c.waiting = &pgx.Batch{}
	}
	c.waiting.Queue(query, args...)
	return nil
}

// flush sends what waits. Its last answer says what became of the last of it.
func (c *postgresConn) flush(ctx context.Context) error {
	_, err := c.last(c.send(ctx))
	return err
}

// send sends what waits, and returns the answers with those of all but the last
// statement read.
func (c *postgresConn) send(ctx context.Context) (pgx.BatchResults, error) {
	if c.waiting == nil {
		return nil, nil
	}
	batch := c.waiting
	c.waiting, c.mark, c.saved = nil, 0, true
	c.trips++
	answers := c.conn.SendBatch(ctx, batch)
	for range batch.Len() - 1 {
		if _, err := answers.Exec(); err != nil {
			_ = answers.Close() // says the same once more
			return nil, err
		}
	}
	return answers, nil
}

func (c *postgresConn) last(answers pgx.BatchResults, err error) (tag pgconn.CommandTag, _ error) {
	if answers == nil {
		return tag, err
	}
	tag, err = answers.Exec()
	if closed := answers.Close(); err == nil {
		err = closed
	}
	return tag, err
}

func (c *postgresConn) exec(ctx context.Context, query string, args []any) (changed int64, err error) {
	if err := c.queue(ctx, query, args); err != nil {
		return 0, err
	}
	tag, err := c.last(c.send(ctx))
	return tag.RowsAffected(), err
}

func (c *postgresConn) row(ctx context.Context, query string, args []any) scanner {
	if err := c.queue(ctx, query, args); err != nil {
		return failed{err}
	}
	answers, err := c.send(ctx)
	if err != nil {
		return failed{err}
	}
	return oneRow{answers}
}

// A oneRow is a row that is on its way.
type oneRow struct{ answers pgx.BatchResults }

func (r oneRow) Scan(to ...any) error {
	err := r.answers.QueryRow().Scan(to...)
	if closed := r.answers.Close(); err == nil {
		err = closed
	}
	return err
}

func (c *postgresConn) rows(ctx context.Context, scan func(scanner) error, query string, args []any) (err error) {
	if err := c.queue(ctx, query, args); err != nil {
		return err
	}
	answers, err := c.send(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if closed := answers.Close(); err == nil {
			err = closed
		}
	}()
	rows, err := answers.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// alone names the lock that those who migrate take, one after the other. They
// may wait long, and their statements take long.
const alone = `BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(7237125829741)`

func (c *postgresConn) begin(solo bool) error {
	c.group, c.waiting, c.mark = 0, nil, 0
	if solo {
		return c.script(alone)
	}
	return c.queue(context.Background(), "BEGIN", nil)
}

func (c *postgresConn) save() error {
	ctx := context.Background()
	if c.group++; c.group == 2 {
		if err := c.queue(ctx, hurry, nil); err != nil {
			return err
		}
	}
	// What is queued before the savepoint belongs to nobody.
	if err := c.prepare(ctx, "SAVEPOINT request"); err != nil {
		return err
	}
	c.mark, c.saved = 0, false
	if c.waiting != nil {
		c.mark = c.waiting.Len()
	}
	return c.queue(ctx, "SAVEPOINT request", nil)
}

func (c *postgresConn) keep() error {
	const release = "RELEASE SAVEPOINT request"
	ctx := context.Background()
	idle := !c.saved && c.waiting != nil && c.waiting.Len() == c.mark+1
	if err := c.queue(ctx, release, nil); err != nil || idle {
		return err
	}
	return c.flush(ctx)
}

func (c *postgresConn) undo() error {
	if !c.saved {
		// Nothing of it has been sent.
		c.waiting.QueuedQueries = c.waiting.QueuedQueries[:c.mark]
		if c.mark == 0 {
			c.waiting = nil
		}
		return nil
	}
	c.waiting = nil
	return c.script("ROLLBACK TO SAVEPOINT request; RELEASE SAVEPOINT request")
}

func (c *postgresConn) commit() error {
	ctx := context.Background()
	if err := c.queue(ctx, "COMMIT", nil); err != nil {
		return err
	}
	tag, err := c.last(c.send(ctx))
	if err == nil && tag.String() != "COMMIT" {
		err = errors.New("the database undid it")
	}
	return err
}

func (c *postgresConn) script(text string) error {
	c.trips++
	_, err := c.conn.PgConn().Exec(context.Background(), text).ReadAll()
	return err
}

func (c *postgresConn) again(err error) bool {
	switch code(err) {
	case "55P03", // somebody else has the lock
		"40P01", "40001", // we were in each other's way
		"23505": // somebody else has just made the same
		return true
	}
	return false
}

// fit also finds a server that has become another, or may not be written any more.
func (c *postgresConn) fit(err error) bool {
	switch {
	case c.conn.IsClosed() || code(err) == "25006" || code(err) == "0A000":
		c.engine.life.CompareAndSwap(c.life, c.life+1)
		return false
	case err != nil:
		return true
	}
	return c.life == c.engine.life.Load() && time.Now().Before(c.until)
}

func (c *postgresConn) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.conn.Close(ctx)
	c.engine.closing.Go(func() { <-c.conn.PgConn().CleanupDone() })
}
