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

// StartRestored prepares a database that was restored from a backup. It gets a new
// epoch, so that browsers reload. Deliveries that must not be repeated and were
// waiting when the backup was made, texts, may have been sent since: they are
// marked as failed, for a person to decide. It returns how many there are now.
func (s *Store) StartRestored(ctx context.Context) (aside int64, err error) {
	err = s.write(ctx, "start a restored database", func(tx tx) error {
		if _, err := tx.startRestored(time.Now()); err != nil {
			return err
		}
		return tx.Row(`SELECT COUNT(*) FROM deliveries WHERE state = 'failed' AND problem = $1`, mayBeSent).Scan(&aside)
	})
	return aside, err
}

func (tx tx) startRestored(now time.Time) (aside int64, err error) {
	if aside, err = tx.Exec(`UPDATE deliveries SET state = 'failed', until = 0, problem = $1 WHERE state <> 'failed' AND `+kindsWhere(func(k chat.KindSpec) bool { return !k.Repeatable }), mayBeSent); err != nil {
		return 0, err
	}
	if _, err = tx.Exec(`DELETE FROM about WHERE name = $1`, CopyMark); err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO about (name, value) VALUES ('epoch', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, chat.NewID[string](now))
	return aside, err
}

// settleCopy does what StartRestored does when a backup is opened in its new place.
func (s *Store) settleCopy(ctx context.Context, log *slog.Logger) error {
	var copied, aside int64
	err := s.write(ctx, "look for the mark of a backup", func(tx tx) (err error) {
		if err = tx.Row(`SELECT COUNT(*) FROM about WHERE name = $1`, CopyMark).Scan(&copied); err == nil && copied > 0 {
			aside, err = tx.startRestored(time.Now())
		}
		return err
	})
	if err == nil && copied > 0 {
		log.Warn("backup restored: browsers reload, waiting texts are set aside", "texts", aside)
	}
	return err
}
