package gorgias

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Time is written in Gorgias' format, with microseconds and "+00:00". A time without
// a zone is read as UTC.
type Time struct{ time.Time }

const timeForm = "2006-01-02T15:04:05.000000-07:00"

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) { return json.Marshal(t.UTC().Format(timeForm)) }

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	return &json.UnmarshalTypeError{Value: text, Type: nil, Field: "datetime"}
}

func now() Time { return Time{time.Now().UTC().Truncate(time.Microsecond)} }

// A Ref refers to another object.
type Ref struct {
	ID int64 `json:"id"`
}

// A failure is an error of the API (developers.gorgias.com, "Errors").
type failure struct {
	status int
	msg    string
	data   any // of a validation: field → problems, or nil
}

func invalid(field string, problems ...string) *failure {
	return &failure{http.StatusBadRequest, "Invalid request.", map[string][]string{field: problems}}
}

const (
	missing  = "Missing data for required field."
	notOneOf = "Not a valid choice."
)

var (
	notFound  = &failure{http.StatusNotFound, "Resource not found.", nil}
	conflict  = &failure{http.StatusConflict, "The resource already exists.", nil}
	forbidden = &failure{http.StatusForbidden, "You do not have enough permissions to perform this action.", nil}
)

// patch returns a deep copy of fields, updated from a JSON object, and the fields that
// the object has. It ignores unknown names.
func patch[T any](fields T, raw []byte) (T, map[string]json.RawMessage, *failure) {
	var given, merged map[string]json.RawMessage
	var out T
	if err := json.Unmarshal(raw, &given); err != nil || given == nil {
		return out, nil, &failure{http.StatusBadRequest, "The body should be a JSON object.", nil}
	}
	old, err := json.Marshal(fields)
	if err == nil {
		err = json.Unmarshal(old, &merged)
	}
	if err != nil {
		panic(fmt.Sprintf("gorgias: %T cannot be patched: %v", fields, err))
	}
	for name, value := range given {
		merged[name] = value
	}
	joined, err := json.Marshal(merged)
	if err == nil {
		err = json.Unmarshal(joined, &out)
	}
	if problems := (*json.UnmarshalTypeError)(nil); errors.As(err, &problems) {
		return out, nil, invalid(problems.Field, "Not a valid value.")
	} else if err != nil {
		return out, nil, invalid("body", err.Error())
	}
	return out, given, nil
}

// clone returns a deep copy of a value, made with JSON.
func clone[T any](value T) T {
	var out T
	recode(value, &out)
	return out
}

// recode encodes value as JSON and decodes it into out, with numbers as json.Number.
func recode(value, out any) {
	raw, err := json.Marshal(value)
	if err == nil {
		reader := json.NewDecoder(bytes.NewReader(raw))
		reader.UseNumber()
		err = reader.Decode(out)
	}
	if err != nil {
		panic(fmt.Sprintf("gorgias: %T cannot be copied: %v", value, err))
	}
}

// find returns the item with an id, or nil.
func find[T interface{ id() int64 }](items []T, id int64) (found T) {
	if i := slices.IndexFunc(items, func(item T) bool { return item.id() == id }); i >= 0 {
		return items[i]
	}
	return found
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// The enumerations of tickets and messages.
var (
	channels = strings.Fields(`aircall api chat contact_form email facebook facebook-mention facebook-messenger
		facebook-recommendations help-center instagram-ad-comment instagram-comment instagram-direct-message
		instagram-mention internal-note phone sms twitter twitter-direct-message whatsapp yotpo-review
		tiktok-shop google-business-messages custom-chat`)
	vias = append(strings.Fields(`form gorgias_chat helpdesk instagram offline_capture rule self_service shopify
		twilio yotpo zendesk`), channels...)
	statuses   = []string{"open", "closed"}
	priorities = []string{"critical", "high", "normal", "low"}
)

// oneOf adds a problem unless the value is one of those allowed.
func oneOf(problems map[string][]string, field, value string, allowed []string) {
	if !slices.Contains(allowed, value) {
		problems[field] = []string{notOneOf}
	}
}

// maxLength adds a problem if the value has more than limit characters.
func maxLength(problems map[string][]string, field string, value *string, limit int) {
	if len([]rune(text(value))) > limit {
		problems[field] = []string{fmt.Sprintf("Longer than maximum length %d.", limit)}
	}
}
