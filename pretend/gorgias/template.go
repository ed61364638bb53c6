package gorgias

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A dialect is one of the helpdesk's two template languages: the server's, in
// integrations, and the browser's, in widgets, which allows no spaces inside {{…}}.
type dialect struct {
	placeholders *regexp.Regexp
	roots        []string // allowed first names of a path; nil: any
}

const filters = `((?:\s*\|\s*[a-z_]+(?:\([^)]*\))?)*)`

var (
	serverTemplates = dialect{
		regexp.MustCompile(`\{\{\s*([A-Za-z0-9._\-\[\]"']+)` + filters + `\s*\}\}`),
		[]string{"ticket", "message", "event"},
	}
	browserTemplates = dialect{regexp.MustCompile(`\{\{([A-Za-z0-9._\-\[\]"'$]+)` + filters + `\}\}`), nil}

	pathSteps = regexp.MustCompile(`\[(-?\d+)\]|\[["']([^"']*)["']\]|([^.\[\]]+)`)
	filter    = regexp.MustCompile(`\|\s*([a-z_]+)(?:\(\s*["']?([^"')]*)["']?\s*\))?`)
)

// render replaces the placeholders of a template by values, without any encoding.
func (d dialect) render(template string, values map[string]any) string {
	return d.placeholders.ReplaceAllStringFunc(template, func(placeholder string) string {
		parts := d.placeholders.FindStringSubmatch(placeholder)
		if d.roots != nil && !d.hasRoot(parts[1]) {
			return placeholder
		}
		value := lookup(values, parts[1])
		for _, f := range filter.FindAllStringSubmatch(parts[2], -1) {
			value = applyFilter(value, f[1], f[2])
		}
		return pythonString(value)
	})
}

func (d dialect) hasRoot(path string) bool {
	root := pathSteps.FindString(path)
	for _, known := range d.roots {
		if root == known {
			return true
		}
	}
	return false
}

// lookup returns the value at a path such as a.b[0].c, or nil.
func lookup(value any, path string) any {
	for _, step := range pathSteps.FindAllStringSubmatch(path, -1) {
		switch v := value.(type) {
		case map[string]any:
			value = v[step[1]+step[2]+step[3]]
		case []any:
			i, err := strconv.Atoi(step[1] + step[3])
			if i < 0 {
				i += len(v)
			}
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

func applyFilter(value any, name, argument string) any {
	switch name {
	case "tojson":
		return string(encode(value))
	case "fallback":
		if pythonString(value) == "" {
			return argument
		}
	case "datetime_format":
		var at Time
		if at.UnmarshalJSON(encode(value)) != nil {
			return ""
		}
		return formatTime(at.Time, argument)
	}
	return value
}

// formatTime formats a time with the most common tokens of moment.js.
func formatTime(at time.Time, form string) string {
	return at.Format(strings.NewReplacer("YYYY", "2006", "MMMM", "January", "MMM", "Jan", "MM", "01",
		"DD", "02", "D", "2", "HH", "15", "hh", "03", "mm", "04", "ss", "05", "A", "PM").Replace(form))
}

// pythonString formats a value like Python's str, but None as "".
func pythonString(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "True"
		}
		return "False"
	case json.Number:
		return v.String()
	}
	return string(encode(value))
}

// inJSON renders all texts of a tree and returns JSON. Like Gorgias it does not escape
// values, so a quotation mark makes the JSON invalid. Only results of |tojson are
// escaped within the surrounding text.
func (d dialect) inJSON(tree any, values map[string]any) string {
	switch v := tree.(type) {
	case string:
		var out strings.Builder
		out.WriteByte('"')
		end := 0
		for _, hole := range d.placeholders.FindAllStringIndex(v, -1) {
			out.WriteString(jsonInner(v[end:hole[0]]))
			value := d.render(v[hole[0]:hole[1]], values)
			if strings.Contains(v[hole[0]:hole[1]], "tojson") {
				value = jsonInner(value)
			}
			out.WriteString(value)
			end = hole[1]
		}
		out.WriteString(jsonInner(v[end:]))
		out.WriteByte('"')
		return out.String()
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, string(encode(name))+":"+d.inJSON(v[name], values))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		var parts []string
		for _, child := range v {
			parts = append(parts, d.inJSON(child, values))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return string(encode(tree))
}

// jsonInner returns a text in JSON without the quotation marks.
func jsonInner(text string) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil {
		return ""
	}
	quoted := strings.TrimSuffix(out.String(), "\n")
	return quoted[1 : len(quoted)-1]
}

// fill renders all texts of a tree.
func (d dialect) fill(tree any, values map[string]any) any {
	switch v := tree.(type) {
	case string:
		return d.render(v, values)
	case map[string]any:
		out := map[string]any{}
		for name, child := range v {
			out[name] = d.fill(child, values)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, child := range v {
			out[i] = d.fill(child, values)
		}
		return out
	}
	return tree
}

func encode(value any) []byte {
	out, err := json.Marshal(value)
	if err != nil {
		panic("gorgias: " + err.Error()) // the value came from JSON
	}
	return out
}
