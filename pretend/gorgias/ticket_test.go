package gorgias_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sidetext/pretend/gorgias"
)

func TestInvalidTickets(t *testing.T) {
	t.Parallel()
	d := open(t)
	with := func(fields string) string { return `{"via":"api","messages":[` + shopperMessage + `]` + fields + `}` }
	message := func(fields string) string {
		return `{"messages":[{"channel":"email","via":"api","from_agent":false,"sender":{"email":"a@b.example"}` + fields + `}]}`
	}
	for name, test := range map[string]struct{ body, field string }{
		"no messages":        {`{"via":"api"}`, "messages"},
		"too many":           {`{"messages":[` + strings.Repeat(shopperMessage+",", 500) + shopperMessage + `]}`, "messages"},
		"unknown channel":    {with(`,"channel":"pigeon"`), "channel"},
		"unknown status":     {with(`,"status":"waiting"`), "status"},
		"subject too long":   {with(`,"subject":"` + strings.Repeat("x", 999) + `"`), "subject"},
		"id too long":        {with(`,"external_id":"` + strings.Repeat("x", 256) + `"`), "external_id"},
		"tag too long":       {with(`,"tags":[{"name":"` + strings.Repeat("x", 257) + `"}]`), "tags"},
		"subject no text":    {with(`,"subject":5`), "subject"},
		"unknown customer":   {with(`,"customer":{"id":5}`), "customer"},
		"message, no sender": {`{"messages":[{"channel":"email","via":"api","from_agent":false}]}`, "messages"},
		"message, receiver":  {message(`,"receiver":{"id":1}`), "messages"},
		"message, channel":   {message(`,"channel":"pigeon"`), "messages"},
		"note from shopper":  {message(`,"channel":"internal-note"`), "messages"},
		"agent unknown":      {`{"messages":[{"channel":"email","via":"api","from_agent":true,"sender":{"email":"x@y.example"}}]}`, "messages"},
	} {
		status, out := d.api("POST", "tickets", test.body)
		why, _ := out["error"].(object)
		data, _ := why["data"].(object)
		if status != 400 || data[test.field] == nil {
			t.Errorf("%s: got %d %v", name, status, out)
		}
	}
	if n := len(d.Tickets()); n != 0 {
		t.Errorf("created %d tickets", n)
	}
}

