package recharge

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Detail is one thing that Recharge says about a refused request.
type Detail struct {
	Field   string // "billing_address.address1"; empty: the whole request
	Message string // at most 300 bytes, in Recharge's words
}

const (
	maxDetails       = 20
	maxDetailDepth   = 8
	maxDetailMessage = 300
)

// decodeDetails reads the body of an unsuccessful response. Its "errors", or its
// "error", is a string, or an object of strings, of lists or of objects, to any depth.
// It returns nil for anything else.
func decodeDetails(body []byte) []Detail {
	response, err := parseJSON(body)
	if err != nil {
		return nil
	}
	o, _ := response.(map[string]any)
	var found []Detail
	for _, name := range []string{"errors", "error"} {
		found = appendDetails(found, "", o[name], 0)
	}
	return found
}

func appendDetails(found []Detail, field string, value any, depth int) []Detail {
	if len(found) >= maxDetails || depth > maxDetailDepth {
		return found
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner := name
			switch {
			case name == "_schema": // the object as a whole
				inner = field
			case field != "":
				inner = field + "." + name
			}
			found = appendDetails(found, inner, v[name], depth+1)
		}
	case []any:
		for i, element := range v {
			inner := field
			if _, isObject := element.(map[string]any); isObject && len(v) > 1 {
				inner = strings.TrimPrefix(field+"."+strconv.Itoa(i), ".")
			}
			found = appendDetails(found, inner, element, depth+1)
		}
	default:
		if message := textOf(value); message != "" {
			found = append(found, Detail{cut(field, maxDetailMessage), cut(message, maxDetailMessage)})
		}
	}
	return found
}
