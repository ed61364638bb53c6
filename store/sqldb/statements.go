package sqldb

import (
	"maps"
	"slices"
)

// Statements lists the statements that SQLite has prepared for tx's connection,
// so that a test can check their query plans.
func (tx Tx) Statements() []string {
	switch c := tx.conn.(type) {
	case *sqliteConn:
		return slices.Collect(maps.Keys(c.stmts))
	case *sqliteReader:
		c.mu.Lock()
		defer c.mu.Unlock()
		return slices.Collect(maps.Keys(c.stmts))
	}
	return nil
}
