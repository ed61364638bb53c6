package upkeep

import (
	"fmt"
	"strings"

	"sidetext/store"
	"sidetext/store/sqldb"
)

// A table is one that both sides have.
type table struct {
	name    string
	columns []string
	kinds   []string // PostgreSQL's type of each column
	key     []int    // indexes of the primary key's columns
	rows    int64    // in the source
}

// A batch is some rows of a table, in the order of its key.
type batch struct {
	rows    [][]any
	last    []keyPart // the last row's key, as it is in the source
	cleaned int64
	more    bool // there may be more rows
}

const (
	maxBatchRows  = 5000
	maxBatchBytes = 4 << 20
)

// where returns a condition that leaves out the state of the move itself.
func (t table) where() string {
	if t.name == "about" {
		return ` WHERE name <> '` + store.MoveMark + `'`
	}
	return ` WHERE 1 = 1`
}

// list names the columns, or those with these indexes, for a statement.
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

// scan reads a row as PostgreSQL stores it: its values, its approximate size in
// bytes, how many texts had to be cleaned and, if key is not nil, its key.
func (t table) scan(row sqldb.Scanner, key *[]keyPart) (values []any, size int, cleaned int64, err error) {
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
			*key = append(*key, newKeyPart(values[i]))
		}
	}
	for i, value := range values {
		clean := false
		if values[i], clean, err = convert(value, t.kinds[i]); err != nil {
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

func newKeyPart(value any) keyPart {
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

// convert makes a value one that a column of this type takes.
func convert(value any, kind string) (converted any, cleaned bool, err error) {
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
			clean := sqldb.CleanText(v)
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
	return nil, false, fmt.Errorf("can't store %T as %s", value, kind)
}
