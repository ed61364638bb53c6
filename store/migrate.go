package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date: forward only, each file once, all in
// one transaction that shuts out every other process that is starting.
func migrate(ctx context.Context, e engine) error {
	c, err := e.connect(ctx, true)
	if err != nil {
		return fmt.Errorf("store: connect: %w", err)
	}
	defer c.close() // and with it ends a transaction that is not committed
	if err := c.begin(true); err != nil {
		return fmt.Errorf("store: begin migrating: %w", err)
	}
	if err := c.script(`CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)`); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	l := link{context.Background(), c}
	if err := notMoved(l); err != nil {
		return err
	}
	if err := newer(l, names); err != nil {
		return err
	}
	for _, name := range names {
		if err := step(l, c, name); err != nil {
			return fmt.Errorf("store: migrate %s: %w", name, err)
		}
	}
	if err := c.commit(); err != nil {
		return fmt.Errorf("store: end migrating: %w", err)
	}
	return nil
}

// newer refuses a database that has had steps which this program does not know:
// it would misread what they changed.
func newer(l link, known []string) error {
	last := ""
	err := l.rows(func(row scanner) error {
		var name string
		err := row.Scan(&name)
		if !slices.Contains(known, name) {
			last = max(last, name)
		}
		return err
	}, `SELECT name FROM migrations`)
	if err != nil {
		return fmt.Errorf("store: read what was migrated: %w", err)
	}
	if last != "" {
		return fmt.Errorf("store: this database is at version %s; this Sidetext knows %s: please use a newer one", version(last), version(known[len(known)-1]))
	}
	return nil
}

// version is what a step is called by people: 0003.
func version(name string) string {
	number, _, _ := strings.Cut(path.Base(name), "_")
	return number
}

func step(l link, c conn, name string) error {
	n, err := l.exec(`INSERT INTO migrations (name) VALUES ($1) ON CONFLICT DO NOTHING`, name)
	if n == 0 || err != nil {
		return err
	}
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	return c.script(string(text))
}
