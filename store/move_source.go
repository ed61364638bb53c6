package store

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
)

// A source is a SQLite database that takes no more changes.
type source struct {
	path   string
	db     *sql.DB
	conn   *sql.Conn
	mark   mark
	closed bool    // an earlier run closed it
	steps  table   // migrations: both sides have their own
	tables []table // all others, each after those that it refers to
}

// leave finds the database to leave, and makes sure of its key.
func (m Move) leave(ctx context.Context, path string) (*source, error) {
	if err := (sqlite{path, false}).find(); err != nil {
		return nil, err
	}
	s := &source{path: path, db: sql.OpenDB(sqlite{path, false})}
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
	if s.mark, s.closed, err = sqliteMark(ctx, s.conn); err != nil {
		return fmt.Errorf("store: look whether it was moved: %w", err)
	}
	if !s.closed {
		// Opening it brings it up to date and makes sure of the key.
		s.mark.ID = chat.NewID[string](time.Now())
		opened, err := Reopen(ctx, m.From, m.Key, m.Log)
		if err != nil {
			return err
		}
		return opened.Close()
	}
	seal, err := newSeal(m.Key)
	if err != nil {
		return err
	}
	sealed, err := texts(ctx, s.conn, `SELECT value FROM about WHERE name = $1`, keyName)
	if err != nil || len(sealed) == 0 {
		return fmt.Errorf("store: find out which key it needs: %w", cmp.Or(err, sql.ErrNoRows))
	}
	if _, err := seal.open(sealed[0], "", keyName); err != nil {
		return fmt.Errorf("store: %w", errOtherKey)
	}
	return nil
}

// shut has every table refuse every change, by whichever process, from now on.
func (s *source) shut(ctx context.Context) error {
	if s.closed {
		return nil
	}
	return changing(ctx, s.path, "close it for changes", func(conn *sql.Conn) error {
		if _, found, err := sqliteMark(ctx, conn); err != nil || found {
			return errors.Join(err, errors.New("somebody else begins to move it"))
		}
		s.mark.At = time.Now()
		names, err := tables(ctx, conn)
		if err != nil {
			return err
		}
		// Whoever takes it back begins another epoch.
		changes := []string{
			`DELETE FROM about WHERE name IN ('epoch', 'ready')`,
			fmt.Sprintf(`INSERT INTO about (name, value) VALUES ('%s', '%s')`, movedName, s.mark),
		}
		for _, name := range names {
			for _, act := range []string{"INSERT", "UPDATE", "DELETE"} {
				unless := ""
				if name == "about" {
					unless = map[bool]string{true: "WHEN OLD.name", false: "WHEN NEW.name"}[act == "DELETE"] + ` <> '` + movedName + `'`
				}
				changes = append(changes, fmt.Sprintf(`CREATE TRIGGER %s BEFORE %s ON %s %s BEGIN SELECT RAISE(ABORT, 'this database is being moved, or was: it takes no more changes'); END`,
					quoted("moved/"+name+"/"+act), act, quoted(name), unless))
			}
		}
		return each(ctx, conn, changes)
	})
}

// look learns what tables there are, and begins to read.
func (s *source) look(ctx context.Context) error {
	if _, err := s.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("store: begin to read: %w", err)
	}
	names, err := tables(ctx, s.conn)
	if err != nil {
		return fmt.Errorf("store: list tables: %w", err)
	}
	refers := map[string][]string{}
	for _, name := range names {
		if refers[name], err = texts(ctx, s.conn, `SELECT DISTINCT "table" FROM pragma_foreign_key_list($1)`, name); err != nil {
			return fmt.Errorf("store: look at table %s: %w", name, err)
		}
	}
	for len(names) > 0 {
		left := len(names)
		for _, name := range slices.Clone(names) {
			if slices.ContainsFunc(refers[name], func(other string) bool { return slices.Contains(names, other) && other != name }) {
				continue
			}
			t, err := s.table(ctx, name)
			if err != nil {
				return fmt.Errorf("store: look at table %s: %w", name, err)
			}
			if name == "migrations" {
				s.steps = t
			} else {
				s.tables = append(s.tables, t)
			}
			names = slices.DeleteFunc(names, func(n string) bool { return n == name })
		}
		if len(names) == left {
			return fmt.Errorf("store: the tables %s refer to each other", strings.Join(names, ", "))
		}
	}
	return nil
}

func (s *source) table(ctx context.Context, name string) (t table, err error) {
	t.name = name
	if t.columns, err = texts(ctx, s.conn, `SELECT name FROM pragma_table_info($1) ORDER BY name`, name); err != nil {
		return t, err
	}
	key, err := texts(ctx, s.conn, `SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`, name)
	if err == nil && len(key) == 0 {
		err = errors.New("it has no primary key")
	}
	for _, column := range key {
		t.key = append(t.key, slices.Index(t.columns, column))
	}
	if err == nil {
		err = s.conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+quoted(name)+t.but()).Scan(&t.rows)
	}
	return t, err
}

// batch reads the rows after a key, or the first ones.
func (s *source) batch(ctx context.Context, t table, after []keyPart, atOnce int) (b cargo, err error) {
	query := `SELECT ` + t.list() + ` FROM ` + quoted(t.name) + t.but()
	var args []any
	if after != nil {
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(after)), ", ")
		query += ` AND (` + t.list(t.key...) + `) > (` + marks + `)`
		for _, part := range after {
			args = append(args, part.value())
		}
	}
	rows, err := s.conn.QueryContext(ctx, query+` ORDER BY `+t.list(t.key...)+fmt.Sprintf(` LIMIT %d`, atOnce), args...)
	if err != nil {
		return b, err
	}
	defer rows.Close()
	size := 0
	for size < bytesAtOnce && rows.Next() {
		row, n, cleaned, err := t.scan(rows, &b.last)
		if err != nil {
			return b, err
		}
		b.rows, b.cleaned, size = append(b.rows, row), b.cleaned+cleaned, size+n
	}
	b.more = size >= bytesAtOnce || len(b.rows) == atOnce
	return b, rows.Err()
}

// digest reads the whole table.
func (s *source) digest(ctx context.Context, t table, tell func(int64)) (d digest, err error) {
	rows, err := s.conn.QueryContext(ctx, `SELECT `+t.list()+` FROM `+quoted(t.name)+t.but())
	if err != nil {
		return d, err
	}
	defer rows.Close()
	for rows.Next() {
		row, _, _, err := t.scan(rows, nil)
		if err != nil {
			return d, err
		}
		if d.add(row); d.rows%rowsAtOnce == 0 {
			tell(d.rows)
		}
	}
	tell(d.rows)
	return d, rows.Err()
}

// end notes that the copy is whole.
func (s *source) end(ctx context.Context) error {
	s.mark.Done, s.mark.At = true, time.Now()
	return changing(ctx, s.path, "close it for good", func(conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, `UPDATE about SET value = $1 WHERE name = $2`, s.mark.String(), movedName)
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
