package gorgias_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/gorgias"
)

func TestParseHook(t *testing.T) {
	t.Parallel()
	whole := gorgias.Hook{
		Event: gorgias.MessageCreated, TicketID: 7, TicketExternalID: "c1", TicketStatus: gorgias.Open,
		MessageID: 8, MessageExternalID: "m1", Via: gorgias.ViaDesk, Channel: gorgias.ByEmail,
		FromAgent: new(true), Public: new(false), Sender: gorgias.Person{ID: 9, Name: "Ann", Email: "ann@acme.com"},
	}
	for name, test := range map[string]struct {
		body string
		want gorgias.Hook
	}{
		"strings": {`{"event_type":"ticket-message-created","ticket_id":"7","ticket_external_id":"c1","ticket_status":"open",
			"message_id":"8","message_external_id":"m1","message_via":"helpdesk","message_channel":"email",
			"message_from_agent":"True","message_public":"False","sender_id":"9","sender_name":"Ann","sender_email":"ann@acme.com"}`, whole},
		"values": {`{"event_type":"ticket_message_created","ticket_id":7,"ticket_external_id":"c1","ticket_status":"open",
			"message_id":8,"message_external_id":"m1","message_via":"helpdesk","message_channel":"email",
			"message_from_agent":true,"message_public":false,"sender_id":9,"sender_name":"Ann","sender_email":"ann@acme.com"}`, whole},
		"objects": {`{"event":{"type":"ticket-message-created"},"ticket":{"id":7,"external_id":"c1","status":"open"},
			"message":{"id":8,"external_id":"m1","via":"helpdesk","channel":"email","from_agent":true,"public":false,
			"sender":{"id":9,"name":"Ann","email":"ann@acme.com"}}}`, whole},
		"objects in strings": {`{"event_type":"ticket-message-created",
			"ticket":"{\"id\":\"7\",\"external_id\":\"c1\",\"status\":\"open\"}",
			"message":"{\"id\":8,\"external_id\":\"m1\",\"via\":\"helpdesk\",\"channel\":\"email\",\"from_agent\":\"TRUE\",\"public\":\"false\"}",
			"sender":"{\"id\":9,\"name\":\"Ann\",\"email\":\"ann@acme.com\"}"}`, whole},
		"nothing there": {`{"event_type":"ticket-updated","ticket_id":" 7 ","ticket_external_id":"None","ticket_status":"closed",
			"message_id":"","message_external_id":"None","message_via":"","message_channel":null,"message_from_agent":"None",
			"message_public":"","sender_id":"None","sender_name":"None","sender_email":""}`,
			gorgias.Hook{Event: gorgias.TicketUpdated, TicketID: 7, TicketStatus: gorgias.Closed}},
		"large id": {`{"ticket_id":9007199254740993}`, gorgias.Hook{TicketID: 9007199254740993}},
	} {
		got, err := gorgias.ParseHook([]byte(test.body))
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v (%v), want %+v", name, got, err, test.want)
		}
	}
}

func TestBadHooks(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", " ", "null", "[]", `"x"`, "7", "{}", `{"ticket_id":""}`, `{"ticket_id":"None"}`, `{"ticket_id":"{{ticket.id}}"}`,
		`{"ticket_id":-7}`, `{"ticket_id":"7.0"}`, `{"ticket_id":true}`, `{"ticket_id":["7"]}`, `{"ticket_id":"7"}{}`, `{"ticket_id":"7"`,
		`{"ticket_id":"7","x":"` + strings.Repeat("a", gorgias.MaxHook) + `"}`} {
		h, err := gorgias.ParseHook([]byte(body))
		var plain *chat.Error
		if !errors.As(err, &plain) || !reflect.DeepEqual(h, gorgias.Hook{}) {
			t.Errorf("%.40q: got %+v, %v", body, h, err)
		}
	}
}

func TestOnlyAnAgentsOwnMessageAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		channel, via      string
		fromAgent, public bool
		want              bool
	}{
		"answer":      {"email", "helpdesk", true, true, true},
		"note":        {"internal-note", "helpdesk", true, false, false},
		"public note": {"internal-note", "helpdesk", true, true, false},
		"hidden":      {"email", "helpdesk", true, false, false},
		"ours":        {"email", "api", true, true, false},
		"rule":        {"email", "rule", true, true, false},
		"shopper":     {"email", "helpdesk", false, true, false},
	} {
		m := gorgias.Message{Channel: test.channel, Via: test.via, FromAgent: test.fromAgent, Public: test.public}
		h := gorgias.Hook{MessageID: 1, Channel: test.channel, Via: test.via, FromAgent: &test.fromAgent, Public: &test.public}
		if m.Answers() != test.want || h.Answers() != test.want {
			t.Errorf("%s: the message %v, the hook %v, want %v", name, m.Answers(), h.Answers(), test.want)
		}
	}
	if (gorgias.Hook{MessageID: 1, Via: "helpdesk", Channel: "email"}).Answers() {
		t.Error("a hook that says too little answers")
	}
}

// FuzzParseHook puts values into the form as Gorgias would.
func FuzzParseHook(f *testing.F) {
	f.Add([]byte(`{"ticket_id":"7","message":"{\"sender\":\"{}\"}"}`), "Ann")
	f.Add([]byte(`{"ticket":{"id":7}}`), "None\" \n")
	f.Fuzz(func(t *testing.T, body []byte, name string) {
		if h, err := gorgias.ParseHook(body); err == nil && h.TicketID <= 0 {
			t.Fatalf("%q: no ticket in %+v", body, h)
		}
		form := map[string]string{}
		for key := range gorgias.HookForm() {
			form[key] = name
		}
		form["ticket_id"] = "7"
		data, _ := json.Marshal(form)
		h, err := gorgias.ParseHook(data)
		if err != nil && len(data) <= gorgias.MaxHook {
			t.Fatalf("%q: %v", data, err)
		}
		if err == nil && (h.TicketID != 7 || len(h.Sender.Name) > 3*len(name)) {
			t.Fatalf("%q: got %+v", data, h)
		}
	})
}
