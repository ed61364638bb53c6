package gorgias

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A dialect is one of the helpdesk's two ways to write {{…}}: the server's, in
// integrations, and the browser's, in widgets, which allows no spaces.
type dialect struct {
	holes *regexp.Regexp
	roots []string // only these are substituted; nil: any
}

const filters = `((?:\s*\|\s*[a-z_]+(?:\([^)]*\))?)*)`

var (
	ofServer = dialect{
		regexp.MustCompile(`\{\{\s*([A-Za-z0-9._\-\[\]"']+)` + filters + `\s*\}\}`),
		[]string{"ticket", "message", "event"},
	}
	ofBrowser = dialect{regexp.MustCompile(`\{\{([A-Za-z0-9._\-\[\]"'$]+)` + filters + `\}\}`), nil}

	steps  = regexp.MustCompile(`\[(-?\d+)\]|\[["']([^"']*)["']\]|([^.\[\]]+)`)
	filter = regexp.MustCompile(`\|\s*([a-z_]+)(?:\(\s*["']?([^"')]*)["']?\s*\))?`)
)

// render fills the holes of a template with values, as they are: nothing is
// encoded for the place that they come to.
func (d dialect) render(template string, values map[string]any) string {
	return d.holes.ReplaceAllStringFunc(template, func(hole string) string {
		parts := d.holes.FindStringSubmatch(hole)
		if d.roots != nil && !d.knows(parts[1]) {
			return hole
		}
		value := lookup(values, parts[1])
		for _, f := range filter.FindAllStringSubmatch(parts[2], -1) {
			value = pass(value, f[1], f[2])
		}
		return spell(value)
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

func pass(value any, name, argument string) any {
	switch name {
	case "tojson":
		return string(encode(value))
	case "fallback":
		if spell(value) == "" {
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

// spell writes a value as Python's str does; nothing at all for None.
func spell(value any) string {
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
