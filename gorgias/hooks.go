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

// HookForm is the body that an HTTP integration sends us and ParseHook reads.
// Gorgias puts values into it as they are, so a quotation mark in one loses the
// whole call. It therefore carries ids and booleans only, and nothing that a
// person typed: what happened is read by API.
func HookForm() map[string]string {
	return map[string]string{
		"ticket_id":          "{{ticket.id}}",
		"customer_id":        "{{ticket.customer.id}}",
		"message_id":         "{{message.id}}",
		"message_from_agent": "{{message.from_agent}}",
		"message_public":     "{{message.public}}",
	}
}

// A Hook is a call by an HTTP integration: something happened to a ticket. It
// may come twice, late and out of order, and for what we did ourselves.
type Hook struct {
	TicketID          ID    // always set
	CustomerID        ID    // whose ticket it is; zero when not said
	MessageID         ID    // zero unless a message was made
	FromAgent, Public *bool // of the message; nil: not said
}

// Irrelevant reports whether the call is about a message that changes nothing for us:
// a note, or what the shopper wrote. We make both ourselves all the time.
func (h Hook) Irrelevant() bool {
	not := func(b *bool) bool { return b != nil && !*b }
	return h.MessageID != 0 && (not(h.FromAgent) || not(h.Public))
}

// MaxHook is the largest body that ParseHook reads, in bytes.
const MaxHook = 256 << 10

// ParseHook reads the body of a call made with HookForm, or with "ticket" and
// "message" as objects or as JSON in a string. All comes as strings: truth as
// "True" and "False", and what is not there as "" or "None". An error is a
// *chat.Error.
func ParseHook(body []byte) (Hook, error) {
	bad := chat.Invalid("This is not a call that a helpdesk makes.")
	if len(body) > MaxHook {
		return Hook{}, &chat.Error{Kind: chat.KindTooLarge, Code: "too_large", Text: "This call is too large."}
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
	d.UseNumber() // ids outgrow a float
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF || f == nil {
		return nil, errors.New("not one object")
	}
	return f, nil
}

// text returns what the first of the paths that leads anywhere leads to.
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
		if v = strings.TrimSpace(v); v != "None" && v != "null" {
			return v
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
