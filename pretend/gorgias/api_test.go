package gorgias_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/pretend/gorgias"
	"sidetext/pretend/wire"
)

func TestTheDoor(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, test := range map[string]struct {
		method, path, email, key string
		status                   int
		says                     string
	}{
		"in":                 {"GET", "/acme/api/account", "ada@acme.example", "secret", 200, `"domain":"acme"`},
		"slash at the end":   {"GET", "/acme/api/account/", "ADA@acme.example", "secret", 200, `"domain":"acme"`},
		"wrong key":          {"GET", "/acme/api/account", "ada@acme.example", "Secret", 401, `{"error":{"msg":"Unauthorized."}}`},
		"somebody else":      {"GET", "/acme/api/account", "bob@acme.example", "secret", 401, "Unauthorized"},
		"unknown account":    {"GET", "/other/api/account", "ada@acme.example", "secret", 404, "<html"},
		"unknown path":       {"GET", "/acme/api/nothing", "ada@acme.example", "secret", 404, "Resource not found."},
		"wrong method":       {"DELETE", "/acme/api/account", "ada@acme.example", "secret", 405, "The specified HTTP method is not allowed."},
		"unknown parameter":  {"GET", "/acme/api/tickets?status=open", "ada@acme.example", "secret", 400, `"status":["Unknown field."]`},
		"myself":             {"GET", "/acme/api/users/0", "ada@acme.example", "secret", 200, `"role":{"name":"admin"}`},
		"default mailbox":    {"GET", "/acme/api/account/settings", "ada@acme.example", "secret", 200, `"default-integration"`},
		"the mailbox itself": {"GET", "/acme/api/integrations?type=email", "ada@acme.example", "secret", 200, "support@acme.example"},
	} {
		resp, body := d.raw(test.method, test.path, "", test.email, test.key)
		says := strings.Replace(string(body), "<!doctype html>", "<html>", 1)
		if resp.StatusCode != test.status || !strings.Contains(says, test.says) {
			t.Errorf("%s: got %d %s", name, resp.StatusCode, body)
		}
	}
}

