package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// prepare makes a statement known. What waits goes first: should the statement be
// wrong, the savepoint is there to go back to.
func (c *postgresConn) prepare(ctx context.Context, query string) error {
	if c.known[query] {
		return nil
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	c.engine.trips.Add(1)
	if _, err := c.conn.Prepare(ctx, query, query); err != nil {
		return err
	}
	c.known[query] = true
	return nil
}

// queue has a statement go with the next that is sent.
func (c *postgresConn) queue(ctx context.Context, query string, args []any) error {
	if err := c.prepare(ctx, query); err != nil {
		return err
	}
	c.waiting.Queue(query, args...)
	return nil
}

// send sends what waits, and reads the answers of all but the last of it.
func (c *postgresConn) send(ctx context.Context) (pgx.BatchResults, error) {
	batch := c.waiting
	c.waiting, c.mark, c.begun = &pgx.Batch{}, 0, true
	c.engine.trips.Add(1)
	answers := c.conn.SendBatch(ctx, batch)
	for range batch.Len() - 1 {
		if _, err := answers.Exec(); err != nil {
			_ = answers.Close() // says the same once more
			return nil, err
		}
	}
	return answers, nil
}

// end reads the last answer of what was sent.
func end(answers pgx.BatchResults, err error) (tag pgconn.CommandTag, _ error) {
	if err != nil {
		return tag, err
	}
	tag, err = answers.Exec()
	if closed := answers.Close(); err == nil {
		err = closed
	}
	return tag, err
}

func (c *postgresConn) flush(ctx context.Context) error {
	if c.waiting.Len() == 0 {
		return nil
	}
	_, err := end(c.send(ctx))
	return err
}

func (c *postgresConn) later(ctx context.Context, query string, args []any) error {
	if !c.writes {
		_, err := c.exec(ctx, query, args)
		return err
	}
	return c.queue(ctx, query, args)
}

// lock lets others go on who refer to the rows.
func (c *postgresConn) lock(ctx context.Context, query string, args []any) error {
	return c.queue(ctx, query+" FOR NO KEY UPDATE", args)
}

func (c *postgresConn) alone(ctx context.Context, name string) error {
	return c.queue(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", []any{name})
}

func (c *postgresConn) exec(ctx context.Context, query string, args []any) (changed int64, err error) {
	if err := c.queue(ctx, query, args); err != nil {
		return 0, err
	}
	tag, err := end(c.send(ctx))
	return tag.RowsAffected(), err
}

// An inquiry is rows on their way, the first of which is there if more.
type inquiry struct {
	pgx.Rows
	more bool
	sent pgx.BatchResults // in which they come, on a connection that writes
}

func (c *postgresConn) ask(ctx context.Context, query string, args []any) (i inquiry, err error) {
	if c.writes {
		if err = c.queue(ctx, query, args); err != nil {
			return i, err
		}
		if i.sent, err = c.send(ctx); err != nil {
			return i, err
		}
		i.Rows, err = i.sent.Query()
	} else if err = c.prepare(ctx, query); err == nil {
		c.engine.trips.Add(1)
		i.Rows, err = c.conn.Query(ctx, query, args...)
	}
	if err == nil {
		i.more = i.Next()
		err = i.Err()
	}
	if err != nil {
		return i, i.end(err)
	}
	return i, nil
}

// end reads what is left, so that the connection can be used again.
func (i inquiry) end(err error) error {
	if i.Rows != nil {
		i.Rows.Close()
		if err == nil {
			err = i.Err()
		}
	}
	if i.sent != nil {
		if closed := i.sent.Close(); err == nil {
			err = closed
		}
	}
	return err
}

// find is ask, for what only reads once more on another connection if this one is
// dead: a server that has been started again is no reason to fail.
func (c *postgresConn) find(ctx context.Context, query string, args []any) (inquiry, error) {
	i, err := c.ask(ctx, query, args)
	if err == nil || c.writes || !c.conn.IsClosed() || ctx.Err() != nil || c.fit(nil) {
		return i, err
	}
	other, failed := c.engine.join(ctx, false)
	if failed != nil {
		return i, err
	}
	c.close()
	*c = *other
	return c.ask(ctx, query, args)
}

func (c *postgresConn) row(ctx context.Context, query string, args []any) scanner {
	i, err := c.find(ctx, query, args)
	if err != nil {
		return failed{err}
	}
	return i
}

// Scan reads the first row, and ends the inquiry.
func (i inquiry) Scan(to ...any) error {
	if !i.more {
		return i.end(pgx.ErrNoRows)
	}
	return i.end(i.Rows.Scan(to...))
}

func (c *postgresConn) rows(ctx context.Context, scan func(scanner) error, query string, args []any) error {
	i, err := c.find(ctx, query, args)
	if err != nil {
		return err
	}
	for ; i.more; i.more = i.Next() {
		if err := scan(i.Rows); err != nil {
			return i.end(err)
		}
	}
	return i.end(nil)
}
