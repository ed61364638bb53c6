package recharge

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A list describes a kind of object for list.
type list[T row] struct {
	name  string // of the list in the response
	rows  []T
	sorts string // allowed names of sort_by, besides "id"
	keep  func(T) bool
	show  func(T) view
}

// page returns the requested page. A cursor holds the query of the first page, so that
// the other parameters of later requests do not matter, and the last row's sort key.
func page[T row](r *Recharge, in *request, l list[T]) (int, any, *failure) {
	query := in.query
	limit := 50
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 250 {
			return 0, nil, invalid("limit", []string{"Must be between 1 and 250."})
		}
		limit = n
	}
	seen, started := "", false
	if cursor := query.Get("cursor"); cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		first, rest, ok := strings.Cut(string(raw), "\x00")
		kept, queryErr := url.ParseQuery(first)
		if err != nil || !ok || queryErr != nil {
			return 0, nil, invalid("cursor", []string{"Invalid value"})
		}
		kept.Set("include", query.Get("include"))
		query, seen, started = kept, rest, true
	}
	key, descending, fail := l.order(query.Get("sort_by"))
	if fail != nil {
		return 0, nil, fail
	}
	filter, fail := filterOf[T](query)
	if fail != nil {
		return 0, nil, fail
	}
	rows := sortRows(r, l.name+query.Get("sort_by"), l.rows, key, descending)
	at := 0
	if started {
		at, _ = slices.BinarySearchFunc(rows, seen, func(one T, seen string) int {
			c := cmp.Compare(rank(key, one), seen)
			if descending {
				c = -c
			}
			return cmp.Or(c, -1) // the row that was seen counts as smaller
		})
	}
	shown := []view{}
	next := any(nil)
	last := ""
	for _, one := range rows[at:] {
		if l.keep != nil && !l.keep(one) || !filter(one) {
			continue
		}
		if len(shown) == limit {
			kept := url.Values{}
			for name, values := range query {
				if name != "cursor" && name != "limit" && name != "include" {
					kept[name] = values
				}
			}
			next = base64.RawURLEncoding.EncodeToString([]byte(kept.Encode() + "\x00" + last))
			break
		}
		next := l.show(one)
		r.include(&next, one, query.Get("include"))
		shown, last = append(shown, next), rank(key, one)
	}
	return http.StatusOK, map[string]any{l.name: shown, "next_cursor": next, "previous_cursor": nil}, nil
}

// order returns the field of sort_by: "updated_at-asc".
func (l list[T]) order(sortBy string) (key string, descending bool, fail *failure) {
	key, way, _ := strings.Cut(cmp.Or(sortBy, "id-desc"), "-")
	if key != "id" && !slices.Contains(strings.Fields(l.sorts), key) || way != "asc" && way != "desc" {
		return "", false, invalid("sort_by", []string{"Not a valid choice."})
	}
	return key, way == "desc", nil
}

// rank returns a text that sorts like the field and then the id of an object.
func rank[T row](key string, r T) string {
	value := ""
	if key != "id" {
		value = r.field(key)[0]
	}
	id := strconv.FormatInt(r.id(), 10)
	return value + "\x00" + strings.Repeat("0", 20-len(id)) + id
}

// sortRows returns rows in the order of a field. Until the next change, the order is kept,
// so that reading a long list page by page does not sort it each time.
func sortRows[T row](r *Recharge, name string, rows []T, key string, descending bool) []T {
	if kept, ok := r.sorted[name].([]T); ok {
		return kept
	}
	out := slices.Clone(rows)
	slices.SortFunc(out, func(a, b T) int {
		c := cmp.Compare(a.id(), b.id())
		if key != "id" {
			c = cmp.Or(cmp.Compare(a.field(key)[0], b.field(key)[0]), c)
		}
		if descending {
			return -c
		}
		return c
	})
	r.sorted[name] = out
	return out
}

// filterOf returns the filter of a query. Lists of values are separated by commas.
func filterOf[T row](query url.Values) (func(T) bool, *failure) {
	var filters []func(T) bool
	for name := range query {
		value := query.Get(name)
		if value == "" {
			continue // left out
		}
		base, bound := name, ""
		for _, suffix := range []string{"_min", "_max"} {
			if rest, ok := strings.CutSuffix(name, suffix); ok {
				base, bound = rest, suffix
			}
		}
		wanted := strings.Split(value, ",")
		if strings.HasSuffix(base, "_at") {
			at, ok := parseTime(value)
			if !ok {
				return nil, invalid(name, []string{"Not a valid datetime."})
			}
			wanted = []string{sortable(at)}
			if base == "scheduled_at" {
				wanted = []string{parseDate(value)}
			}
		}
		filters = append(filters, func(r T) bool {
			have := r.field(base)
			if have == nil {
				have = r.field(strings.TrimSuffix(base, "s"))
			}
			if have == nil {
				return true // no such filter
			}
			return slices.ContainsFunc(have, func(have string) bool {
				switch bound {
				case "_min":
					return have >= wanted[0]
				case "_max":
					return have <= wanted[0]
				}
				return slices.Contains(wanted, have)
			})
		})
	}
	return func(r T) bool {
		return !slices.ContainsFunc(filters, func(ok func(T) bool) bool { return !ok(r) })
	}, nil
}
