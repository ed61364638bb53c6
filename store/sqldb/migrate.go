package sqldb

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// migrate brings the schema up to date: forward only, each step once, all in
// one transaction that excludes every other process that is starting.
func migrate(ctx context.Context, e engine, c Config) error {
	conn, err := e.connect(ctx)
	if err != nil {
		return fmt.Errorf("store: connect: %w", err)
	}
	defer conn.close() // which rolls back what is not committed
	if err := conn.begin(true); err != nil {
		return fmt.Errorf("store: begin migrating: %w", err)
	}
	if err := conn.script(`CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)`); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	steps, err := fs.Glob(c.Migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("store: list migrations: %w", err)
	}
	slices.Sort(steps)
	tx := Tx{context.Background(), conn}
	if err := checkApplied(tx, steps, c.Check); err != nil {
		return err
	}
	for _, step := range steps {
		if err := apply(tx, conn, c.Migrations, step); err != nil {
			return fmt.Errorf("store: migrate %s: %w", step, err)
		}
	}
	if err := conn.commit(); err != nil {
		return fmt.Errorf("store: commit migrations: %w", err)
	}
	return nil
}

// checkApplied runs check on a database to which steps were applied, and refuses a
// database with steps that this program does not know.
func checkApplied(tx Tx, known []string, check func(Tx) error) error {
	var applied []string
	err := tx.Rows(func(row Scanner) error {
		applied = append(applied, "")
		return row.Scan(&applied[len(applied)-1])
	}, `SELECT name FROM migrations ORDER BY name`)
	if err != nil {
		return fmt.Errorf("store: read applied migrations: %w", err)
	}
	if check != nil && len(applied) > 0 {
		if err := check(tx); err != nil {
			return err
		}
	}
	unknown := slices.DeleteFunc(applied, func(name string) bool { return slices.Contains(known, name) })
	if len(unknown) > 0 {
		return fmt.Errorf("store: this database is at version %s; this Sidetext knows %s: please use a newer one",
			version(unknown[len(unknown)-1]), version(known[len(known)-1]))
	}
	return nil
}

// version is the number of a step: 0003 of "migrations/0003_many_nodes.sql".
func version(name string) string {
	number, _, _ := strings.Cut(path.Base(name), "_")
	return number
}

// apply runs a step unless it has been applied before.
func apply(tx Tx, c conn, steps fs.FS, name string) error {
	n, err := tx.Exec(`INSERT INTO migrations (name) VALUES ($1) ON CONFLICT DO NOTHING`, name)
	if n == 0 || err != nil {
		return err
	}
	text, err := fs.ReadFile(steps, name)
	if err != nil {
		return err
	}
	return c.script(string(text))
}
