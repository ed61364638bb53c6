// Package upkeep has what an operator does to a whole database: back up,
// restore, move from SQLite to PostgreSQL, change the secret key.
package upkeep

import (
	"context"
	"errors"
	"log/slog"

	"sidetext/store"
)

// Restored makes a database that was put back from a backup one of its own, see
// store.StartRestored, and returns how many texts are set aside. No server may
// be running, see EnsureIdle: it would go on with what it knows. Of a backup
// that Backup made, the next start does the same by itself.
func FinishRestore(ctx context.Context, url string, key []byte, log *slog.Logger) (aside int64, err error) {
	s, err := store.Reopen(ctx, url, key, log)
	if err != nil {
		return 0, err
	}
	aside, err = s.StartRestored(ctx)
	return aside, errors.Join(err, s.Close())
}

// Rekey encrypts all secrets of a database with another key of 32 bytes, all or
// none, and returns how many there are. No server may be running, see
// EnsureIdle: it would go on with the key that it has. A database that has the
// new key already is left as it is.
func Rekey(ctx context.Context, url string, from, to []byte, log *slog.Logger) (n int, err error) {
	seal, err := store.NewSeal(to)
	if err != nil {
		return 0, err
	}
	s, err := store.Reopen(ctx, url, from, log)
	if errors.Is(err, store.ErrOtherKey) {
		done, already := store.Reopen(ctx, url, to, log)
		if already != nil {
			return 0, err
		}
		return 0, done.Close()
	}
	if err != nil {
		return 0, err
	}
	n, err = s.Reencrypt(ctx, seal)
	return n, errors.Join(err, s.Close())
}
