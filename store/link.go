package store

import (
	"context"
	"strings"
	"unicode/utf8"
)

// A link speaks to the database within one request.
type link struct {
	ctx  context.Context
	conn speaker
}

// A speaker says statements to one connection. Every one is prepared once and
// used again.
type speaker interface {
	exec(ctx context.Context, query string, args []any) (changed int64, err error)
	later(ctx context.Context, query string, args []any) error
	row(ctx context.Context, query string, args []any) scanner
	rows(ctx context.Context, scan func(scanner) error, query string, args []any) error
	lock(ctx context.Context, query string, args []any) error
	alone(ctx context.Context, name string) error
}

type scanner interface{ Scan(...any) error }

type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

func (l link) exec(query string, args ...any) (changed int64, err error) {
	return l.conn.exec(l.ctx, query, clean(args))
}

// later is exec for a statement whose result nobody needs to know before the
// request ends: what it does is seen by every statement after it, and when it
// fails the request does. It may travel with the next.
func (l link) later(query string, args ...any) error {
	return l.conn.later(l.ctx, query, clean(args))
}

// lock keeps everybody else from changing the rows that query finds, until this
// transaction ends: what is asked after it is what they are then. Where one writes
// at a time it does nothing.
func (l link) lock(query string, args ...any) error {
	return l.conn.lock(l.ctx, query, clean(args))
}

// alone keeps everybody else waiting who wants to be alone with the same name,
// until this transaction ends.
func (l link) alone(name string) error { return l.conn.alone(l.ctx, name) }

// row reads one row; without one Scan returns sql.ErrNoRows.
func (l link) row(query string, args ...any) scanner {
	return l.conn.row(l.ctx, query, clean(args))
}

// rows calls scan for each row of the answer. scan may not ask anything itself.
func (l link) rows(scan func(scanner) error, query string, args ...any) error {
	return l.conn.rows(l.ctx, scan, query, clean(args))
}

// clean replaces, in place, what not every engine can keep in a text: zero bytes,
// and bytes that are no UTF-8.
func clean(args []any) []any {
	for i, arg := range args {
		if text, ok := arg.(string); ok && (!utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0) {
			args[i] = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
		}
	}
	return args
}
