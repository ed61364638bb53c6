package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// ErrInUse is what Alone returns while a server is running on the database.
var ErrInUse = errors.New("a server is running on this database: stop it first")

// wasHere is how long ago a node may have marked itself and still be taken for
// one that runs.
const wasHere = 30 * time.Second

// Alone makes sure that nobody works on the database that url names: of SQLite,
// that no other process has it open; of PostgreSQL, that no node said within the
// last half minute that it is there. A node that was killed there counts until then.
func Alone(ctx context.Context, url string, log *slog.Logger) error {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return aloneOnPostgres(ctx, url, log)
	}
	if err := (sqlite{path, true}).find(); err != nil {
		return err
	}
	db := sql.OpenDB(loose(address(path, "busy_timeout(1000)")))
	defer db.Close()
	db.SetMaxOpenConns(1)
	// Only who has the file alone can leave WAL mode. The next Open goes back.
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode); busy(err) {
		return fmt.Errorf("store: %w", ErrInUse)
	} else if err != nil {
		return sqlite{path, true}.plain(fmt.Errorf("store: find out who uses the database: %w", err))
	}
	return nil
}
