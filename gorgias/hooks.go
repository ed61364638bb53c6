package gorgias

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"sidetext/chat"
)

// HookForm returns the template of the body that an HTTP integration sends and
// ParseHook reads. Gorgias inserts values without escaping, so a quotation mark
// would break the request. The form therefore contains only ids and booleans, and
// nothing that a person typed. The rest is read with the API.
func HookForm() map[string]string {
	return map[string]string{
		"ticket_id":          "{{ticket.id}}",
		"customer_id":        "{{ticket.customer.id}}",
		"message_id":         "{{message.id}}",
		"message_from_agent": "{{message.from_agent}}",
		"message_public":     "{{message.public}}",
	}
}

// A Hook is a request of an HTTP integration about a ticket's event. It may arrive
// twice, late or out of order, and also reports our own changes.
type Hook struct {
	TicketID          ID    // always set
	CustomerID        ID    // the ticket's customer; zero: unknown
	MessageID         ID    // zero unless a message was created
	FromAgent, Public *bool // of the message; nil: unknown
}

// Irrelevant reports whether the event is a message that needs no action: a note or a
// message from the shopper. Most of these we create ourselves.
func (h Hook) Irrelevant() bool {
	isFalse := func(b *bool) bool { return b != nil && !*b }
	return h.MessageID != 0 && (isFalse(h.FromAgent) || isFalse(h.Public))
}

// MaxHook is the largest body that ParseHook reads, in bytes.
const MaxHook = 256 << 10

// ParseHook parses a body made with HookForm, or with "ticket" and "message" as
// objects or as JSON strings. All values arrive as strings: booleans as "True" and
// "False", missing values as "" or "None". Errors are of type *chat.Error.
func ParseHook(body []byte) (Hook, error) {
	bad := chat.Invalid("This is not a request of a helpdesk.")
	if len(body) > MaxHook {
		return Hook{}, &chat.Error{Kind: chat.KindTooLarge, Code: "too_large", Text: "The request is too large."}
	}
	f, err := parseObject(body)
	if err != nil {
		return Hook{}, bad
	}
	h := Hook{
		TicketID:   f.id("ticket_id", "ticket.id"),
		CustomerID: f.id("customer_id", "ticket.customer.id"),
		MessageID:  f.id("message_id", "message.id"),
		FromAgent:  f.boolean("message_from_agent", "message.from_agent"),
		Public:     f.boolean("message_public", "message.public"),
	}
	if h.TicketID == 0 {
		return Hook{}, bad
	}
	return h, nil
}

type fields map[string]any

func parseObject(data []byte) (fields, error) {
	var f fields
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // a float64 can't hold all ids
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF || f == nil {
		return nil, errors.New("not one object")
	}
	return f, nil
}

// text returns the first non-empty value of the paths.
func (f fields) text(paths ...string) string {
	for _, path := range paths {
		if s := f.lookup(path); s != "" {
			return s
		}
	}
	return ""
}

func (f fields) lookup(path string) string {
	name, rest, deeper := strings.Cut(path, ".")
	value := f[name]
	if deeper {
		switch v := value.(type) {
		case map[string]any:
			return fields(v).lookup(rest)
		case string:
			if inner, err := parseObject([]byte(v)); err == nil {
				return inner.lookup(rest)
			}
		}
		return ""
	}
	switch v := value.(type) {
	case string:
		if text := strings.TrimSpace(v); text != "None" && text != "null" {
			return text
		}
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (f fields) id(paths ...string) ID {
	id, _ := ParseID(f.text(paths...))
	return id
}

func (f fields) boolean(paths ...string) *bool {
	switch strings.ToLower(f.text(paths...)) {
	case "true":
		return new(true)
	case "false":
		return new(false)
	}
	return nil
}
