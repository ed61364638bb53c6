package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"sidetext/store/upkeep"
)

type moveArgs struct {
	To     string `help:"The address of the new database, postgres://USER:PASSWORD@HOST/DATABASE." xor:"to" required:""`
	ToFile string `help:"A file with that address." type:"existingfile" xor:"to" required:""`
	Undo   bool   `help:"Open the old database again." xor:"to" required:""`
}

// move copies a SQLite database into PostgreSQL.
func move(ctx context.Context, settings Settings, args moveArgs, log *slog.Logger, out, progress io.Writer) error {
	if settings.many() {
		return errors.New("SIDETEXT_DATABASE_URL has to name the SQLite database that is to be moved")
	}
	if args.Undo {
		if err := upkeep.UndoMove(ctx, settings.DatabaseURL); err != nil {
			return err
		}
		fmt.Fprintln(out, "The old database can be used again. What the new one has kept since is not in it: do not run both.")
		return nil
	}
	if args.ToFile != "" {
		text, err := os.ReadFile(args.ToFile)
		if err != nil {
			return err
		}
		args.To = strings.TrimSpace(string(text))
	}
	report := every(2*time.Second, progress)
	done, err := upkeep.Move{From: settings.DatabaseURL, To: args.To, Key: settings.SecretKey, Log: log, Report: func(table string, copied, compared, all int64) {
		if compared > 0 {
			report("%s: compared %d of %d rows", table, compared, all)
		} else {
			report("%s: copied %d of %d rows", table, copied, all)
		}
	}}.Run(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TABLE\tROWS\tDIGEST OF BOTH")
	var cleaned int64
	for _, t := range done {
		cleaned += t.Cleaned
		fmt.Fprintf(table, "%s\t%d\t%s\n", t.Table, t.Rows, t.Digest)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if cleaned > 0 {
		fmt.Fprintf(out, "Texts with characters that PostgreSQL does not keep: %d. They are \uFFFD now.\n", cleaned)
	}
	fmt.Fprintln(out, "Both sides are the same. The old database takes no more changes and no server starts on it.")
	fmt.Fprintln(out, "Now set SIDETEXT_DATABASE_URL to the new one and SIDETEXT_SECRET_KEY to the key in use, and start.")
	return nil
}