func TestOnlyAdminsBuild(t *testing.T) {
	t.Parallel()
	d := openAs(t, gorgias.Account{Users: []gorgias.User{{Name: "Ada", Email: "ada@acme.example"}}})
	if status, body := d.api("POST", "integrations", `{}`); status != 403 {
		t.Errorf("got %d %v", status, body)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	d := openAs(t, gorgias.Account{Limit: 4, Window: time.Hour})
	for i := range 6 {
		resp, _ := d.raw("GET", "/acme/api/account", "", "ada@acme.example", "secret")
		said, wait := resp.Header.Get("X-Gorgias-Account-Api-Call-Limit"), resp.Header.Get("Retry-After")
		if want := fmt.Sprintf("%d/4", min(i+1, 4)); said != want {
			t.Errorf("request %d: %s, want %s", i, said, want)
		}
		if i < 4 && resp.StatusCode != 200 || i >= 4 && (resp.StatusCode != 429 || wait != "900") {
			t.Errorf("request %d: %d, wait %q", i, resp.StatusCode, wait)
		}
	}
	d.SetLimit(-1, 0)
	for range 100 {
		if status, _ := d.api("GET", "account", ""); status != 200 {
			t.Fatalf("without a limit: %d", status)
		}
	}
	d.SetLimit(2, 20*time.Millisecond) // leaks within the test
	for refused := false; !refused; {
		status, _ := d.api("GET", "account", "")
		refused = status == 429
	}
	for status := 429; status == 429; {
		status, _ = d.api("GET", "account", "")
	}
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	d := open(t)
	jane := d.made("customers", `{"name":"Jane Doe","email":"Jane+x@example.com","external_id":"s-42","channels":[{"type":"email","address":"Jane+x@example.com","preferred":true},{"type":"phone","address":"+15551234567","preferred":true}]}`)
	phone := d.made("customers", `{"channels":[{"type":"phone","address":"0719908543"}]}`)
	for query, want := range map[string][]int64{
		"email=jane%2Bx@example.com":                              {jane},
		"email=jane+x@example.com":                                {},
		"external_id=s-42":                                        {jane},
		"channel_type=phone&channel_address=%2B15551234567":       {jane},
		"channel_type=phone&channel_address=0719908543":           {phone},
		"channel_type=phone&channel_address=719908543":            {},
		"channel_type=email&channel_address=jane%2Bx@EXAMPLE.com": {jane},
	} {
		_, out := d.api("GET", "customers?"+query, "")
		got := []int64{}
		for _, c := range out["data"].([]any) {
			got = append(got, int64(c.(object)["id"].(float64)))
			if c.(object)["channels"] != nil {
				t.Error("a list shows channels")
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
	for name, test := range map[string]struct {
		method, path, body string
		status             int
	}{
		"address taken":       {"POST", "customers", `{"email":"JANE+x@example.com"}`, 409},
		"channel taken":       {"POST", "customers", `{"channels":[{"type":"email","address":"jane+x@example.com"}]}`, 409},
		"taken on update":     {"PUT", "customers/" + id(phone), `{"email":"jane+x@example.com"}`, 409},
		"phone twice":         {"POST", "customers", `{"channels":[{"type":"phone","address":"+15551234567"}]}`, 201},
		"no sms channel":      {"POST", "customers", `{"channels":[{"type":"sms","address":"+1555"}]}`, 400},
		"not an object":       {"POST", "customers", `[]`, 400},
		"nobody":              {"GET", "customers/1", ``, 404},
		"half an address":     {"GET", "customers?channel_type=phone", ``, 400},
		"data":                {"PUT", "customers/" + id(phone) + "/data", `{"data":{"a":1}}`, 202},
		"own address is fine": {"PUT", "customers/" + id(jane), `{"email":"jane+x@example.com","note":"nice"}`, 202},
	} {
		if status, out := d.api(test.method, test.path, test.body); status != test.status {
			t.Errorf("%s: got %d %v, want %d", name, status, out, test.status)
		}
	}
	if c, _ := d.Customer(jane); *c.Note != "nice" || c.Firstname != "Jane" || len(c.Channels) != 2 {
		t.Errorf("after an update: %+v", c)
	}
	d.api("PUT", "customers/"+id(jane), `{"channels":[{"type":"phone","address":"+1999"}]}`)
	if c, _ := d.Customer(jane); len(c.Channels) != 1 || c.Email != nil || c.Channels[0].Address != "+1999" {
		t.Errorf("channels replace the list: %+v", c)
	}
	_, out := d.api("POST", "search", `{"type":"customers_by_phone","query":"(719) 908-543","size":5}`)
	if found := out["data"].([]any); len(found) != 1 {
		t.Errorf("search found %v", found)
	}
}

func TestTicketsRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	with := func(fields string) string { return `{"via":"api","messages":[` + shopperSays + `]` + fields + `}` }
	message := func(fields string) string {
		return `{"messages":[{"channel":"email","via":"api","from_agent":false,"sender":{"email":"a@b.example"}` + fields + `}]}`
	}
	for name, test := range map[string]struct{ body, field string }{
		"no messages":        {`{"via":"api"}`, "messages"},
		"too many":           {`{"messages":[` + strings.Repeat(shopperSays+",", 500) + shopperSays + `]}`, "messages"},
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
		t.Errorf("made %d tickets", n)
	}
}

func TestTickets(t *testing.T) {
	t.Parallel()
	d := open(t)
	first := d.ticket()
	made, _ := d.Ticket(first)
	if made.Status != "open" || *made.Customer.Name != "Jane Doe" || made.Tags[0].Decoration.Color != "#F58D86" ||
		len(made.Messages) != 1 || made.Messages[0].Sent == nil || made.LastReceived == nil {
		t.Errorf("made %+v", made)
	}
	second := d.made("tickets", `{"customer":{"id":`+id(made.Customer.ID)+`},"messages":[`+shopperSays+`]}`)
	d.api("PUT", "tickets/"+id(second), `{"trashed_datetime":"2026-01-01T00:00:00"}`)
	for query, want := range map[string]int{
		"": 2, "trashed=false": 1, "trashed=true": 1, "external_id=c-1": 1, "external_id=c-2": 0,
		"customer_id=" + id(made.Customer.ID): 2, "customer_id=1": 0, "ticket_ids=" + id(first) + "," + id(second): 2,
	} {
		_, out := d.api("GET", "tickets?"+query, "")
		if got := len(out["data"].([]any)); got != want {
			t.Errorf("%q: %d tickets, want %d", query, got, want)
		}
		for _, item := range out["data"].([]any) {
			if item.(object)["messages"] != nil || item.(object)["excerpt"] != "cancel <it>" {
				t.Errorf("a list shows %v", item)
			}
		}
	}
	path := "tickets/" + id(first)
	d.api("PUT", path, `{"status":"closed"}`)
	if _, out := d.api("GET", path, ""); out["status"] != "closed" || out["closed_datetime"] == nil || out["subject"] != "SMS from Jane" || len(out["messages"].([]any)) != 1 {
		t.Errorf("closed: %v", out)
	}
	d.made(path+"/messages", shopperSays)
	if made, _ = d.Ticket(first); made.Status != "closed" || len(made.Messages) != 2 {
		t.Error("a message reopened the ticket, which is not documented")
	}
	d.api("PUT", path, `{"status":"open","tags":[{"name":"other"}]}`)
	if made, _ = d.Ticket(first); made.Closed != nil || len(made.Tags) != 1 || made.Tags[0].Name != "other" {
		t.Errorf("opened: %+v", made)
	}
	if status, out := d.api("DELETE", path, ""); status != 204 || out != nil {
		t.Errorf("deleted: %d %v", status, out)
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
			t.Errorf("%s: saw %v", order, seen)
		}
	}
	for _, wrong := range []string{"limit=101", "limit=0", "order_by=subject", "cursor=nonsense", "order_by=created_datetime:up"} {
		if status, _ := d.api("GET", "tickets?"+wrong, ""); status != 400 {
			t.Errorf("%s: %d", wrong, status)
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	d := open(t)
	ticket := d.ticket()
	path := "tickets/" + id(ticket) + "/messages"
	agent := `"via":"api","from_agent":true,"sender":{"email":"bob@acme.example"}`
	d.made(path, `{"channel":"internal-note","public":true,`+agent+`,"body_text":"note","external_id":"n-1"}`)
	d.made(path, `{"channel":"sms",`+agent+`,"body_text":"texted","sent_datetime":"2026-02-07T10:00:00+00:00"}`)
	mailed := d.made(path, `{"channel":"email",`+agent+`,"subject":"Hi","body_text":"mailed","source":{"type":"email","from":{"address":"support@acme.example"},"to":[{"address":"jane@example.com"}]}}`)
	lost := d.made(path, `{"channel":"sms",`+agent+`,"body_text":"by whom?"}`)
	d.until(func() bool { return len(d.Outbox()) == 1 })
	mail := d.Outbox()[0]
	if mail.Message != mailed || mail.To != "jane@example.com" || mail.From != "support@acme.example" || mail.Text != "mailed" || mail.Subject != "Hi" {
		t.Errorf("mailed %+v", mail)
	}
	d.until(func() bool {
		_, out := d.api("GET", path+"/"+id(lost), "")
		return out["failed_datetime"] != nil && out["last_sending_error"] != nil
	})
	_, out := d.api("GET", "messages?ticket_id="+id(ticket)+"&order_by=created_datetime:asc", "")
	var got []string
	for _, m := range out["data"].([]any) {
		m := m.(object)
		got = append(got, fmt.Sprint(m["channel"], m["from_agent"], m["public"], m["external_id"]))
	}
	want := []string{"email false true <nil>", "internal-note true false n-1", "sms true true <nil>", "email true true <nil>", "sms true true <nil>"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if status, _ := d.api("POST", "tickets/1/messages", shopperSays); status != 404 {
		t.Errorf("to no ticket: %d", status)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	d := open(t)
	a := d.made("tags", `{"name":"alpha","decoration":{"color":"#0693E3"}}`)
	if status, _ := d.api("POST", "tags", `{"name":"alpha"}`); status != 409 {
		t.Errorf("a name twice: %d", status)
	}
	d.made("tags", `{"name":"Alpha"}`)
	ticket := d.ticket()
	path := "tickets/" + id(ticket) + "/tags"
	for _, step := range []struct {
		method, body string
		status       int
		tags         string
	}{
		{"POST", `{"ids":[` + id(a) + `],"names":["beta"]}`, 201, "RechargeSMS alpha beta"},
		{"POST", `{"names":["beta"]}`, 201, "RechargeSMS alpha beta"},
		{"DELETE", `{"names":["alpha","never seen"]}`, 204, "RechargeSMS beta"},
		{"PUT", `{"names":["gamma"]}`, 202, "gamma"},
		{"POST", `{}`, 400, "gamma"},
		{"PUT", `{}`, 202, ""},
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
	if _, out := d.api("GET", path, ""); len(out["data"].([]any)) != 1 {
		t.Errorf("the ticket has %v", out)
	}
}

func TestEmbeddedCustomerIsOverwritten(t *testing.T) {
	t.Parallel()
	d := open(t)
	jane := d.AddCustomer(gorgias.Known("Jane Doe", "jane@example.com", "+1555"))
	d.made("tickets", `{"customer":{"id":`+id(jane)+`},"messages":[`+shopperSays+`]}`)
	if c, _ := d.Customer(jane); *c.Name != "Jane Doe" || len(c.Channels) != 2 {
		t.Errorf("an id alone changed %+v", c)
	}
	d.made("tickets", `{"customer":{"id":`+id(jane)+`,"name":"J"},"messages":[`+shopperSays+`]}`)
	if c, _ := d.Customer(jane); *c.Name != "J" || len(d.Customers()) != 1 {
		t.Errorf("got %+v", c)
	}
}

func TestQuotaAndFaults(t *testing.T) {
	t.Parallel()
	d := openAs(t, gorgias.Account{Keep: 1})
	d.ticket()
	status, out := d.api("POST", "tickets", `{"messages":[`+shopperSays+`]}`)
	if status != 403 || !strings.Contains(fmt.Sprint(out), "Messaging quota exceeded.") {
		t.Errorf("got %d %v", status, out)
	}
	d.Faults.Ask(wire.Fault{Act: wire.Answer, Status: http.StatusBadGateway, Times: 1}, wire.Fault{Act: wire.Answer, Status: 503})
	if resp, body := d.raw("GET", "/acme/api/account", "", "ada@acme.example", "secret"); resp.StatusCode != 502 || !strings.Contains(string(body), "<html>") {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
	if status, out := d.api("GET", "account", ""); status != 503 || !strings.Contains(fmt.Sprint(out), "An external service had an issue.") {
		t.Errorf("got %d %v", status, out)
	}
	if got := d.Requests(); len(got) != 4 || got[0].Path != "/acme/api/tickets" || got[2].Status != 502 {
		t.Errorf("recorded %+v", got)
	}
}
