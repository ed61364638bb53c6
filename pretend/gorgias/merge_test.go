package gorgias_test

import (
	"net/http"
	"strings"
	"testing"

	"sidetext/pretend/gorgias"
)

// once makes a request without following redirects.
func (d *helpdesk) once(method, path, body string) *http.Response {
	d.t.Helper()
	r, err := http.NewRequest(method, d.url+"/acme/api/"+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.SetBasicAuth("ada@acme.example", "secret")
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		d.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}

// TestMergedObjects: every request about a merged ticket or customer is redirected to
// the remaining one.
func TestMergedObjects(t *testing.T) {
	t.Parallel()
	d := open(t)
	first, second, third := d.ticket(), d.ticket(), d.ticket()
	if d.Merge(first, second, 0) != nil || d.Merge(second, third, 0) != nil {
		t.Fatal("not merged")
	}
	jane, other := d.AddCustomer(gorgias.KnownCustomer("Jane", "", "+1555")), d.AddCustomer(gorgias.KnownCustomer("Jane Doe", "jane@work.example"))
	if err := d.MergeCustomers(jane, other); err != nil {
		t.Fatal(err)
	}
	for _, ask := range [][2]string{
		{"GET", "tickets/{}"}, {"PUT", "tickets/{}"}, {"POST", "tickets/{}/messages"},
		{"POST", "tickets/{}/tags"}, {"DELETE", "tickets/{}/tags"}, {"GET", "customers/{}"}, {"PUT", "customers/{}"},
	} {
		steps := [][2]int64{{first, second}, {second, third}} // one redirect each
		if strings.HasPrefix(ask[1], "customers") {
			steps = [][2]int64{{jane, other}}
		}
		for _, step := range steps {
			resp := d.once(ask[0], strings.Replace(ask[1], "{}", id(step[0]), 1), "")
			want := "/acme/api/" + strings.Replace(ask[1], "{}", id(step[1]), 1)
			if resp.StatusCode != 301 || resp.Header.Get("Location") != want {
				t.Errorf("%s %s: %d to %s, want %s", ask[0], ask[1], resp.StatusCode, resp.Header.Get("Location"), want)
			}
		}
	}
	if resp := d.once("GET", "messages?ticket_id="+id(first), ""); resp.StatusCode != 200 {
		t.Errorf("list of messages: %d", resp.StatusCode)
	}
	if resp := d.once("GET", "tickets/1", ""); resp.StatusCode != 404 {
		t.Errorf("unknown ticket: %d", resp.StatusCode)
	}
	if err := d.Delete(third, 0); err != nil {
		t.Fatal(err)
	}
	if status, _ := d.api("GET", "tickets/"+id(first), ""); status != 404 {
		t.Errorf("merged into a ticket that was deleted: %d", status)
	}
}

// TestUnknownFields: fields that are not in the reference are refused at any depth.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	d := open(t)
	ticket := d.ticket()
	made := d.listen("ticket-created", "")
	widget := d.create("widgets", `{"type":"http","integration_id":`+id(made)+`,"template":{"type":"wrapper","anything":1}}`)
	made2 := d.Customers()[0].ID
	for _, test := range []struct{ method, path, body, field string }{
		{"PUT", "integrations/" + id(made), `{"type":"http"}`, "type"},
		{"PUT", "integrations/" + id(made), `{"http":{"body":{}}}`, "http.body"},
		{"POST", "integrations", `{"name":"B","type":"http","deactivated_datetime":null}`, "deactivated_datetime"},
		{"POST", "tickets", `{"ticket_id":1,"messages":[` + shopperMessage + `]}`, "ticket_id"},
		{"POST", "tickets", `{"messages":[{"channel":"email","text":"x"}]}`, "messages.text"},
		{"POST", "tickets", `{"customer":{"phone":"+1"},"messages":[]}`, "customer.phone"},
		{"PUT", "tickets/" + id(ticket), `{"state":"open"}`, "state"},
		{"PUT", "tickets/" + id(ticket), `{"created_datetime":"2026-01-01"}`, "created_datetime"},
		{"POST", "tickets/" + id(ticket) + "/messages", `{"source":{"via":"x"}}`, "source.via"},
		{"POST", "tickets/" + id(ticket) + "/tags", `{"tags":["x"]}`, "tags"},
		{"POST", "customers", `{"phone":"+1555"}`, "phone"},
		{"PUT", "customers/" + id(made2), `{"channels":[{"type":"phone","address":"+1","deleted_datetime":null}]}`, "channels.deleted_datetime"},
		{"POST", "tags", `{"name":"x","color":"#fff"}`, "color"},
		{"POST", "widgets", `{"type":"http","deactivated_datetime":null,"template":{}}`, "deactivated_datetime"},
		{"PUT", "widgets/" + id(widget), `{"title":"x"}`, "title"},
	} {
		status, out := d.api(test.method, test.path, test.body)
		data, _ := out["error"].(object)["data"].(object)
		if status != 400 || data[test.field] == nil {
			t.Errorf("%s %s %s: %d %v", test.method, test.path, test.body, status, out)
		}
	}
	for _, path := range []string{"tickets/" + id(ticket) + "?expand=1", "users/0?x=1", "widgets?type=http", "messages?external_id=1", "account?a=b"} {
		if status, out := d.api("GET", path, ""); status != 400 {
			t.Errorf("GET %s: %d %v", path, status, out)
		}
	}
	if status, out := d.api("PUT", "integrations/"+id(made), `{"name":"B","description":null,"deactivated_datetime":null,"business_hours_id":null,"http":{"url":"https://x.example"}}`); status != 202 {
		t.Errorf("all documented fields: %d %v", status, out)
	}
	_, out := d.api("GET", "widgets?integration_id="+id(made), "")
	if item := out["data"].([]any)[0].(object); item["integration_id"] != nil || item["template"] == nil {
		t.Errorf("an item of the list: %v", item)
	}
}

