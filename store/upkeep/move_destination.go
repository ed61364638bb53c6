package upkeep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidetext/store"
	"sidetext/store/sqldb"

	"github.com/jackc/pgx/v5"
)

// A destination is a PostgreSQL database that is not in use yet.
type destination struct {
	conn  *pgx.Conn
	state moveState // as committed
	begun bool      // an earlier run left its state
}

// openDestination finds an empty database, or what an earlier run left. It
// creates the tables, but nothing that would prevent the use of either side.
func (m Move) openDestination(ctx context.Context, from *source) (*destination, error) {
	conn, err := sqldb.DialPostgres(ctx, m.To, m.Log)
	if err != nil {
		return nil, err
	}
	d := &destination{conn: conn}
	if err := d.prepare(ctx, m, from); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *destination) prepare(ctx context.Context, m Move, from *source) error {
	// The server may need a while to notice that an earlier run is gone.
	_, err := d.conn.Exec(ctx, `SELECT pg_advisory_lock(hashtextextended('sidetext move ' || current_schema(), 0))`)
	if sqldb.PostgresCode(err) == "55P03" {
		return errors.New("store: another move into this database is under way")
	}
	if err != nil {
		return fmt.Errorf("store: lock the new database: %w", err)
	}
	d.begun, err = d.loadState(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("store: read the state of a move: %w", err)
	case d.begun && d.state.ID != from.state.ID:
		return errors.New("store: the new database has part of another move: empty it first")
	case d.begun:
		return nil
	case from.state.Done:
		return from.state.Refusal()
	}
	return d.empty(ctx, m)
}

func (d *destination) loadState(ctx context.Context) (found bool, err error) {
	var there int
	if err := d.conn.QueryRow(ctx, `SELECT COUNT(to_regclass('about'))`).Scan(&there); err != nil || there == 0 {
		return false, err
	}
	var text string
	err = d.conn.QueryRow(ctx, `SELECT value FROM about WHERE name = $1`, store.MoveMark).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err == nil {
		d.state, err = parseState(text)
	}
	return true, err
}

// empty checks that the database has no rows, and creates the tables.
func (d *destination) empty(ctx context.Context, m Move) error {
	before, err := d.columns(ctx)
	if err != nil {
		return fmt.Errorf("store: list the new database's tables: %w", err)
	}
	if len(before) > 0 && before["migrations"] == nil {
		return errors.New("store: the new database has tables of another program: Sidetext needs a database of its own")
	}
	for name := range before {
		if name == "migrations" || slices.Contains(ownTables, name) {
			continue
		}
		var some bool
		if err := d.conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM `+quoted(name)+`)`).Scan(&some); err != nil {
			return fmt.Errorf("store: check that the new database is empty: %w", err)
		}
		if some {
			return fmt.Errorf("store: the new database is not empty (table %s): move needs an empty one", name)
		}
	}
	if err := ensureServerIdle(ctx, m.To, m.Log); err != nil {
		return err
	}
	made, err := store.Open(ctx, m.To, m.Key, m.Log)
	if err != nil {
		return err
	}
	return made.Close()
}

// ownTables are the tables that have rows in a database that was opened but never
// used.
var ownTables = []string{"about", "nodes", "duties"}

// begin marks the database as an incomplete copy.
func (d *destination) begin(ctx context.Context, id string) error {
	d.state = moveState{store.MoveState{ID: id, At: time.Now(), Into: true}, map[string]progress{}}
	err := d.transact(ctx, "begin", func(tx pgx.Tx) error {
		for _, table := range ownTables {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO about (name, value) VALUES ($1, $2)`, store.MoveMark, d.state.String())
		return err
	})
	if err != nil {
		return fmt.Errorf("store: move: %w", err)
	}
	return nil
}

// columns lists the columns of each table with their types.
func (d *destination) columns(ctx context.Context) (map[string]map[string]string, error) {
	rows, err := d.conn.Query(ctx, `SELECT table_name, column_name, data_type FROM information_schema.columns
		JOIN information_schema.tables USING (table_schema, table_name) WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`)
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]string{}
	var table, column, kind string
	_, err = pgx.ForEachRow(rows, []any{&table, &column, &kind}, func() error {
		if all[table] == nil {
			all[table] = map[string]string{}
		}
		all[table][column] = kind
		return nil
	})
	return all, err
}

// matchTables checks that both sides have the same tables, and fills in the
// destination's column types.
func (d *destination) matchTables(ctx context.Context, from *source) error {
	existing, err := d.columns(ctx)
	if err != nil {
		return fmt.Errorf("store: list the new database's tables: %w", err)
	}
	differ := len(existing) != len(from.tables)+1
	match := func(t *table) {
		differ = differ || len(existing[t.name]) != len(t.columns)
		for _, column := range t.columns {
			kind := existing[t.name][column]
			differ = differ || kind == ""
			t.kinds = append(t.kinds, kind)
		}
	}
	match(&from.migrations)
	for i := range from.tables {
		match(&from.tables[i])
	}
	if differ {
		return errors.New("store: the two databases have different versions: empty the new one, run `sidetext move --undo` and start again")
	}
	return nil
}

// add inserts a batch, and saves the progress in the same transaction.
func (d *destination) add(ctx context.Context, t table, b batch) error {
	before := d.state.Progress[t.name]
	now := progress{Rows: before.Rows + int64(len(b.rows)), Cleaned: before.Cleaned + b.cleaned, Last: b.last}
	err := d.transact(ctx, "add rows", func(tx pgx.Tx) error {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(b.rows)); err != nil {
			return err
		}
		d.state.Progress[t.name] = now
		_, err := tx.Exec(ctx, `UPDATE about SET value = $1 WHERE name = $2`, d.state.String(), store.MoveMark)
		return err
	})
	if err != nil {
		d.state.Progress[t.name] = before
	}
	return err
}

// transact runs f in a transaction of two minutes at most.
func (d *destination) transact(ctx context.Context, action string, f func(pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := pgx.BeginFunc(ctx, d.conn, f); err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	return nil
}

// digest reads the whole table.
func (d *destination) digest(ctx context.Context, t table) (sum digest, err error) {
	rows, err := d.conn.Query(ctx, `SELECT `+t.list()+` FROM `+quoted(t.name)+t.where())
	if err != nil {
		return sum, err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return sum, err
		}
		for i, value := range row {
			if small, ok := value.(int32); ok {
				row[i] = int64(small)
			}
		}
		sum.add(row)
	}
	return sum, rows.Err()
}

// end makes the database usable.
func (d *destination) end(ctx context.Context) error {
	if _, err := d.conn.Exec(ctx, `ANALYZE`); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	tx, err := d.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // does nothing after the commit
	// Leases of the source's nodes mean nothing here.
	for _, last := range []string{`DELETE FROM duties`, `DELETE FROM nodes`} {
		if _, err := tx.Exec(ctx, last); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM about WHERE name = $1`, store.MoveMark); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func (d *destination) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = d.conn.Close(ctx) // which releases the advisory lock
}
