package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// A destination is a PostgreSQL database that nobody uses yet.
type destination struct {
	conn  *pgx.Conn
	mark  mark // with the progress that has been committed
	begun bool // an earlier run left a mark
}

// arrive finds an empty database, or the one that an earlier run left. It makes
// the tables, but changes nothing that would keep anybody from using either side.
func (m Move) arrive(ctx context.Context, from *source) (*destination, error) {
	conn, err := dialPostgres(ctx, m.To, m.Log)
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
	// The server may take a while to see that an earlier run is gone.
	_, err := d.conn.Exec(ctx, `SELECT pg_advisory_lock(hashtextextended('sidetext move ' || current_schema(), 0))`)
	if code(err) == "55P03" {
		return errors.New("store: another move into this database is under way")
	}
	if err != nil {
		return fmt.Errorf("store: lock the new database: %w", err)
	}
	d.begun, err = d.readMark(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("store: look whether a move was begun: %w", err)
	case d.begun && d.mark.ID != from.mark.ID:
		return errors.New("store: the new database holds the beginning of another move: empty it first")
	case d.begun:
		return nil
	case from.mark.Done:
		return from.mark.refuses()
	}
	return d.empty(ctx, m)
}

func (d *destination) readMark(ctx context.Context) (found bool, err error) {
	var there int
	if err := d.conn.QueryRow(ctx, `SELECT COUNT(to_regclass('about'))`).Scan(&there); err != nil || there == 0 {
		return false, err
	}
	var text string
	err = d.conn.QueryRow(ctx, `SELECT value FROM about WHERE name = $1`, movedName).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err == nil {
		d.mark, err = readMark(text)
	}
	return true, err
}

// empty makes sure that there is nothing else, and makes the tables.
func (d *destination) empty(ctx context.Context, m Move) error {
	before, err := d.columns(ctx)
	if err != nil {
		return fmt.Errorf("store: list the new database's tables: %w", err)
	}
	if len(before) > 0 && before["migrations"] == nil {
		return errors.New("store: the new database has tables of something else: Sidetext needs one of its own")
	}
	for name := range before {
		if name == "migrations" || slices.Contains(ownTables, name) {
			continue
		}
		var some bool
		if err := d.conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM `+quoted(name)+`)`).Scan(&some); err != nil {
			return fmt.Errorf("store: look whether the new database is empty: %w", err)
		}
		if some {
			return fmt.Errorf("store: the new database has data of its own (table %s): what is moved needs an empty one", name)
		}
	}
	if err := aloneOnPostgres(ctx, m.To, m.Log); err != nil {
		return err
	}
	made, err := Open(ctx, m.To, m.Key, m.Log)
	if err != nil {
		return err
	}
	return made.Close()
}

// ownTables are those that a database has rows in before anybody used it.
var ownTables = []string{"about", "nodes", "duties"}

// begin has the database say that it is half a copy.
func (d *destination) begin(ctx context.Context, id string) error {
	d.mark = mark{ID: id, At: time.Now(), Into: true, Progress: map[string]progress{}}
	err := d.transact(ctx, "begin", func(tx pgx.Tx) error {
		for _, table := range ownTables {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO about (name, value) VALUES ($1, $2)`, movedName, d.mark.String())
		return err
	})
	if err != nil {
		return fmt.Errorf("store: move: %w", err)
	}
	return nil
}

// columns lists each table's columns, and of what type they are.
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

// agree makes sure that both sides have the same tables, and tells the source how
// the new one keeps what is in them.
func (d *destination) agree(ctx context.Context, from *source) error {
	theirs, err := d.columns(ctx)
	if err != nil {
		return fmt.Errorf("store: list the new database's tables: %w", err)
	}
	differ := len(theirs) != len(from.tables)+1
	know := func(t *table) {
		differ = differ || len(theirs[t.name]) != len(t.columns)
		for _, column := range t.columns {
			kind := theirs[t.name][column]
			differ = differ || kind == ""
			t.kinds = append(t.kinds, kind)
		}
	}
	know(&from.steps)
	for i := range from.tables {
		know(&from.tables[i])
	}
	if differ {
		return errors.New("store: the two databases are of different versions: empty the new one, give up with `sidetext move --undo`, and begin again")
	}
	return nil
}

// add adds rows, and in the same transaction notes how far the table has come.
func (d *destination) add(ctx context.Context, t table, b cargo) error {
	before := d.mark.Progress[t.name]
	now := progress{Rows: before.Rows + int64(len(b.rows)), Cleaned: before.Cleaned + b.cleaned, Last: b.last}
	err := d.transact(ctx, "add rows", func(tx pgx.Tx) error {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(b.rows)); err != nil {
			return err
		}
		d.mark.Progress[t.name] = now
		_, err := tx.Exec(ctx, `UPDATE about SET value = $1 WHERE name = $2`, d.mark.String(), movedName)
		return err
	})
	if err != nil {
		d.mark.Progress[t.name] = before
	}
	return err
}

// transact bounds how long a database that does not answer is waited for.
func (d *destination) transact(ctx context.Context, what string, f func(pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := pgx.BeginFunc(ctx, d.conn, f); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// digest reads the whole table.
func (d *destination) digest(ctx context.Context, t table) (sum digest, err error) {
	rows, err := d.conn.Query(ctx, `SELECT `+t.list()+` FROM `+quoted(t.name)+t.but())
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

// end makes the database one that can be opened.
func (d *destination) end(ctx context.Context) error {
	if _, err := d.conn.Exec(ctx, `ANALYZE`); err != nil {
		return fmt.Errorf("look what the tables are like: %w", err)
	}
	tx, err := d.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // once committed it does nothing
	// Who did something on the source does it no more: nobody is to wait for them.
	for _, last := range []string{`DELETE FROM duties`, `DELETE FROM nodes`} {
		if _, err := tx.Exec(ctx, last); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM about WHERE name = $1`, movedName); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func (d *destination) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = d.conn.Close(ctx) // and with it goes the lock
}
