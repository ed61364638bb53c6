package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"sidetext/chat"
)

// Rows of the table about.
const (
	keyName    = "key"    // sealed under the secret key, to know it again
	copiedName = "copied" // this is a backup, made then
	movedName  = "moved"  // this was, or is being, copied into another database
)

// keySays is what is sealed under keyName.
const keySays = "sidetext"

// mayHaveLeft is why a text that a backup holds is not sent by itself.
const mayHaveLeft = "A backup was put back. This text waited when it was made, and may have been sent since."

// Restored makes a database that was put back from a backup one of its own. A new
// epoch has browsers read everything anew. Texts that waited when the backup was
// made may have left since: they are put aside for a person to decide, and how
// many of these there are now is returned. No server may be running, see Alone: it would go on
// with what it knows.
//
// Of a backup that Backup made, the next Open does the same by itself.
func Restored(ctx context.Context, url string, key []byte, log *slog.Logger) (aside int64, err error) {
	s, err := Reopen(ctx, url, key, log)
	if err != nil {
		return 0, err
	}
	err = s.write(ctx, "begin a restored database", func(l link) error {
		if _, err := l.restored(time.Now()); err != nil {
			return err
		}
		return l.row(`SELECT COUNT(*) FROM deliveries WHERE state = 'failed' AND problem = $1`, mayHaveLeft).Scan(&aside)
	})
	return aside, errors.Join(err, s.Close())
}

func (l link) restored(now time.Time) (aside int64, err error) {
	if aside, err = l.exec(`UPDATE deliveries SET state = 'failed', until = 0, problem = $1 WHERE kind = $2 AND state <> 'failed'`, mayHaveLeft, string(chat.SendSMS)); err != nil {
		return 0, err
	}
	if _, err = l.exec(`DELETE FROM about WHERE name = $1`, copiedName); err != nil {
		return 0, err
	}
	_, err = l.exec(`INSERT INTO about (name, value) VALUES ('epoch', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, chat.NewID[string](now))
	return aside, err
}

// settle makes a backup that somebody opens in its new place a database of its
// own, once.
func (s *Store) settle(ctx context.Context, log *slog.Logger) error {
	var copied, aside int64
	err := s.writer.do(ctx, func(l link) (err error) {
		if err = l.row(`SELECT COUNT(*) FROM about WHERE name = $1`, copiedName).Scan(&copied); err == nil && copied > 0 {
			aside, err = l.restored(time.Now())
		}
		return err
	})
	if err == nil && copied > 0 {
		log.Warn("this database was put back from a backup: browsers read it anew, and texts that waited are put aside", "texts", aside)
	}
	return err
}
