package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"sidetext/server/app"
	"sidetext/store/upkeep"
)

type moveCommand struct {
	To     string `help:"The address of the new database, postgres://USER:PASSWORD@HOST/DATABASE." xor:"to" required:""`
	ToFile string `help:"A file with that address." type:"existingfile" xor:"to" required:""`
	Undo   bool   `help:"Reopen the old database, so that a server can start on it again." xor:"to" required:""`
}

// Run copies a SQLite database into PostgreSQL.
func (c moveCommand) Run(p *process) error {
	settings, log, err := p.settings(app.Needs{})
	if err != nil {
		return err
	}
	if settings.Shared() {
		return errors.New("SIDETEXT_DATABASE_URL must name the SQLite database to move")
	}
	if c.Undo {
		if err := upkeep.UndoMove(p.ctx, settings.DatabaseURL); err != nil {
			return err
		}
		fmt.Fprintln(p.stdout, "The old database can be used again. It lacks what was saved in the new one since the move: do not run both.")
		return nil
	}
	if c.ToFile != "" {
		text, err := os.ReadFile(c.ToFile)
		if err != nil {
			return err
		}
		c.To = strings.TrimSpace(string(text))
	}
	report := reportEvery(2*time.Second, p.stderr)
	done, err := upkeep.Move{From: settings.DatabaseURL, To: c.To, Key: settings.SecretKey, Log: log, Report: func(table string, copied, compared, all int64) {
		if compared > 0 {
			report("%s: compared %d of %d rows", table, compared, all)
		} else {
			report("%s: copied %d of %d rows", table, copied, all)
		}
	}}.Run(p.ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
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
		fmt.Fprintf(p.stdout, "Texts with characters that PostgreSQL can't store: %d. They are \uFFFD now.\n", cleaned)
	}
	fmt.Fprintln(p.stdout, "Both databases are identical. The old one is closed: no server starts on it.")
	fmt.Fprintln(p.stdout, "Now set SIDETEXT_DATABASE_URL to the new one and SIDETEXT_SECRET_KEY to the current key, and start.")
	return nil
}
