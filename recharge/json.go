package recharge

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
)

// maxText limits the length of a text that is taken over, in bytes.
const maxText = 2000

// parseJSON parses one JSON value. Numbers are kept as they are written: a float64
// can't hold all ids. Its errors quote nothing.
func parseJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil, errShape
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errShape
	}
	return v, nil
}

// An object is a JSON object. Its methods take paths like
// "external_customer_id.ecommerce" and return the first value that is not empty. A
// value that is missing or has another type is empty.
type object map[string]any

func (o object) at(path string) any {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		return o[name]
	}
	inner, _ := o[name].(map[string]any)
	return object(inner).at(rest)
}

// has reports whether there is a value, even if it is null.
func (o object) has(name string) bool {
	_, ok := o[name]
	return ok
}

func (o object) object(path string) object {
	inner, _ := o.at(path).(map[string]any)
	return inner
}

func (o object) list(path string) []object {
	values, _ := o.at(path).([]any)
	return objects(values)
}

func objects(values []any) []object {
	var list []object
	for _, v := range values {
		if inner, ok := v.(map[string]any); ok {
			list = append(list, inner)
		}
	}
	return list
}

func (o object) text(paths ...string) string {
	for _, path := range paths {
		if s := textOf(o.at(path)); s != "" {
			return s
		}
	}
	return ""
}

// lower is text in lower case: version 2021-01 has statuses in upper case.
func (o object) lower(path string) string { return strings.ToLower(o.text(path)) }

// id returns an id, which is a number or a string of digits.
func (o object) id(paths ...string) string {
	for _, path := range paths {
		if s := textOf(o.at(path)); validID(s) {
			return s
		}
	}
	return ""
}

// ids returns a list of ids.
func (o object) ids(path string) []string {
	var list []string
	values, _ := o.at(path).([]any)
	for _, v := range values {
		if inner, ok := v.(map[string]any); ok {
			v = inner["ecommerce"]
		}
		if s := textOf(v); validID(s) {
			list = append(list, s)
		}
	}
	return list
}

func (o object) integer(path string) int {
	n, err := strconv.ParseInt(textOf(o.at(path)), 10, 32)
	if err != nil {
		return 0
	}
	return int(n)
}

// boolean reports whether a value is true, 1 or a word for it.
func (o object) boolean(path string) bool {
	switch strings.ToLower(textOf(o.at(path))) {
	case "true", "1", "yes":
		return true
	}
	return false
}

func (o object) time(paths ...string) time.Time {
	for _, path := range paths {
		if t := ParseTime(textOf(o.at(path))); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func (o object) date(paths ...string) string {
	for _, path := range paths {
		if d := parseDate(textOf(o.at(path))); d != "" {
			return d
		}
	}
	return ""
}

// textOf returns a string, number or boolean as a text.
func textOf(value any) string {
	switch v := value.(type) {
	case string:
		// A database may refuse the character NUL.
		return cut(strings.TrimSpace(strings.ReplaceAll(v, "\x00", "")), maxText)
	case json.Number:
		return cut(v.String(), maxText)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// cut shortens s to at most n bytes, between characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// validID reports whether s can be an id: a positive number.
func validID(s string) bool {
	n, err := strconv.ParseUint(s, 10, 63)
	return err == nil && n > 0 && s[0] != '0' && s[0] != '+'
}
