package upkeep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"sidetext/store/sqldb"
)

// ErrInUse is returned by EnsureIdle while a server runs on the database.
var ErrInUse = errors.New("a server is running on this database: stop it first")

// nodeTimeout is how long after its last canary a node counts as running.
const nodeTimeout = 30 * time.Second

// EnsureIdle returns ErrInUse if a process uses the database at url: for SQLite, one
// that has the file open; for PostgreSQL, a node that wrote its canary in the last 30
// seconds, even if it was killed since.
func EnsureIdle(ctx context.Context, url string, log *slog.Logger) error {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return ensureFileIdle(ctx, path)
	}
	return ensureServerIdle(ctx, url, log)
}

func ensureFileIdle(ctx context.Context, path string) error {
	if err := sqldb.FindSQLite(path); err != nil {
		return err
	}
	db := sql.OpenDB(sqldb.RawSQLite(sqldb.SQLiteName(path, "busy_timeout(1000)")))
	defer db.Close()
	db.SetMaxOpenConns(1)
	// Leaving WAL mode fails while another process has the file open. The next Open
	// enters it again.
	var mode string
	err := db.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
	if sqldb.SQLiteBusy(err) {
		return fmt.Errorf("store: %w", ErrInUse)
	}
	if err != nil {
		return sqldb.ExplainSQLite(path, fmt.Errorf("store: check whether the database is in use: %w", err))
	}
	return nil
}

func ensureServerIdle(ctx context.Context, url string, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := sqldb.DialPostgres(ctx, url, log)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var nodes int
	if err := conn.QueryRow(ctx, `SELECT COUNT(to_regclass('nodes'))`).Scan(&nodes); err != nil || nodes == 0 {
		return err // without that table the database was never used
	}
	if err := conn.QueryRow(ctx, `SELECT COUNT(*) FROM nodes WHERE at > EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 - $1`, nodeTimeout.Microseconds()).Scan(&nodes); err != nil {
		return fmt.Errorf("store: check whether the database is in use: %w", err)
	}
	if nodes > 0 {
		return fmt.Errorf("store: %w", ErrInUse)
	}
	return nil
}
