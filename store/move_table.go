package store

import (
	"fmt"
	"strings"
)

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
