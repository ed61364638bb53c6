package upkeep

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/sqldb"
)

// A source is the SQLite database that is moved.
type source struct {
	path    string
	db      *sql.DB
	conn    *sql.Conn
	state   moveState
	blocked bool // an earlier run made it refuse changes

	migrations table   // both sides have their own
	tables     []table // all other tables, each after those that it references
}

// openSource opens the database and checks the key.
func (m Move) openSource(ctx context.Context, path string) (*source, error) {
	if err := sqldb.FindSQLite(path); err != nil {
		return nil, err
	}
	s := &source{path: path, db: sql.OpenDB(sqldb.SQLite{Path: path, ReadOnly: true})}
	if err := s.prepare(ctx, m); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *source) prepare(ctx context.Context, m Move) (err error) {
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return fmt.Errorf("store: connect: %w", err)
	}
	if s.state, s.blocked, err = loadState(ctx, s.conn); err != nil {
		return fmt.Errorf("store: read the state of a move: %w", err)
	}
	if !s.blocked {
		// Opening it brings the schema up to date and checks the key.
		s.state.ID = chat.NewID[string](time.Now())
		opened, err := store.Reopen(ctx, m.From, m.Key, m.Log)
		if err != nil {
			return err
		}
		return opened.Close()
	}
	seal, err := store.NewSeal(m.Key)
	if err != nil {
		return err
	}
	sealed, err := queryTexts(ctx, s.conn, `SELECT value FROM about WHERE name = $1`, store.KeyCheck)
	if err != nil || len(sealed) == 0 {
		return fmt.Errorf("store: read the key check: %w", cmp.Or(err, sql.ErrNoRows))
	}
	if err := seal.Verify(sealed[0]); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// block makes every table refuse every change, from every process.
func (s *source) block(ctx context.Context) error {
	if s.blocked {
		return nil
	}
	return transact(ctx, s.path, "block changes", func(conn *sql.Conn) error {
		if _, found, err := loadState(ctx, conn); err != nil || found {
			return errors.Join(err, errors.New("another move was started"))
		}
		s.state.At = time.Now()
		names, err := listTables(ctx, conn)
		if err != nil {
			return err
		}
		// Without an epoch, the next start after an undo makes another one.
		statements := []string{
			`DELETE FROM about WHERE name IN ('epoch', 'ready')`,
			fmt.Sprintf(`INSERT INTO about (name, value) VALUES ('%s', '%s')`, store.MoveMark, s.state),
		}
		for _, name := range names {
			for _, act := range []string{"INSERT", "UPDATE", "DELETE"} {
				unless := ""
				if name == "about" {
					unless = map[bool]string{true: "WHEN OLD.name", false: "WHEN NEW.name"}[act == "DELETE"] + ` <> '` + store.MoveMark + `'`
				}
				statements = append(statements, fmt.Sprintf(`CREATE TRIGGER %s BEFORE %s ON %s %s BEGIN SELECT RAISE(ABORT, 'this database is being moved or was moved: no more changes'); END`,
					quoted("moved/"+name+"/"+act), act, quoted(name), unless))
			}
		}
		return execAll(ctx, conn, statements)
	})
}

// loadTables lists the tables and begins the read transaction.
func (s *source) loadTables(ctx context.Context) error {
	if _, err := s.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("store: begin to read: %w", err)
	}
	names, err := listTables(ctx, s.conn)
	if err != nil {
		return fmt.Errorf("store: list tables: %w", err)
	}
	references := map[string][]string{}
	for _, name := range names {
		if references[name], err = queryTexts(ctx, s.conn, `SELECT DISTINCT "table" FROM pragma_foreign_key_list($1)`, name); err != nil {
			return fmt.Errorf("store: read the schema of table %s: %w", name, err)
		}
	}
	for len(names) > 0 {
		left := len(names)
		for _, name := range slices.Clone(names) {
			if slices.ContainsFunc(references[name], func(other string) bool { return slices.Contains(names, other) && other != name }) {
				continue
			}
			t, err := s.table(ctx, name)
			if err != nil {
				return fmt.Errorf("store: read the schema of table %s: %w", name, err)
			}
			if name == "migrations" {
				s.migrations = t
			} else {
				s.tables = append(s.tables, t)
			}
			names = slices.DeleteFunc(names, func(n string) bool { return n == name })
		}
		if len(names) == left {
			return fmt.Errorf("store: the tables %s reference each other", strings.Join(names, ", "))
		}
	}
	return nil
}

func (s *source) table(ctx context.Context, name string) (t table, err error) {
	t.name = name
	if t.columns, err = queryTexts(ctx, s.conn, `SELECT name FROM pragma_table_info($1) ORDER BY name`, name); err != nil {
		return t, err
	}
	key, err := queryTexts(ctx, s.conn, `SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`, name)
	if err == nil && len(key) == 0 {
		err = errors.New("it has no primary key")
	}
	for _, column := range key {
		t.key = append(t.key, slices.Index(t.columns, column))
	}
	if err == nil {
		err = s.conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+quoted(name)+t.where()).Scan(&t.rows)
	}
	return t, err
}

// batch reads the rows after a key, or the first ones if after is nil.
func (s *source) batch(ctx context.Context, t table, after []keyPart, limit int) (b batch, err error) {
	query := `SELECT ` + t.list() + ` FROM ` + quoted(t.name) + t.where()
	var args []any
	if after != nil {
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(after)), ", ")
		query += ` AND (` + t.list(t.key...) + `) > (` + marks + `)`
		for _, part := range after {
			args = append(args, part.value())
		}
	}
	rows, err := s.conn.QueryContext(ctx, query+` ORDER BY `+t.list(t.key...)+fmt.Sprintf(` LIMIT %d`, limit), args...)
	if err != nil {
		return b, err
	}
	defer rows.Close()
	size := 0
	for size < maxBatchBytes && rows.Next() {
		row, n, cleaned, err := t.scan(rows, &b.last)
		if err != nil {
			return b, err
		}
		b.rows, b.cleaned, size = append(b.rows, row), b.cleaned+cleaned, size+n
	}
	b.more = size >= maxBatchBytes || len(b.rows) == limit
	return b, rows.Err()
}

// digest reads the whole table.
func (s *source) digest(ctx context.Context, t table, report func(int64)) (d digest, err error) {
	rows, err := s.conn.QueryContext(ctx, `SELECT `+t.list()+` FROM `+quoted(t.name)+t.where())
	if err != nil {
		return d, err
	}
	defer rows.Close()
	for rows.Next() {
		row, _, _, err := t.scan(rows, nil)
		if err != nil {
			return d, err
		}
		if d.add(row); d.rows%maxBatchRows == 0 {
			report(d.rows)
		}
	}
	report(d.rows)
	return d, rows.Err()
}

// end records that the copy is complete.
func (s *source) end(ctx context.Context) error {
	s.state.Done, s.state.At = true, time.Now()
	return transact(ctx, s.path, "end the move", func(conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, `UPDATE about SET value = $1 WHERE name = $2`, s.state.String(), store.MoveMark)
		return err
	})
}

func (s *source) close() {
	if s.conn != nil {
		_, _ = s.conn.ExecContext(context.Background(), "ROLLBACK") // it only read
		_ = s.conn.Close()
	}
	_ = s.db.Close()
}
