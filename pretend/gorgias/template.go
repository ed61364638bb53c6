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

// A dialect is one of the helpdesk's two ways to write {{…}}: the server's, in
// integrations, and the browser's, in widgets, which allows no spaces.
type dialect struct {
	placeholders *regexp.Regexp
	roots        []string // only these are substituted; nil: any
}

const filters = `((?:\s*\|\s*[a-z_]+(?:\([^)]*\))?)*)`

var (
	serverTemplates = dialect{
		regexp.MustCompile(`\{\{\s*([A-Za-z0-9._\-\[\]"']+)` + filters + `\s*\}\}`),
		[]string{"ticket", "message", "event"},
	}
	browserTemplates = dialect{regexp.MustCompile(`\{\{([A-Za-z0-9._\-\[\]"'$]+)` + filters + `\}\}`), nil}

	steps  = regexp.MustCompile(`\[(-?\d+)\]|\[["']([^"']*)["']\]|([^.\[\]]+)`)
	filter = regexp.MustCompile(`\|\s*([a-z_]+)(?:\(\s*["']?([^"')]*)["']?\s*\))?`)
)

// render fills the holes of a template with values, as they are: nothing is
// encoded for the place that they come to.
func (d dialect) render(template string, values map[string]any) string {
	return d.placeholders.ReplaceAllStringFunc(template, func(hole string) string {
		parts := d.placeholders.FindStringSubmatch(hole)
		if d.roots != nil && !d.knows(parts[1]) {
			return hole
		}
		value := lookup(values, parts[1])
		for _, f := range filter.FindAllStringSubmatch(parts[2], -1) {
			value = applyFilter(value, f[1], f[2])
		}
		return pythonString(value)
	})
}

func (d dialect) knows(path string) bool {
	root := steps.FindString(path)
	for _, known := range d.roots {
		if root == known {
			return true
		}
	}
	return false
}

// lookup follows a path such as a.b[0].c and returns nil where it ends early.
func lookup(value any, path string) any {
	for _, step := range steps.FindAllStringSubmatch(path, -1) {
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

// formatTime writes a time by the commonest of moment.js's words.
func formatTime(at time.Time, form string) string {
	return at.Format(strings.NewReplacer("YYYY", "2006", "MMMM", "January", "MMM", "Jan", "MM", "01",
		"DD", "02", "D", "2", "HH", "15", "hh", "03", "mm", "04", "ss", "05", "A", "PM").Replace(form))
}

// pythonString writes a value as Python's str does; nothing at all for None.
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

// inJSON renders every text of a tree and returns the JSON. Values are put in as
// they are, also where a quotation mark ends the text and so ruins the whole.
// What |tojson wrote is made part of the text it stands in.
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

// jsonInner is a text as it stands between the quotation marks of JSON.
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

// fill renders every text of a tree.
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
		panic("gorgias: " + err.Error()) // only what came as JSON gets here
	}
	return out
}
