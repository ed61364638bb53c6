package sqldb

import (
	"context"
	"strings"
	"unicode/utf8"
)

// A Tx runs statements in one transaction or read. Statements use $1, $2, … on
// both engines; each is prepared once for a connection and used again.
type Tx struct {
	ctx  context.Context
	conn querier
}

// A Scanner reads the columns of a row. *sql.Rows and pgx.Rows are Scanners.
type Scanner interface{ Scan(...any) error }

type querier interface {
	exec(ctx context.Context, query string, args []any) (changed int64, err error)
	execLater(ctx context.Context, query string, args []any) error
	row(ctx context.Context, query string, args []any) Scanner
	rows(ctx context.Context, scan func(Scanner) error, query string, args []any) error
	lock(ctx context.Context, query string, args []any) error
	exclusive(ctx context.Context, name string) error
}

// Context returns a context that ends when the caller of a read no longer waits. In
// a write it never ends.
func (tx Tx) Context() context.Context { return tx.ctx }

// Exec runs a statement and returns how many rows it changed.
func (tx Tx) Exec(query string, args ...any) (changed int64, err error) {
	return tx.conn.exec(tx.ctx, query, clean(args))
}

// ExecLater is Exec for a statement whose result is not needed: every later
// statement sees its effect, and if it fails the request fails. It may be sent
// with the next statement, and then costs no round trip.
func (tx Tx) ExecLater(query string, args ...any) error {
	return tx.conn.execLater(tx.ctx, query, clean(args))
}

// Row reads one row. If there is none, Scan returns sql.ErrNoRows.
func (tx Tx) Row(query string, args ...any) Scanner {
	return tx.conn.row(tx.ctx, query, clean(args))
}

// Rows calls scan for each row. scan must not run statements itself.
func (tx Tx) Rows(scan func(Scanner) error, query string, args ...any) error {
	return tx.conn.rows(tx.ctx, scan, query, clean(args))
}

// Lock locks the rows that query selects until the transaction ends, so that
// later statements read their newest version. On SQLite, which has one writer,
// it does nothing.
func (tx Tx) Lock(query string, args ...any) error {
	return tx.conn.lock(tx.ctx, query, clean(args))
}

// Exclusive waits until no other transaction holds name, and holds it until the
// transaction ends.
func (tx Tx) Exclusive(name string) error { return tx.conn.exclusive(tx.ctx, name) }

// rowError is a row that could not be read.
type rowError struct{ err error }

func (r rowError) Scan(...any) error { return r.err }

// clean replaces, in place, what PostgreSQL cannot keep in a text.
func clean(args []any) []any {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = CleanText(text)
		}
	}
	return args
}

// CleanText replaces zero bytes and invalid UTF-8 with U+FFFD, so that both
// engines keep the same text.
func CleanText(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 {
		return text
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
}
