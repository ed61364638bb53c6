package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A mark is the row movedName: it says that a database is being left, or made, by
// a move.
type mark struct {
	ID       string              `json:"id"` // of the move, the same on both sides
	At       time.Time           `json:"at"`
	Into     bool                `json:"into,omitempty"` // this is the copy, and not whole
	Done     bool                `json:"done,omitempty"` // the copy is whole
	Progress map[string]progress `json:"progress,omitempty"`
}

// progress is how far a table has come.
type progress struct {
	Rows    int64     `json:"rows"`
	Cleaned int64     `json:"cleaned"`
	Last    []keyPart `json:"last"` // the last row's key
}

// A keyPart is a text, which may hold any bytes, or a number.
type keyPart struct {
	Text   []byte `json:"text,omitempty"`
	Number *int64 `json:"number,omitempty"`
}

func (p keyPart) value() any {
	if p.Number != nil {
		return *p.Number
	}
	return string(p.Text)
}

func (m mark) String() string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // of nothing that it holds
	}
	return string(text)
}

func readMark(text string) (m mark, err error) {
	m.Progress = map[string]progress{}
	if err = json.Unmarshal([]byte(text), &m); err != nil {
		err = fmt.Errorf("read how far a move has come: %w", err)
	}
	return m, err
}

// refuses says why a database with this mark is not to be opened.
func (m mark) refuses() error {
	switch {
	case m.Into:
		return errors.New("store: a move into this database has not ended: run `sidetext move` again")
	case m.Done:
		return fmt.Errorf("store: this database was moved to PostgreSQL on %s and is the past: set SIDETEXT_DATABASE_URL to the new one (`sidetext move --undo` would take it back)", m.At.UTC().Format(time.DateOnly))
	}
	return errors.New("store: this database is being moved to PostgreSQL: run `sidetext move` again, or give up with `sidetext move --undo`")
}

// notMoved makes sure that a database is neither one that was moved nor the half
// of a copy.
func notMoved(l link) error {
	var steps int
	if err := l.row(`SELECT COUNT(*) FROM migrations`).Scan(&steps); err != nil || steps == 0 {
		return err // it is empty
	}
	var text string
	err := l.row(`SELECT value FROM about WHERE name = $1`, movedName).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("store: ask whether it was moved: %w", err)
	}
	m, err := readMark(text)
	if err != nil {
		return err
	}
	return m.refuses()
}

func sqliteMark(ctx context.Context, conn *sql.Conn) (m mark, found bool, err error) {
	if has, err := texts(ctx, conn, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'about'`); err != nil || len(has) == 0 {
		return m, false, err
	}
	said, err := texts(ctx, conn, `SELECT value FROM about WHERE name = $1`, movedName)
	if err != nil || len(said) == 0 {
		return m, false, err
	}
	m, err = readMark(said[0])
	return m, true, err
}

// UndoMove opens a SQLite database again that was moved, or was to be. What was
// kept in the new one since is not in it; and since texts that wait in it may
// have left from there, they are put aside (see Restored).
func UndoMove(ctx context.Context, url string) error {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return errors.New("store: only a SQLite database can have been moved")
	}
	if err := (sqlite{path, true}).find(); err != nil {
		return err
	}
	return changing(ctx, path, "undo a move", func(conn *sql.Conn) error {
		m, found, err := sqliteMark(ctx, conn)
		if err == nil && !found {
			err = errors.New("this database was not moved")
		}
		if err != nil {
			return err
		}
		triggers, err := texts(ctx, conn, `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'moved/%'`)
		if err != nil {
			return err
		}
		changes := []string{`DELETE FROM about WHERE name = '` + movedName + `'`}
		for _, name := range triggers {
			changes = append(changes, `DROP TRIGGER `+quoted(name))
		}
		if m.Done {
			changes = append(changes, fmt.Sprintf(`INSERT INTO about (name, value) VALUES ('%s', '%d')`, copiedName, micros(m.At)))
		}
		return each(ctx, conn, changes)
	})
}

// changing runs f in a transaction on a file that others may be writing.
func changing(ctx context.Context, path, what string, f func(*sql.Conn) error) (err error) {
	db := sql.OpenDB(sqlite{path, true})
	defer db.Close()
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("store: connect: %w", err)
	}
	defer conn.Close()
	for until := time.Now().Add(patience); ; {
		_, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE")
		if !busy(err) || time.Now().After(until) {
			break // each try waits for a while by itself
		}
	}
	if err == nil {
		if err = f(conn); err == nil {
			_, err = conn.ExecContext(ctx, "COMMIT")
		}
		if err != nil {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		}
	}
	if err != nil {
		return sqlite{path, true}.plain(fmt.Errorf("store: %s: %w", what, err))
	}
	return nil
}

func each(ctx context.Context, conn *sql.Conn, changes []string) error {
	for _, change := range changes {
		if _, err := conn.ExecContext(ctx, change); err != nil {
			return err
		}
	}
	return nil
}
