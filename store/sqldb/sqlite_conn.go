package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
)

// A sqliteConn is the connection that writes. Its statements run without the
// caller's context, for the reason given at worker.tx.
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

func (c *sqliteConn) exec(_ context.Context, query string, args []any) (changed int64, err error) {
	stmt, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	return execStmt(stmt, args)
}

func (c *sqliteConn) execLater(ctx context.Context, query string, args []any) error {
	_, err := c.exec(ctx, query, args)
	return err
}

// There is one writer, so there is nothing to lock.
func (*sqliteConn) lock(context.Context, string, []any) error { return nil }
func (*sqliteConn) exclusive(context.Context, string) error   { return nil }

func (c *sqliteConn) row(_ context.Context, query string, args []any) Scanner {
	stmt, err := c.prepare(query)
	if err != nil {
		return rowError{err}
	}
	return stmt.QueryRowContext(context.Background(), args...)
}

func (c *sqliteConn) rows(_ context.Context, scan func(Scanner) error, query string, args []any) error {
	stmt, err := c.prepare(query)
	if err != nil {
		return err
	}
	return scanAll(stmt, scan, args)
}

func execStmt(stmt *sql.Stmt, args []any) (changed int64, err error) {
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func scanAll(stmt *sql.Stmt, scan func(Scanner) error, args []any) error {
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

func (c *sqliteConn) run(query string) error { return c.execLater(context.Background(), query, nil) }

// begin is IMMEDIATE: a transaction that reads first and writes later would
// fail, whatever its busy_timeout, if another process wrote in between.
func (c *sqliteConn) begin(bool) error { return c.run("BEGIN IMMEDIATE") }
func (c *sqliteConn) savepoint() error { return c.run("SAVEPOINT request") }
func (c *sqliteConn) release() error   { return c.run("RELEASE SAVEPOINT request") }
func (c *sqliteConn) commit() error    { return c.run("COMMIT") }

func (c *sqliteConn) rollback() error {
	if err := c.run("ROLLBACK TO SAVEPOINT request"); err != nil {
		return err
	}
	return c.release()
}

func (c *sqliteConn) script(text string) error {
	_, err := c.conn.ExecContext(context.Background(), text)
	return err
}

func (*sqliteConn) conflict(error) bool   { return false }
func (*sqliteConn) rolledBack(error) bool { return false }
func (*sqliteConn) usable(error) bool     { return true }

func (c *sqliteConn) close() {
	for _, stmt := range c.stmts {
		_ = stmt.Close()
	}
	// With ErrBadConn the sql.DB closes the connection instead of keeping it,
	// which ends its transaction.
	_ = c.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = c.conn.Close()
}
