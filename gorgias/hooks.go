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

// HookForm is the body that an HTTP integration sends us and ParseHook reads:
// names and states, no texts. What was said is read by API, because a text put
// into a template may break it.
func HookForm() map[string]string {
	return map[string]string{
		"event_type":          "{{event.type}}",
		"ticket_id":           "{{ticket.id}}",
		"ticket_external_id":  "{{ticket.external_id}}",
		"ticket_status":       "{{ticket.status}}",
		"message_id":          "{{message.id}}",
		"message_external_id": "{{message.external_id}}",
		"message_via":         "{{message.via}}",
		"message_channel":     "{{message.channel}}",
		"message_from_agent":  "{{message.from_agent}}",
		"message_public":      "{{message.public}}",
		"sender_id":           "{{message.sender.id}}",
		"sender_name":         "{{message.sender.name}}",
		"sender_email":        "{{message.sender.email}}",
	}
}

// A Hook is a call by an HTTP integration: something happened to a ticket. It
// may come twice, late and out of order, and for what we did ourselves.
type Hook struct {
	Event             string // MessageCreated, TicketUpdated …
	TicketID          ID     // always set
	TicketExternalID  string
	TicketStatus      string // Open or Closed
	MessageID         ID     // zero unless a message was made
	MessageExternalID string
	Via               string
	Channel           string
	FromAgent, Public *bool // nil: not said
	Sender            Person
}

// Answers reports what Message.Answers does. What the call left out counts as
// no answer.
func (h Hook) Answers() bool {
	return h.MessageID != 0 && h.FromAgent != nil && *h.FromAgent && h.Public != nil && *h.Public &&
		h.Via == ViaDesk && h.Channel != AsNote
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
	f, err := object(body)
	if err != nil {
		return Hook{}, bad
	}
	h := Hook{
		Event:             strings.ReplaceAll(f.text("event_type", "event.type"), "_", "-"),
		TicketID:          f.id("ticket_id", "ticket.id"),
		TicketExternalID:  f.text("ticket_external_id", "ticket.external_id"),
		TicketStatus:      f.text("ticket_status", "ticket.status"),
		MessageID:         f.id("message_id", "message.id"),
		MessageExternalID: f.text("message_external_id", "message.external_id"),
		Via:               f.text("message_via", "message.via"),
		Channel:           f.text("message_channel", "message.channel"),
		FromAgent:         f.truth("message_from_agent", "message.from_agent"),
		Public:            f.truth("message_public", "message.public"),
		Sender: Person{
			ID:    f.id("sender_id", "message.sender.id", "sender.id"),
			Name:  f.text("sender_name", "message.sender.name", "sender.name"),
			Email: f.text("sender_email", "message.sender.email", "sender.email"),
		},
	}
	if h.TicketID == 0 {
		return Hook{}, bad
	}
	return h, nil
}

type fields map[string]any

func object(data []byte) (fields, error) {
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
		if s := f.at(path); s != "" {
			return s
		}
	}
	return ""
}

func (f fields) at(path string) string {
	name, rest, deeper := strings.Cut(path, ".")
	value := f[name]
	if deeper {
		switch v := value.(type) {
		case map[string]any:
			return fields(v).at(rest)
		case string:
			if inner, err := object([]byte(v)); err == nil {
				return inner.at(rest)
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

func (f fields) truth(paths ...string) *bool {
	switch strings.ToLower(f.text(paths...)) {
	case "true":
		return new(true)
	case "false":
		return new(false)
	}
	return nil
}
