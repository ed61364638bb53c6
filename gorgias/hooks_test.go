package gorgias_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/gorgias"
)

func TestParseHook(t *testing.T) {
	t.Parallel()
	whole := gorgias.Hook{TicketID: 7, CustomerID: 5, MessageID: 8, FromAgent: new(true), Public: new(false)}
	for name, test := range map[string]struct {
		body string
		want gorgias.Hook
	}{
		"strings": {`{"ticket_id":"7","customer_id":"5","message_id":"8","message_from_agent":"True","message_public":"False"}`, whole},
		"values":  {`{"ticket_id":7,"customer_id":5,"message_id":8,"message_from_agent":true,"message_public":false}`, whole},
		"objects": {`{"event":{"type":"ticket-message-created"},"ticket":{"id":7,"customer":{"id":5}},"message":{"id":8,"from_agent":true,"public":false}}`, whole},
		"objects in strings": {`{"ticket":"{\"id\":\"7\",\"customer\":{\"id\":5}}",
			"message":"{\"id\":8,\"from_agent\":\"TRUE\",\"public\":\"false\"}"}`, whole},
		"nothing there": {`{"ticket_id":" 7 ","customer_id":"","message_id":"","message_from_agent":"None","message_public":""}`, gorgias.Hook{TicketID: 7}},
		"of an older installation": {`{"event_type":"ticket-updated","ticket_id":"7","ticket_external_id":"None","ticket_status":"closed",
			"message_id":"None","sender_name":"Ann"}`, gorgias.Hook{TicketID: 7}},
		"large id": {`{"ticket_id":9007199254740993}`, gorgias.Hook{TicketID: 9007199254740993}},
	} {
		got, err := gorgias.ParseHook([]byte(test.body))
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v (%v), want %+v", name, got, err, test.want)
		}
	}
}

// TestHookFormHasNoFreeText: Gorgias does not escape values, and only ids and booleans
// never contain a quotation mark.
func TestHookFormHasNoFreeText(t *testing.T) {
	t.Parallel()
	harmless := regexp.MustCompile(`^\{\{[a-z.]+(\.id|\.from_agent|\.public)\}\}$`)
	for name, template := range gorgias.HookForm() {
		if !harmless.MatchString(template) {
			t.Errorf("field %s contains %s", name, template)
		}
	}
}

func TestInvalidHooks(t *testing.T) {
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

func TestIsAgentReply(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		channel, via      string
		fromAgent, public bool
		want, irrelevant  bool
	}{
		"answer":      {"email", "helpdesk", true, true, true, false},
		"note":        {"internal-note", "helpdesk", true, false, false, true},
		"public note": {"internal-note", "helpdesk", true, true, false, false},
		"hidden":      {"email", "helpdesk", true, false, false, true},
		"ours":        {"email", "api", true, true, false, false},
		"rule":        {"email", "rule", true, true, false, false},
		"shopper":     {"email", "helpdesk", false, true, false, true},
	} {
		m := gorgias.Message{Channel: test.channel, Via: test.via, FromAgent: test.fromAgent, Public: test.public}
		h := gorgias.Hook{MessageID: 1, FromAgent: &test.fromAgent, Public: &test.public}
		if m.IsAgentReply() != test.want || h.Irrelevant() != test.irrelevant {
			t.Errorf("%s: IsAgentReply %v, Irrelevant %v", name, m.IsAgentReply(), h.Irrelevant())
		}
	}
	if (gorgias.Hook{MessageID: 1}).Irrelevant() || (gorgias.Hook{FromAgent: new(false), Public: new(false)}).Irrelevant() {
		t.Error("an incomplete hook is irrelevant")
	}
}

// FuzzParseHook inserts values into the form as Gorgias does.
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
		if err == nil && h.TicketID != 7 {
			t.Fatalf("%q: got %+v", data, h)
		}
	})
}
