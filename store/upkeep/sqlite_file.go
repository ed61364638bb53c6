package upkeep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"sidetext/store/sqldb"
)

// countRows counts the rows of each table.
func countRows(ctx context.Context, conn *sql.Conn) (map[string]int64, error) {
	names, err := listTables(ctx, conn)
	if err != nil {
		return nil, err
	}
	rows := map[string]int64{}
	for _, name := range names {
		var n int64
		if err := conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+quoted(name)).Scan(&n); err != nil {
			return nil, err
		}
		rows[name] = n
	}
	return rows, nil
}

func listTables(ctx context.Context, conn *sql.Conn) ([]string, error) {
	return queryTexts(ctx, conn, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name`)
}

// queryTexts reads a result of one column.
func queryTexts(ctx context.Context, conn *sql.Conn, query string, args ...any) (all []string, err error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// lockWait is how long transact retries while another process writes.
const lockWait = 10 * time.Second

// transact runs f in a transaction on a file that other processes may write.
func transact(ctx context.Context, path, action string, f func(*sql.Conn) error) (err error) {
	db := sql.OpenDB(sqldb.SQLite{Path: path})
	defer db.Close()
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("store: connect: %w", err)
	}
	defer conn.Close()
	for until := time.Now().Add(lockWait); ; {
		_, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE")
		if !sqldb.SQLiteBusy(err) || time.Now().After(until) {
			break // each try waits for busy_timeout
		}
	}
	if err == nil {
		if err = f(conn); err == nil {
			_, err = conn.ExecContext(ctx, "COMMIT")
		}
		if err != nil {
			_, rollback := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			err = errors.Join(err, rollback)
		}
	}
	if err != nil {
		return sqldb.ExplainSQLite(path, fmt.Errorf("store: %s: %w", action, err))
	}
	return nil
}

func execAll(ctx context.Context, conn *sql.Conn, statements []string) error {
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
