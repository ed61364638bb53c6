package upkeep

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"sidetext/store"
	"sidetext/store/sqldb"
)

// A moveState is the value of the row store.MoveMark, with the progress that
// the destination keeps.
type moveState struct {
	store.MoveState
	Progress map[string]progress `json:"progress,omitempty"` // by table
}

// progress is how much of a table has been copied.
type progress struct {
	Rows    int64     `json:"rows"`
	Cleaned int64     `json:"cleaned"`
	Last    []keyPart `json:"last"` // the key of the last row
}

// A keyPart is one column of a key: a text, which may hold any bytes, or a number.
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

func (m moveState) String() string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // it holds nothing that can't be encoded
	}
	return string(text)
}

func parseState(text string) (m moveState, err error) {
	m.Progress = map[string]progress{}
	if err = json.Unmarshal([]byte(text), &m); err != nil {
		err = fmt.Errorf("parse the state of a move: %w", err)
	}
	return m, err
}

func loadState(ctx context.Context, conn *sql.Conn) (m moveState, found bool, err error) {
	if has, err := queryTexts(ctx, conn, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'about'`); err != nil || len(has) == 0 {
		return m, false, err
	}
	values, err := queryTexts(ctx, conn, `SELECT value FROM about WHERE name = $1`, store.MoveMark)
	if err != nil || len(values) == 0 {
		return m, false, err
	}
	m, err = parseState(values[0])
	return m, true, err
}

// UndoMove lets a SQLite database that was moved, or whose move was begun, be used
// again. It lacks what was written to the new database since. After a complete move
// its waiting texts fail (see FinishRestore), because the new database may have sent
// them.
func UndoMove(ctx context.Context, url string) error {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return errors.New("store: undo a move: not a SQLite database")
	}
	if err := sqldb.FindSQLite(path); err != nil {
		return err
	}
	return transact(ctx, path, "undo a move", func(conn *sql.Conn) error {
		m, found, err := loadState(ctx, conn)
		if err == nil && !found {
			err = errors.New("this database was not moved")
		}
		if err != nil {
			return err
		}
		triggers, err := queryTexts(ctx, conn, `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'moved/%'`)
		if err != nil {
			return err
		}
		statements := []string{`DELETE FROM about WHERE name = '` + store.MoveMark + `'`}
		for _, name := range triggers {
			statements = append(statements, `DROP TRIGGER `+quoted(name))
		}
		if m.Done {
			statements = append(statements, fmt.Sprintf(`INSERT INTO about (name, value) VALUES ('%s', '%d')`, store.CopyMark, m.At.UnixMicro()))
		}
		return execAll(ctx, conn, statements)
	})
}
