package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/widget"
)

// Helpdesk returns the shop's connected helpdesk.
func (s *Stage) Helpdesk() chat.Helpdesk {
	s.T.Helper()
	h, err := s.App.Store.Helpdesk(context.Background(), s.Shop.ID)
	Must(s.T, err)
	return h
}

// HelpdeskRequest makes a request as the helpdesk does.
func (s *Stage) HelpdeskRequest(method, path, secret string, body any) Response {
	s.T.Helper()
	var in bytes.Buffer
	if text, ok := body.(string); ok {
		in.WriteString(text)
	} else if body != nil {
		Must(s.T, json.NewEncoder(&in).Encode(body))
	}
	req, err := http.NewRequest(method, s.URL+path, &in)
	Must(s.T, err)
	if secret != "" {
		req.Header.Set(widget.SecretHeader, secret)
	}
	resp, err := http.DefaultClient.Do(req)
	Must(s.T, err)
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	Must(s.T, err)
	return Response{resp.StatusCode, resp.Header.Get("Content-Type"), string(out)}
}

// WaitUntilIdle waits until no delivery waits, and no vendor makes a request.
func (s *Stage) WaitUntilIdle() {
	s.T.Helper()
	quiet, seen := 0, -1
	Until(s.T, "all is done", func() bool {
		backlogs, err := s.App.Store.Backlogs(context.Background(), s.Shop.ID)
		Must(s.T, err)
		for _, b := range backlogs {
			if b.Ready+b.Running > 0 {
				quiet = 0
			}
		}
		if n := len(s.World.Gorgias.Requests()) + len(s.World.Gorgias.Calls()) + len(s.World.Twilio.Calls()); n != seen {
			quiet, seen = 0, n
		}
		quiet++
		return quiet > 40
	})
}

// CountEvents counts the entries with this event.
func CountEvents(entries []chat.Entry, event chat.Event) (n int) {
	for _, e := range entries {
		if e.Event == event {
			n++
		}
	}
	return n
}

// WaitForConversation waits until the conversation with a phone is ok, and
// returns it.
func (s *Stage) WaitForConversation(phone, what string, ok func(chat.Snapshot) bool) chat.Snapshot {
	s.T.Helper()
	var snapshot chat.Snapshot
	Until(s.T, what, func() bool { snapshot = s.Conversation(phone); return ok(snapshot) })
	return snapshot
}

// HasEvent reports whether a conversation has this event.
func HasEvent(event chat.Event) func(chat.Snapshot) bool {
	return func(s chat.Snapshot) bool { return CountEvents(s.Entries, event) > 0 }
}

// TagsOf returns the names of a ticket's tags.
func TagsOf(k gorgias.Ticket) (names []string) {
	for _, tag := range k.Tags {
		names = append(names, tag.Name)
	}
	return names
}

// TicketText returns all messages of a ticket, one a line.
func TicketText(k gorgias.Ticket) string {
	var out strings.Builder
	for _, m := range k.Messages {
		fmt.Fprintf(&out, "%s from %v: %s\n\n", m.Channel, m.FromAgent, BodyText(m))
	}
	return out.String()
}

// Ticket returns the present state of a ticket.
func (s *Stage) Ticket(k gorgias.Ticket) gorgias.Ticket {
	now, _ := s.World.Gorgias.Ticket(k.ID)
	return now
}

// BodyText returns a message's text.
func BodyText(m *gorgias.Message) string {
	if m.BodyText == nil {
		return ""
	}
	return *m.BodyText
}
