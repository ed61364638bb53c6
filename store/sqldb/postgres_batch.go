package sqldb

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// prepare prepares a statement once. The batch is sent first: if the statement
// is wrong, the savepoint must exist to roll back to.
func (c *postgresConn) prepare(ctx context.Context, query string) error {
	if c.prepared[query] {
		return nil
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	c.engine.trips.Add(1)
	if _, err := c.conn.Prepare(ctx, query, query); err != nil {
		return err
	}
	c.prepared[query] = true
	return nil
}

// queue adds a statement to the batch.
func (c *postgresConn) queue(ctx context.Context, query string, args []any) error {
	if err := c.prepare(ctx, query); err != nil {
		return err
	}
	c.batch.Queue(query, args...)
	return nil
}

// send sends the batch, and reads the results of all statements but the last.
func (c *postgresConn) send(ctx context.Context) (pgx.BatchResults, error) {
	batch := c.batch
	c.batch, c.mark, c.begun = &pgx.Batch{}, 0, true
	c.engine.trips.Add(1)
	results := c.conn.SendBatch(ctx, batch)
	for range batch.Len() - 1 {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // returns the same error
			return nil, err
		}
	}
	return results, nil
}

// lastResult reads the result of the last statement of a batch.
func lastResult(results pgx.BatchResults, err error) (tag pgconn.CommandTag, _ error) {
	if err != nil {
		return tag, err
	}
	tag, err = results.Exec()
	if closed := results.Close(); err == nil {
		err = closed
	}
	return tag, err
}

func (c *postgresConn) flush(ctx context.Context) error {
	if c.batch.Len() == 0 {
		return nil
	}
	_, err := lastResult(c.send(ctx))
	return err
}

func (c *postgresConn) execLater(ctx context.Context, query string, args []any) error {
	return c.queue(ctx, query, args)
}

// lock uses FOR NO KEY UPDATE, which does not block transactions that insert
// references to the rows.
func (c *postgresConn) lock(ctx context.Context, query string, args []any) error {
	return c.queue(ctx, query+" FOR NO KEY UPDATE", args)
}

func (c *postgresConn) exclusive(ctx context.Context, name string) error {
	return c.queue(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", []any{name})
}

func (c *postgresConn) exec(ctx context.Context, query string, args []any) (changed int64, err error) {
	if err := c.queue(ctx, query, args); err != nil {
		return 0, err
	}
	tag, err := lastResult(c.send(ctx))
	return tag.RowsAffected(), err
}

// query sends the batch with a query as its last statement, and reads up to the
// query's first row.
func (c *postgresConn) query(ctx context.Context, query string, args []any) (*postgresRows, error) {
	if err := c.queue(ctx, query, args); err != nil {
		return nil, err
	}
	results, err := c.send(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	return firstRow(rows, err, results.Close)
}

func (c *postgresConn) row(ctx context.Context, query string, args []any) Scanner {
	return rowOf(c.query(ctx, query, args))
}

func (c *postgresConn) rows(ctx context.Context, scan func(Scanner) error, query string, args []any) error {
	return scanRows(scan)(c.query(ctx, query, args))
}
