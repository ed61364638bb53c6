package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"sidetext/server/app"
	"sidetext/store/upkeep"
)

type backupCommand struct {
	File    string `arg:"" help:"The file to create. An existing file is not overwritten."`
	WithKey bool   `help:"Also write the secret key beside the copy, where serve looks for it. Anyone who has both files can read everything."`
}

// Run copies the SQLite database, also while a server uses it.
func (c backupCommand) Run(p *process) error {
	settings, _, err := p.settings(app.Needs{})
	if err != nil {
		return err
	}
	key := app.KeyPath(c.File)
	if c.WithKey {
		if _, err := os.Lstat(key); err == nil {
			return fmt.Errorf("%s already exists", key)
		}
	}
	report := reportEvery(2*time.Second, p.stderr)
	made, err := upkeep.Backup(p.ctx, settings.DatabaseURL, c.File, settings.SecretKey, func(done, all int64) {
		report("copied %s of %s", size(done), size(all))
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s: %s, %d rows, everything up to %s. The copy is complete, and the key decrypts it.\n",
		c.File, size(made.Bytes), made.Rows, made.At.UTC().Format(time.DateTime+" MST"))
	switch {
	case c.WithKey:
		if err := app.WriteKey(key, settings.SecretKey); err != nil {
			return fmt.Errorf("the backup is complete, but its key could not be written: %w", err)
		}
		fmt.Fprintf(p.stdout, "%s: its key. Anyone who has both files can read everything.\n", key)
	case settings.SecretText == "":
		fmt.Fprintf(p.stdout, "The copy can't be read without its key: keep %s too, in another place.\n", app.KeyPath(strings.TrimPrefix(settings.DatabaseURL, "sqlite:")))
	default:
		fmt.Fprintln(p.stdout, "The copy can't be read without its key: keep the value of SIDETEXT_SECRET_KEY too, in another place.")
	}
	return nil
}

type restoredCommand struct {
	Force bool `help:"Skip the check that no server is running."`
}

// Run prepares a database that was restored from a backup: clients read everything
// again, and texts that may have been sent since the backup are set aside.
func (c restoredCommand) Run(p *process) error {
	settings, log, err := p.settings(app.Needs{})
	if err != nil {
		return err
	}
	if err := ensureIdle(p, settings, c.Force, log); err != nil {
		return err
	}
	held, err := upkeep.FinishRestore(p.ctx, settings.DatabaseURL, settings.SecretKey, log)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "Browsers will read everything again. The server can be started.")
	if held > 0 {
		fmt.Fprintf(p.stdout, "Texts that were waiting at the time of the backup, and may have been sent since: %d. They are set aside; the console lists them.\n", held)
	}
	return nil
}

// ensureIdle makes sure that no server runs on the database. If nodes share it, it
// waits until the leases of those that have just stopped have expired.
func ensureIdle(p *process, settings app.Settings, force bool, log *slog.Logger) error {
	if force && settings.Shared() {
		return nil
	}
	report := reportEvery(10*time.Second, p.stderr)
	for until := time.Now().Add(35 * time.Second); ; {
		err := upkeep.EnsureIdle(p.ctx, settings.DatabaseURL, log)
		if !errors.Is(err, upkeep.ErrInUse) || !settings.Shared() {
			return err
		}
		if time.Now().After(until) {
			return fmt.Errorf("%w (use --force to skip this check)", err)
		}
		report("waiting until the leases of stopped nodes expire")
		select {
		case <-p.ctx.Done():
			return p.ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// reportEvery returns a function that writes a line to out, at most once per pause;
// the first one after the first pause.
func reportEvery(pause time.Duration, out io.Writer) func(format string, args ...any) {
	last := time.Now()
	return func(format string, args ...any) {
		if now := time.Now(); now.Sub(last) >= pause {
			last = now
			fmt.Fprintf(out, format+"\n", args...)
		}
	}
}

func size(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
