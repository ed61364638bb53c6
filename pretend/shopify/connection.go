package shopify

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// A list is a sorted list of rows and what a connection needs to know about them.
type list[T row] struct {
	rows []T
	key  func(T) string // what the list is sorted by, before the id
	keep func(T) bool   // nil: all
	show func(T) object
}

// connection returns a page of a list. A cursor has the sort key and the id of its row, so
// that changes in between hide no rows.
func connection[T row](l list[T], args arguments) any {
	first := args.number("first")
	switch {
	case first == 0:
		return failure("you must provide one of first or last", "BAD_REQUEST")
	case first < 0 || first > 250:
		return failure("first must be between 1 and 250", "BAD_REQUEST")
	}
	at := 0
	if after := args.text("after"); after != "" {
		raw, err := base64.RawURLEncoding.DecodeString(after)
		key, id, ok := strings.Cut(string(raw), "\x00")
		if err != nil || !ok {
			return failure("Invalid cursor for current pagination sort.", "BAD_REQUEST")
		}
		reverse, _ := args["reverse"].(bool)
		at, _ = slices.BinarySearchFunc(l.rows, key+"\x00"+id, func(r T, seen string) int {
			// A row that was seen counts as smaller.
			c := cmp.Compare(rank(l.key(r), r.id()), seen)
			if reverse {
				c = -c
			}
			return cmp.Or(c, -1)
		})
	}
	var page []T
	more := false
	for _, r := range l.rows[at:] {
		if l.keep != nil && !l.keep(r) {
			continue
		}
		if more = len(page) == first; more {
			break
		}
		page = append(page, r)
	}
	nodes, edges := []object{}, []object{}
	info := object{"hasNextPage": more, "hasPreviousPage": at > 0}
	for i, r := range page {
		cursor := base64.RawURLEncoding.EncodeToString([]byte(rank(l.key(r), r.id())))
		if i == 0 {
			info["startCursor"] = cursor
		}
		info["endCursor"] = cursor
		node := l.show(r)
		nodes = append(nodes, node)
		edges = append(edges, object{"cursor": cursor, "node": node})
	}
	return object{"nodes": nodes, "edges": edges, "pageInfo": info}
}

func rank(key string, id int64) string { return key + "\x00" + fmt.Sprintf("%020d", id) }

// sortRows returns rows in the order of a key. Until the next change, the order is
// kept, so that reading a long list page by page does not sort it each time.
func sortRows[T row](s *Shopify, name string, rows []T, key func(T) string, reverse bool) []T {
	name = fmt.Sprint(name, reverse)
	if kept, ok := s.sorted[name].([]T); ok {
		return kept
	}
	out := slices.Clone(rows)
	slices.SortFunc(out, func(a, b T) int {
		c := cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a.id(), b.id()))
		if reverse {
			return -c
		}
		return c
	})
	s.sorted[name] = out
	return out
}

// page returns a page of a list that is complete, without a cursor of its own.
func page(nodes []object, args arguments) any {
	if first := args.number("first"); first > 0 && first < len(nodes) {
		nodes = nodes[:first]
	}
	edges := []object{}
	for i, node := range nodes {
		edges = append(edges, object{"cursor": fmt.Sprint(i), "node": node})
	}
	return object{"nodes": nodes, "edges": edges, "pageInfo": object{"hasNextPage": false, "hasPreviousPage": false}}
}

// search returns a filter for a search query: "updated_at:>='2026-11-30T00:00:00Z' test:false".
// Unknown names are ignored, with a warning in the response's extensions.
func search[T row](x *execution, field, query string, values map[string]func(T) []string) func(T) bool {
	var filters []func(T) bool
	for _, word := range splitWords(query) {
		name, value, ok := strings.Cut(word, ":")
		if !ok {
			continue // AND, or a word to find anywhere, which is not simulated
		}
		have, known := values[name]
		if !known {
			x.warnings = append(x.warnings, map[string]any{
				"path": ast.Path{ast.PathName(field)}, "query": query,
				"warnings": []any{map[string]any{"field": name, "message": "Invalid search field for this query.", "code": "invalid_field"}},
			})
			continue
		}
		op := value[:len(value)-len(strings.TrimLeft(value, "<>="))]
		want := strings.Trim(value[len(op):], `'"`)
		if at, err := time.Parse(time.RFC3339, want); err == nil {
			want = stamp(at)
		}
		filters = append(filters, func(r T) bool {
			return slices.ContainsFunc(have(r), func(have string) bool { return compare(have, op, want) })
		})
	}
	return func(r T) bool {
		return !slices.ContainsFunc(filters, func(ok func(T) bool) bool { return !ok(r) })
	}
}

func compare(have, op, want string) bool {
	switch op {
	case ">":
		return have > want
	case ">=":
		return have >= want
	case "<":
		return have < want
	case "<=":
		return have <= want
	}
	return strings.EqualFold(have, want)
}

// splitWords splits a query at spaces outside quotes.
func splitWords(query string) []string {
	quote := rune(0)
	return strings.FieldsFunc(query, func(r rune) bool {
		switch {
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case r == quote:
			quote = 0
		}
		return r == ' ' && quote == 0
	})
}
