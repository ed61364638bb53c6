package store

import (
	"context"
	"log/slog"
	"time"

	"sidetext/chat"
)

// CopyMark is the row of the table about that says: this database is a backup,
// made at that time (microseconds).
const CopyMark = "copied"

// mayBeSent is the problem of texts from a backup, which are not sent.
const mayBeSent = "A backup was put back. This text waited when it was made, and may have been sent since."

// StartRestored prepares a database that was restored from a backup. It makes a new
// epoch, so that browsers reload. It marks the texts that waited when the backup was
// made as failed, because they may have been sent since: a merchant decides. It
// returns how many such texts there are.
func (s *Store) StartRestored(ctx context.Context) (failed int64, err error) {
	err = s.write(ctx, "start a restored database", func(tx tx) error {
		if _, err := tx.startRestored(time.Now()); err != nil {
			return err
		}
		return tx.Row(`SELECT COUNT(*) FROM deliveries WHERE state = 'failed' AND problem = $1`, mayBeSent).Scan(&failed)
	})
	return failed, err
}

func (tx tx) startRestored(now time.Time) (failed int64, err error) {
	failed, err = tx.Exec(`UPDATE deliveries SET state = 'failed', until = 0, problem = $1 WHERE state <> 'failed' AND `+kindsWhere(func(k chat.KindSpec) bool { return !k.Repeatable }), mayBeSent)
	if err != nil {
		return 0, err
	}
	if _, err = tx.Exec(`DELETE FROM about WHERE name = $1`, CopyMark); err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO about (name, value) VALUES ('epoch', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, chat.NewID[string](now))
	return failed, err
}

// settleCopy does what StartRestored does when a backup is opened in its new place.
func (s *Store) settleCopy(ctx context.Context, log *slog.Logger) error {
	var copied, failed int64
	err := s.write(ctx, "read the mark of a backup", func(tx tx) (err error) {
		if err = tx.Row(`SELECT COUNT(*) FROM about WHERE name = $1`, CopyMark).Scan(&copied); err == nil && copied > 0 {
			failed, err = tx.startRestored(time.Now())
		}
		return err
	})
	if err == nil && copied > 0 {
		log.Warn("backup restored: waiting texts marked as failed", "texts", failed)
	}
	return err
}