func TestTickets(t *testing.T) {
	t.Parallel()
	d := open(t)
	first := d.ticket()
	made, _ := d.Ticket(first)
	if made.Status != "open" || *made.Customer.Name != "Jane Doe" || made.Tags[0].Decoration.Color != "#F58D86" ||
		len(made.Messages) != 1 || made.Messages[0].Sent == nil || made.LastReceived == nil {
		t.Errorf("created %+v", made)
	}
	second := d.create("tickets", `{"customer":{"id":`+id(made.Customer.ID)+`},"messages":[`+shopperMessage+`]}`)
	d.api("PUT", "tickets/"+id(second), `{"trashed_datetime":"2026-01-01T00:00:00"}`)
	for query, want := range map[string]int{
		"": 2, "external_id=c-1": 1, "external_id=c-2": 0,
	} {
		_, out := d.api("GET", "tickets?"+query, "")
		if got := len(out["data"].([]any)); got != want {
			t.Errorf("%q: %d tickets, want %d", query, got, want)
		}
		for _, item := range out["data"].([]any) {
			if item.(object)["messages"] != nil || item.(object)["excerpt"] != "cancel <it>" {
				t.Errorf("an item of the list: %v", item)
			}
		}
	}
	path := "tickets/" + id(first)
	d.api("PUT", path, `{"status":"closed"}`)
	if _, out := d.api("GET", path, ""); out["status"] != "closed" || out["closed_datetime"] == nil || out["subject"] != "SMS from Jane" || len(out["messages"].([]any)) != 1 {
		t.Errorf("closed: %v", out)
	}
	d.create(path+"/messages", shopperMessage)
	if made, _ = d.Ticket(first); made.Status != "closed" || len(made.Messages) != 2 {
		t.Error("a message reopened the ticket, which is not documented")
	}
	d.api("PUT", path, `{"status":"open","tags":[{"name":"other"}]}`)
	if made, _ = d.Ticket(first); made.Closed != nil || len(made.Tags) != 1 || made.Tags[0].Name != "other" {
		t.Errorf("opened: %+v", made)
	}
	if err := d.Delete(first, 0); err != nil {
		t.Error(err)
	}
	if status, _ := d.api("GET", path, ""); status != 404 {
		t.Errorf("after deletion: %d", status)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	d := open(t)
	for range 7 {
		d.ticket()
	}
	for _, order := range []string{"created_datetime:asc", "created_datetime:desc", "updated_datetime:asc"} {
		var seen []float64
		for cursor, more := "", true; more; {
			_, out := d.api("GET", "tickets?limit=3&order_by="+order+"&cursor="+cursor, "")
			for _, item := range out["data"].([]any) {
				seen = append(seen, item.(object)["id"].(float64))
			}
			cursor, more = out["meta"].(object)["next_cursor"].(string)
		}
		if strings.HasSuffix(order, "desc") {
			slices.Reverse(seen)
		}
		if len(seen) != 7 || !slices.IsSorted(seen) {
			t.Errorf("%s: got %v", order, seen)
		}
	}
	for _, problems := range []string{"limit=101", "limit=0", "order_by=subject", "cursor=nonsense", "order_by=created_datetime:up"} {
		if status, _ := d.api("GET", "tickets?"+problems, ""); status != 400 {
			t.Errorf("%s: %d", problems, status)
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	d := open(t)
	ticket := d.ticket()
	path := "tickets/" + id(ticket) + "/messages"
	agent := `"via":"api","from_agent":true,"sender":{"email":"bob@acme.example"}`
	d.create(path, `{"channel":"internal-note","public":true,`+agent+`,"body_text":"note","external_id":"n-1"}`)
	d.create(path, `{"channel":"sms",`+agent+`,"body_text":"texted","sent_datetime":"2026-02-07T10:00:00+00:00"}`)
	mailed := d.create(path, `{"channel":"email",`+agent+`,"subject":"Hi","body_text":"mailed","source":{"type":"email","from":{"address":"support@acme.example"},"to":[{"address":"jane@example.com"}]}}`)
	lost := d.create(path, `{"channel":"sms",`+agent+`,"body_text":"by whom?"}`)
	d.until(func() bool { return len(d.Outbox()) == 1 })
	mail := d.Outbox()[0]
	if mail.Message != mailed || mail.To != "jane@example.com" || mail.From != "support@acme.example" || mail.Text != "mailed" || mail.Subject != "Hi" {
		t.Errorf("sent %+v", mail)
	}
	d.until(func() bool {
		made, _ := d.Ticket(ticket)
		i := slices.IndexFunc(made.Messages, func(m *gorgias.Message) bool { return m.ID == lost })
		return made.Messages[i].Failed != nil && made.Messages[i].LastError != nil
	})
	_, out := d.api("GET", "messages?ticket_id="+id(ticket)+"&order_by=created_datetime:asc", "")
	var got []string
	for _, m := range out["data"].([]any) {
		m := m.(object)
		got = append(got, fmt.Sprintf("%v %v %v %v", m["channel"], m["from_agent"], m["public"], m["external_id"]))
	}
	want := []string{"email false true <nil>", "internal-note true false n-1", "sms true true <nil>", "email true true <nil>", "sms true true <nil>"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if status, _ := d.api("POST", "tickets/1/messages", shopperMessage); status != 404 {
		t.Errorf("unknown ticket: %d", status)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	d := open(t)
	a := d.create("tags", `{"name":"alpha","decoration":{"color":"#0693E3"}}`)
	if status, _ := d.api("POST", "tags", `{"name":"alpha"}`); status != 409 {
		t.Errorf("duplicate name: %d", status)
	}
	d.create("tags", `{"name":"Alpha"}`)
	ticket := d.ticket()
	path := "tickets/" + id(ticket) + "/tags"
	for _, step := range []struct {
		method, body string
		status       int
		tags         string
	}{
		{"POST", `{"ids":[` + id(a) + `],"names":["beta"]}`, 201, "RechargeSMS alpha beta"},
		{"POST", `{"names":["beta"]}`, 201, "RechargeSMS alpha beta"},
		{"DELETE", `{"names":["alpha","unknown"]}`, 204, "RechargeSMS beta"},
		{"DELETE", `{"names":["RechargeSMS","beta"]}`, 204, ""},
		{"POST", `{}`, 400, ""},
	} {
		status, _ := d.api(step.method, path, step.body)
		made, _ := d.Ticket(ticket)
		var names []string
		for _, tag := range made.Tags {
			names = append(names, tag.Name)
		}
		if got := strings.Join(names, " "); status != step.status || got != step.tags {
			t.Errorf("%s %s: %d, tags %q", step.method, step.body, status, got)
		}
	}
	if _, out := d.api("GET", "tags?search=ALPH&order_by=name:asc", ""); len(out["data"].([]any)) != 2 {
		t.Errorf("found %v", out)
	}
	d.api("POST", path, `{"names":["alpha"]}`)
	_, out := d.api("GET", "tags?order_by=usage:desc,name:desc", "")
	if first := out["data"].([]any)[0].(object); first["name"] != "alpha" || first["usage"] != 1.0 {
		t.Errorf("most used: %v", first)
	}
	if made, _ := d.Ticket(ticket); len(made.Tags) != 1 {
		t.Errorf("the ticket has the tags %v", made.Tags)
	}
}
