package store

import (
	"strconv"
	"strings"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// lookupSizes are the numbers of keys that one statement may look up: only a few
// different ones, so that few statements are prepared.
var lookupSizes = []int{4, 32, 256}

// noKey fills up the keys of a statement. No id, phone or address equals it.
const noKey = "\uFFFD-"

// lookUp reads the rows for many keys, some statements in all. A statement selects
// columns from the keys, asked.column1, joined with what join names. In it $1 is the
// shop. CROSS JOIN makes SQLite take one key after the other, so that it never scans
// a shop's rows because that seems cheaper.
func (tx tx) lookUp(shop chat.ShopID, keys []string, scan func(sqldb.Scanner) error, columns, join string) error {
	for len(keys) > 0 {
		size := lookupSizes[0]
		for _, more := range lookupSizes {
			if size < len(keys) {
				size = more
			}
		}
		batch := keys[:min(size, len(keys))]
		keys = keys[len(batch):]
		args := make([]any, 1, size+1)
		args[0] = string(shop)
		for _, key := range batch {
			args = append(args, key)
		}
		for len(args) <= size {
			args = append(args, noKey)
		}
		if err := tx.Rows(scan, `SELECT `+columns+` FROM (VALUES `+placeholders(size)+`) AS asked CROSS JOIN `+join, args...); err != nil {
			return err
		}
	}
	return nil
}

// placeholders returns "($2), ($3), …" for this many keys.
func placeholders(size int) string {
	var list strings.Builder
	for i := range size {
		if i > 0 {
			list.WriteString(", ")
		}
		list.WriteString("($" + strconv.Itoa(i+2) + ")")
	}
	return list.String()
}
