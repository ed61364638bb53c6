package gorgias

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A row is an item of a list with its sort keys.
type row struct {
	id   int64
	keys map[string]string // name in order_by → text that sorts like the value
	show func() any
}

// byTime returns the sort keys of most lists.
func byTime(created, updated Time) map[string]string {
	return map[string]string{
		"created_datetime": created.UTC().Format(timeForm), "updated_datetime": updated.UTC().Format(timeForm),
	}
}

// list sorts rows and returns the requested page. A cursor contains the last item of
// the previous page, so that concurrent changes do not hide items.
func list(r *request, order string, rows []row) (int, any, *failure) {
	if value := r.query.Get("order_by"); value != "" {
		order = value
	}
	first, _, _ := strings.Cut(order, ",")
	name, way, _ := strings.Cut(first, ":")
	if len(rows) > 0 && rows[0].keys[name] == "" || way != "" && way != "asc" && way != "desc" {
		return 0, nil, invalid("order_by", notOneOf)
	}
	limit := 30
	if value := r.query.Get("limit"); value != "" {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 100 {
			return 0, nil, invalid("limit", "Must be greater than or equal to 1 and less than or equal to 100.")
		}
		limit = n
	}
	compare := func(a, b row) int {
		c := cmp.Or(cmp.Compare(a.keys[name], b.keys[name]), cmp.Compare(a.id, b.id))
		if way == "desc" {
			return -c
		}
		return c
	}
	slices.SortFunc(rows, compare)
	if cursor := r.query.Get("cursor"); cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		id, key, ok := strings.Cut(string(raw), " ")
		n, numeric := strconv.ParseInt(id, 10, 64)
		if err != nil || numeric != nil || !ok {
			return 0, nil, invalid("cursor", "Not a valid cursor.")
		}
		seen := row{id: n, keys: map[string]string{name: key}}
		rows = slices.DeleteFunc(rows, func(row row) bool { return compare(row, seen) <= 0 })
	}
	var next any
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.id, 10) + " " + last.keys[name]))
	}
	shown := make([]any, 0, len(rows))
	for _, row := range rows {
		shown = append(shown, row.show())
	}
	_, path, _ := strings.Cut(r.URL.RequestURI(), "/api/")
	return http.StatusOK, map[string]any{
		"object": "list", "uri": "/api/" + path, "data": shown,
		"meta": map[string]any{"prev_cursor": nil, "next_cursor": next},
	}, nil
}
