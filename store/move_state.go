package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sidetext/store/sqldb"
)

// MoveMark is the row of the table about whose value is a MoveState.
const MoveMark = "moved"

// A MoveState records that a database is the source or the destination of a move.
type MoveState struct {
	ID   string    `json:"id"` // of the move, the same on both sides
	At   time.Time `json:"at"`
	Into bool      `json:"into,omitempty"` // this is the destination, and incomplete
	Done bool      `json:"done,omitempty"` // the copy is complete
}

// Refusal returns the error with which a database in this state is not opened.
func (m MoveState) Refusal() error {
	switch {
	case m.Into:
		return errors.New("store: a move into this database is not finished: run `sidetext move` again")
	case m.Done:
		return fmt.Errorf("store: this database was moved to PostgreSQL on %s and is out of date: set SIDETEXT_DATABASE_URL to the new one (`sidetext move --undo` reverts the move)", m.At.UTC().Format(time.DateOnly))
	}
	return errors.New("store: this database is being moved to PostgreSQL: run `sidetext move` again to finish, or `sidetext move --undo` to revert")
}

// checkNotMoved refuses a database that was moved and one that is an incomplete copy.
func checkNotMoved(tx sqldb.Tx) error {
	var text string
	err := tx.Row(`SELECT value FROM about WHERE name = $1`, MoveMark).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("store: read the state of a move: %w", err)
	}
	var m MoveState
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return fmt.Errorf("store: read the state of a move: %w", err)
	}
	return m.Refusal()
}
