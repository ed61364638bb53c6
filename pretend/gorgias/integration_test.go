package gorgias_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// listen creates an integration with a trigger and more fields of "http".
func (d *helpdesk) listen(trigger, fields string) int64 {
	d.t.Helper()
	return d.create("integrations", `{"name":"Bridge","type":"http","http":{"url":"`+d.hook+`/card?t={{ticket.id}}&x={{message.nothing}}&a={{account.domain}}","method":"POST",
		"headers":{"X-Secret":"s3","X-Ticket":"{{ticket.id}}"},"request_content_type":"application/json","response_content_type":"application/json",
		"triggers":{"`+trigger+`":true}`+fields+`}}`)
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.listen("ticket-message-created", `,"form":{"event":"{{event.type}}","ticket":"{{ticket.id}}","agent":"{{message.from_agent}}",
		"public":"{{message.public}}","text":"{{message.body_text}}","gone":"{{message.nothing}}","who":"{{ticket.customer.email}}",
		"old":"{{ticket.requester.name}}","tag":"{{ticket.tags[-1].name}}","json":"{{ticket.tags|tojson}}","else":"{{ticket.language|fallback(\"en\")}}","deep":{"n":["{{message.via}}"]}}`)
	ticket := d.ticket()
	d.until(func() bool { return len(d.Calls()) == 1 })
	call := d.calls()[0]
	if want := "/card?t=" + id(ticket) + "&x=&a={{account.domain}}"; call.RequestURI != want && call.RequestURI != strings.NewReplacer("{", "%7B", "}", "%7D").Replace(want) {
		t.Errorf("requested %s, want %s", call.RequestURI, want)
	}
	if call.Header.Get("X-Secret") != "s3" || call.Header.Get("X-Ticket") != id(ticket) || call.Header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", call.Header)
	}
	var got, tags any
	_ = json.Unmarshal([]byte(call.body), &got)
	form, _ := got.(object)
	_ = json.Unmarshal([]byte(fmt.Sprint(form["json"])), &tags)
	delete(form, "json")
	want := object{"event": "ticket-message-created", "ticket": id(ticket), "agent": "False", "public": "True", "text": "cancel <it>", "gone": "",
		"who": "jane@example.com", "old": "Jane Doe", "tag": "RechargeSMS", "else": "en", "deep": object{"n": []any{"api"}}}
	if !reflect.DeepEqual(form, want) || len(tags.([]any)) != 1 {
		t.Errorf("got %s", call.body)
	}
}

func TestEventsOfChanges(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, trigger := range []string{"ticket-created", "ticket-updated", "ticket-message-created", "ticket-status-updated", "ticket-assignment-updated", "ticket-message-failed"} {
		d.listen(trigger, "")
	}
	ticket := d.ticket()
	path := "tickets/" + id(ticket)
	d.api("PUT", path, `{"status":"closed"}`)
	d.api("POST", path+"/tags", `{"names":["x"]}`)
	d.api("PUT", path, `{"assignee_user":{"id":`+id(d.Users()[1].ID)+`}}`)
	d.create(path+"/messages", `{"channel":"sms","via":"api","from_agent":true,"sender":{"email":"bob@acme.example"},"body_text":"x"}`)
	d.until(func() bool { return len(d.Calls()) == 9 })
	var events []string
	for _, call := range d.Calls() {
		events = append(events, call.Event)
	}
	slices.Sort(events)
	want := "ticket-assignment-updated ticket-created ticket-message-created ticket-message-created ticket-message-failed ticket-status-updated ticket-updated ticket-updated ticket-updated"
	if got := strings.Join(events, " "); got != want {
		t.Errorf("got %s", got)
	}
	for _, call := range d.calls() {
		if call.body != "" || call.ContentLength != 0 {
			t.Errorf("body without a form: %q, want none", call.body)
		}
	}
}

