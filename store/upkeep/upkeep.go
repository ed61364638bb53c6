// Package upkeep has the operations on a whole database: back up,
// restore, move from SQLite to PostgreSQL, change the secret key.
package upkeep

import (
	"context"
	"errors"
	"log/slog"

	"sidetext/store"
)

// FinishRestore gives a database that was restored from a backup another epoch and
// fails its waiting texts, so that none is sent twice (see store.StartRestored). It
// returns how many texts failed. No server may be running (see EnsureIdle). For a
// backup made by Backup, the next start does this by itself.
func FinishRestore(ctx context.Context, url string, key []byte, log *slog.Logger) (failed int64, err error) {
	s, err := store.Reopen(ctx, url, key, log)
	if err != nil {
		return 0, err
	}
	failed, err = s.StartRestored(ctx)
	return failed, errors.Join(err, s.Close())
}

// Rekey encrypts all secrets of a database with another key of 32 bytes, all or
// none, and returns how many there are. No server may be running (see EnsureIdle):
// it would go on with the old key. A database that has the new key already is not
// changed.
func Rekey(ctx context.Context, url string, from, to []byte, log *slog.Logger) (n int, err error) {
	seal, err := store.NewSeal(to)
	if err != nil {
		return 0, err
	}
	s, err := store.Reopen(ctx, url, from, log)
	if errors.Is(err, store.ErrOtherKey) {
		rekeyed, otherErr := store.Reopen(ctx, url, to, log)
		if otherErr != nil {
			return 0, err
		}
		return 0, rekeyed.Close()
	}
	if err != nil {
		return 0, err
	}
	n, err = s.Reencrypt(ctx, seal)
	return n, errors.Join(err, s.Close())
}
