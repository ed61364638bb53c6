package sqldb

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sidetext/store/pgtest"
)

// A transaction that the server rolled back, because its node was suspended in the
// middle, is retried without an error for the caller.
func TestFrozenBeforeCommit(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Schema(t)
	db := openAt(t, url)
	other, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close(t.Context()) })
	runs := 0
	if err := db.Write(t.Context(), func(tx Tx) error {
		var pid, there int
		if _, err := tx.Exec(`INSERT INTO about (name, value) VALUES ('frozen', $1)`, ""); err != nil {
			return err
		}
		if err := tx.Row(`SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			return err
		}
		runs++
		if runs > 1 {
			return nil
		}
		for there = 1; there > 0; {
			if err := other.QueryRow(t.Context(), `SELECT COUNT(*) FROM pg_stat_activity WHERE pid = $1`, pid).Scan(&there); err != nil {
				return err
			}
			time.Sleep(10 * time.Millisecond)
		}
		return nil
	}); err != nil || runs != 2 {
		t.Errorf("the transaction ran %d times, want 2: %v", runs, err)
	}
}
