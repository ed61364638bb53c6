package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sidetext/store/upkeep"
)

type (
	backupArgs struct {
		File    string `arg:"" help:"The file to make. One that is there is left alone."`
		WithKey bool   `help:"Put the secret key beside it, as serve would look for it: who has both can read everything."`
	}
	restoredArgs struct {
		Force bool `help:"Also while nodes seem to be running."`
	}
)

// backUp copies a SQLite database that may be in use.
func backUp(ctx context.Context, settings Settings, args backupArgs, out, progress io.Writer) error {
	key := keyPath(args.File)
	if args.WithKey {
		if _, err := os.Lstat(key); err == nil {
			return fmt.Errorf("%s is there already", key)
		}
	}
	report := every(2*time.Second, progress)
	made, err := upkeep.Backup(ctx, settings.DatabaseURL, args.File, settings.SecretKey, func(done, all int64) {
		report("copied %s of %s", size(done), size(all))
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s, %d rows, all that was kept until %s. It is whole, and the key opens it.\n",
		args.File, size(made.Bytes), made.Rows, made.At.UTC().Format(time.DateTime+" MST"))
	switch {
	case args.WithKey:
		if err := writeKey(key, settings.SecretKey); err != nil {
			return fmt.Errorf("the backup is made, but its key can't be put beside it: %w", err)
		}
		fmt.Fprintf(out, "%s: its key. Who has both can read everything.\n", key)
	case settings.SecretText == "":
		fmt.Fprintf(out, "It is of no use without its key: keep %s too, somewhere else.\n", keyPath(strings.TrimPrefix(settings.DatabaseURL, "sqlite:")))
	default:
		fmt.Fprintln(out, "It is of no use without its key: keep what SIDETEXT_SECRET_KEY says too, somewhere else.")
	}
	return nil
}

// restored is for a database that was put back from a backup.
func restored(ctx context.Context, settings Settings, args restoredArgs, log *slog.Logger, out, progress io.Writer) error {
	if err := unused(ctx, settings, args.Force, log, progress); err != nil {
		return err
	}
	aside, err := upkeep.FinishRestore(ctx, settings.DatabaseURL, settings.SecretKey, log)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Browsers will read everything anew. The server can be started.")
	if aside > 0 {
		fmt.Fprintf(out, "Texts that waited when the backup was made, and may have been sent since: %d. They are put aside; the console lists them.\n", aside)
	}
	return nil
}

// unused makes sure that no server is running on the database. Where nodes come
// and go it waits until those that have just been stopped are forgotten.
func unused(ctx context.Context, settings Settings, force bool, log *slog.Logger, progress io.Writer) error {
	if force && settings.many() {
		return nil
	}
	report := every(10*time.Second, progress)
	for until := time.Now().Add(35 * time.Second); ; {
		err := upkeep.EnsureIdle(ctx, settings.DatabaseURL, log)
		if !errors.Is(err, upkeep.ErrInUse) || !settings.many() {
			return err
		}
		if time.Now().After(until) {
			return fmt.Errorf("%w (--force, if that can't be)", err)
		}
		report("waiting for nodes that were here a moment ago")
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// keyPath is where the key of a database is when it is not set.
func keyPath(database string) string {
	return strings.TrimSuffix(database, filepath.Ext(database)) + ".key"
}

// writeKey writes a key to a new file that only its owner may read.
func writeKey(path string, key []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, base64.StdEncoding.EncodeToString(key))
	return errors.Join(err, file.Sync(), file.Close())
}

// every writes a line when so much time has passed since the last one, or since
// it began.
func every(pause time.Duration, out io.Writer) func(format string, args ...any) {
	last := time.Now()
	return func(format string, args ...any) {
		if now := time.Now(); now.Sub(last) >= pause {
			last = now
			fmt.Fprintf(out, format+"\n", args...)
		}
	}
}

func size(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