func TestFormTypes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ method, kind, query, body string }{
		"form":      {"POST", "application/x-www-form-urlencoded", "", "a=1&b=x+y"},
		"query":     {"GET", "application/x-www-form-urlencoded", "a=1&b=x+y", ""},
		"odd query": {"GET", "application/json", "%7B%22a%22%3A%221%22%2C%22b%22%3A%22x+y%22%7D", ""},
		"json":      {"PUT", "application/json", "", `{"a":"1","b":"x y"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.create("integrations", `{"name":"B","type":"http","http":{"url":"`+d.hook+`","method":"`+test.method+`","request_content_type":"`+test.kind+`",
				"response_content_type":"application/json","form":{"a":"1","b":"x y"},"triggers":{"ticket-created":true}}}`)
			d.ticket()
			d.until(func() bool { return len(d.Calls()) == 1 })
			call := d.calls()[0]
			if call.Method != test.method || call.URL.RawQuery != test.query || call.body != test.body {
				t.Errorf("got %s ?%s %s", call.Method, call.URL.RawQuery, call.body)
			}
		})
	}
}

func TestInvalidIntegrations(t *testing.T) {
	t.Parallel()
	d := open(t)
	whole := `{"name":"B","type":"http","http":{"url":"https://x.example","method":"GET","request_content_type":"application/json","response_content_type":"application/json"}}`
	for what, instead := range map[string]string{
		`"type":"http"`: `"type":"email"`, `"name":"B"`: `"name":""`, `"method":"GET"`: `"method":"BREW"`,
		`https://x.example`: ``, `"response_content_type":"application/json"`: `"response_content_type":"text/html"`,
	} {
		if status, out := d.api("POST", "integrations", strings.Replace(whole, what, instead, 1)); status != 400 {
			t.Errorf("%s: %d %v", instead, status, out)
		}
	}
	made := d.create("integrations", whole)
	d.api("PUT", "integrations/"+id(made), `{"http":{"url":"https://y.example?v=2"}}`)
	_, out := d.api("GET", "integrations/"+id(made), "")
	if conn := out["http"].(object); conn["url"] != "https://y.example?v=2" || conn["method"] != "GET" || conn["headers"] != nil {
		t.Errorf("after an update: %v", out)
	}
	widget := d.create("widgets", `{"type":"http","integration_id":`+id(made)+`,"template":{"type":"wrapper","widgets":[]}}`)
	if status, _ := d.api("DELETE", "integrations/"+id(made), ""); status != 400 {
		t.Errorf("deleted while in use: %d", status)
	}
	d.api("DELETE", "widgets/"+id(widget), "")
	if status, _ := d.api("DELETE", "integrations/"+id(made), ""); status != 204 {
		t.Errorf("delete: %d", status)
	}
}

func TestIntegrationOffAfterHundredFailures(t *testing.T) {
	t.Parallel()
	d := open(t)
	made := d.listen("ticket-updated", "")
	ticket := d.ticket()
	path := "tickets/" + id(ticket)
	answer := func(status int) {
		d.answerWith(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	}
	changed := 0
	change := func(n int) {
		for range n {
			d.api("PUT", path, `{}`)
			changed++
			d.until(func() bool { return len(d.Calls()) == changed })
		}
	}
	off := func() bool { return d.Integrations()[1].Deactivated != nil }
	answer(404)
	change(99)
	answer(200)
	change(1) // a success resets the count
	answer(404)
	change(99)
	if off() {
		t.Fatal("switched off too early")
	}
	change(1)
	d.until(off)
	d.api("PUT", path, `{}`)
	if n := len(d.Calls()); n != changed {
		t.Errorf("request while switched off")
	}
	d.api("PUT", "integrations/"+id(made), `{"deactivated_datetime":null}`)
	change(1)
	if off() {
		t.Error("switched off after one failure, want the count reset")
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.listen("ticket-created", "")
	first := true
	d.answerWith(func(w http.ResponseWriter, r *http.Request) {
		if first { // attempts of one request are sequential
			first = false
			w.WriteHeader(502)
			return
		}
		_, _ = io.WriteString(w, `{"a":1}`)
	})
	ticket := d.ticket()
	d.until(func() bool {
		made, _ := d.Ticket(ticket)
		c, _ := d.Customer(made.Customer.ID)
		return len(c.Integrations) == 1
	})
	if calls := d.Calls(); len(calls) != 2 || calls[0].Problem == "" || calls[1].Attempt != 2 || calls[1].Problem != "" {
		t.Errorf("requests: %+v", calls)
	}
}
