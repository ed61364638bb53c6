package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
)

// A sqliteConn is one connection to an SQLite file.
type sqliteConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func (c *sqliteConn) prepare(query string) (*sql.Stmt, error) {
	if stmt := c.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	c.stmts[query] = stmt
	return stmt, nil
}

// What is asked here is short, and a context that could end would cost the
// driver a goroutine for each statement.
func (c *sqliteConn) exec(_ context.Context, query string, args []any) (changed int64, err error) {
	stmt, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (c *sqliteConn) later(ctx context.Context, query string, args []any) error {
	_, err := c.exec(ctx, query, args)
	return err
}

// One writes at a time.
func (c *sqliteConn) lock(context.Context, string, []any) error { return nil }
func (c *sqliteConn) alone(context.Context, string) error       { return nil }

func (c *sqliteConn) row(_ context.Context, query string, args []any) scanner {
	stmt, err := c.prepare(query)
	if err != nil {
		return failed{err}
	}
	return stmt.QueryRowContext(context.Background(), args...)
}

func (c *sqliteConn) rows(_ context.Context, scan func(scanner) error, query string, args []any) error {
	stmt, err := c.prepare(query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(context.Background(), args...)
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

func (c *sqliteConn) do(query string) error { return c.later(context.Background(), query, nil) }

// begin is IMMEDIATE: a transaction that reads first and writes later can fail at
// once when another process has written in between, however long it may wait.
func (c *sqliteConn) begin(bool) error { return c.do("BEGIN IMMEDIATE") }
func (c *sqliteConn) save() error      { return c.do("SAVEPOINT request") }
func (c *sqliteConn) keep() error      { return c.do("RELEASE SAVEPOINT request") }
func (c *sqliteConn) commit() error    { return c.do("COMMIT") }

func (c *sqliteConn) undo() error {
	if err := c.do("ROLLBACK TO SAVEPOINT request"); err != nil {
		return err
	}
	return c.keep()
}

func (c *sqliteConn) script(text string) error {
	_, err := c.conn.ExecContext(context.Background(), text)
	return err
}

func (c *sqliteConn) again(error) bool  { return false }
func (c *sqliteConn) undone(error) bool { return false }
func (c *sqliteConn) fit(error) bool    { return true }

func (c *sqliteConn) close() {
	for _, stmt := range c.stmts {
		_ = stmt.Close()
	}
	// Raw with ErrBadConn makes the pool close the connection instead of
	// keeping it, and with it ends whatever transaction it was in.
	_ = c.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = c.conn.Close()
}
