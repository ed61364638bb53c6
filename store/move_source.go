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

// A table as both sides have it.
type table struct {
	name    string
	columns []string
	kinds   []string // PostgreSQL's type of each column
	key     []int    // places of the primary key's columns
	rows    int64    // in the source
}

// A cargo is some rows of a table, in the order of its key.
type cargo struct {
	rows    [][]any
	last    []keyPart // the last row's key, as it is in the source
	cleaned int64
	more    bool // there may be
}

const (
	rowsAtOnce  = 5000
	bytesAtOnce = 4 << 20
)

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

// but leaves out what belongs to the move itself.
func (t table) but() string {
	if t.name == "about" {
		return ` WHERE name <> '` + movedName + `'`
	}
	return ` WHERE 1 = 1`
}

// list is the columns for a statement.
func (t table) list(columns ...int) string {
	var names []string
	for i, name := range t.columns {
		if columns == nil {
			names = append(names, quoted(name))
		} else if i < len(columns) {
			names = append(names, quoted(t.columns[columns[i]]))
		}
	}
	return strings.Join(names, ", ")
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

// scan reads a row as PostgreSQL is to keep it. It says how large it is, how many
// of its texts had to be cleaned, and, where somebody asks for it, what its key is.
func (t table) scan(row scanner, key *[]keyPart) (values []any, size int, cleaned int64, err error) {
	values = make([]any, len(t.columns))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	if err = row.Scan(into...); err != nil {
		return nil, 0, 0, err
	}
	if key != nil {
		*key = (*key)[:0]
		for _, i := range t.key {
			*key = append(*key, part(values[i]))
		}
	}
	for i, value := range values {
		clean := false
		if values[i], clean, err = fit(value, t.kinds[i]); err != nil {
			return nil, 0, 0, fmt.Errorf("column %s: %w", t.columns[i], err)
		}
		if clean {
			cleaned++
		}
		switch v := values[i].(type) {
		case string:
			size += len(v)
		case []byte:
			size += len(v)
		}
		size += 8
	}
	return values, size, cleaned, nil
}

func part(value any) keyPart {
	switch v := value.(type) {
	case int64:
		return keyPart{Number: &v}
	case []byte:
		return keyPart{Text: v}
	case string:
		return keyPart{Text: []byte(v)}
	}
	return keyPart{}
}

// fit makes a value what a column of this kind takes.
func fit(value any, kind string) (fitting any, cleaned bool, err error) {
	if raw, ok := value.([]byte); ok && kind == "text" {
		value = string(raw)
	}
	switch v := value.(type) {
	case nil:
		return nil, false, nil
	case string:
		if kind == "bytea" {
			return []byte(v), false, nil
		}
		if kind == "text" {
			clean := cleanText(v)
			return clean, clean != v, nil
		}
	case []byte:
		if kind == "bytea" {
			return v, false, nil
		}
	case int64:
		if kind == "bigint" || kind == "integer" {
			return v, false, nil
		}
	}
	return nil, false, fmt.Errorf("%T does not fit into %s", value, kind)
}

// cleanText is a text as the store keeps it.
func cleanText(s string) string {
	return clean([]any{s})[0].(string)
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