// TestIntegrationsInRules can't be deleted, but switched off.
func TestIntegrationsInRules(t *testing.T) {
	t.Parallel()
	d := open(t)
	made := d.listen("ticket-created", "")
	if d.SetRule("VIP", "Bridge") != nil || d.SetRule("VIP", "no such") == nil {
		t.Fatal("SetRule accepted an unknown integration, or refused a known one")
	}
	status, out := d.api("DELETE", "integrations/"+id(made), "")
	if said, _ := out["error"].(object)["msg"].(string); status != 400 || !strings.Contains(said, "VIP") {
		t.Errorf("deleted while in use: %d %v", status, out)
	}
	if status, _ := d.api("PUT", "integrations/"+id(made), `{"deactivated_datetime":"2026-12-01T09:00:00"}`); status != 202 || d.Integrations()[1].Deactivated == nil {
		t.Errorf("switched off: %d", status)
	}
	if err := d.SetRule("VIP", ""); err != nil {
		t.Fatal(err)
	}
	if status, _ := d.api("DELETE", "integrations/"+id(made), ""); status != 204 {
		t.Errorf("delete: %d", status)
	}
}

// TestValuesAreNotEscaped: a quotation mark in a value makes the body invalid.
func TestValuesAreNotEscaped(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.listen("ticket-created", `,"form":{"id":"{{ticket.id}}","name":"{{ticket.customer.name}}"}`)
	for name, want := range map[string]string{`Jane`: `"name":"Jane"}`, `Jane \"JJ\" Doe`: `"name":"Jane "JJ" Doe"}`, `J\\`: `"name":"J\"}`} {
		before := len(d.calls())
		d.create("tickets", `{"customer":{"email":"jane@example.com","name":"`+name+`"},"messages":[`+shopperMessage+`]}`)
		d.until(func() bool { return len(d.Calls()) == before+1 })
		if got := d.calls()[before].body; !strings.HasSuffix(got, want) {
			t.Errorf("%s: sent %s", name, got)
		}
	}
}
