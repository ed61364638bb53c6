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

func TestAuthorization(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, test := range map[string]struct {
		method, path, email, key string
		status                   int
		contains                 string
	}{
		"authorized":         {"GET", "/acme/api/account", "ada@acme.example", "secret", 200, `"domain":"acme"`},
		"slash at the end":   {"GET", "/acme/api/account/", "ADA@acme.example", "secret", 200, `"domain":"acme"`},
		"wrong key":          {"GET", "/acme/api/account", "ada@acme.example", "Secret", 401, `{"error":{"msg":"Unauthorized."}}`},
		"another user":       {"GET", "/acme/api/account", "bob@acme.example", "secret", 401, "Unauthorized"},
		"unknown account":    {"GET", "/other/api/account", "ada@acme.example", "secret", 404, "<html"},
		"unknown path":       {"GET", "/acme/api/nothing", "ada@acme.example", "secret", 404, "Resource not found."},
		"wrong method":       {"DELETE", "/acme/api/account", "ada@acme.example", "secret", 405, "The specified HTTP method is not allowed."},
		"unknown parameter":  {"GET", "/acme/api/tickets?status=open", "ada@acme.example", "secret", 400, `"status":["Unknown field."]`},
		"myself":             {"GET", "/acme/api/users/0", "ada@acme.example", "secret", 200, `"role":{"name":"admin"}`},
		"default mailbox":    {"GET", "/acme/api/account/settings", "ada@acme.example", "secret", 200, `"default-integration"`},
		"the mailbox itself": {"GET", "/acme/api/integrations?type=email", "ada@acme.example", "secret", 200, "support@acme.example"},
	} {
		resp, body := d.raw(test.method, test.path, "", test.email, test.key)
		content := strings.Replace(string(body), "<!doctype html>", "<html>", 1)
		if resp.StatusCode != test.status || !strings.Contains(content, test.contains) {
			t.Errorf("%s: got %d %s", name, resp.StatusCode, body)
		}
	}
}

func TestIntegrationsNeedAdmin(t *testing.T) {
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
		usage, wait := resp.Header.Get("X-Gorgias-Account-Api-Call-Limit"), resp.Header.Get("Retry-After")
		if want := fmt.Sprintf("%d/4", min(i+1, 4)); usage != want {
			t.Errorf("request %d: %s, want %s", i, usage, want)
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
	d.SetLimit(1, 2*time.Second)
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
	jane := d.create("customers", `{"name":"Jane Doe","email":"Jane+x@example.com","external_id":"s-42","channels":[{"type":"email","address":"Jane+x@example.com","preferred":true},{"type":"phone","address":"+15551234567","preferred":true}]}`)
	phone := d.create("customers", `{"channels":[{"type":"phone","address":"0719908543"}]}`)
	for query, want := range map[string][]int64{
		"email=jane%2Bx@example.com":                              {jane},
		"email=jane+x@example.com":                                {},
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
				t.Error("a list contains channels")
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
		"unknown":             {"GET", "customers/1", ``, 404},
		"half an address":     {"GET", "customers?channel_type=phone", ``, 400},
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
		t.Errorf("channels were not replaced: %+v", c)
	}
}

func TestEmbeddedCustomerIsOverwritten(t *testing.T) {
	t.Parallel()
	d := open(t)
	jane := d.AddCustomer(gorgias.KnownCustomer("Jane Doe", "jane@example.com", "+1555"))
	d.create("tickets", `{"customer":{"id":`+id(jane)+`},"messages":[`+shopperMessage+`]}`)
	if c, _ := d.Customer(jane); *c.Name != "Jane Doe" || len(c.Channels) != 2 {
		t.Errorf("a reference by id changed %+v", c)
	}
	d.create("tickets", `{"customer":{"id":`+id(jane)+`,"name":"J"},"messages":[`+shopperMessage+`]}`)
	if c, _ := d.Customer(jane); *c.Name != "J" || len(d.Customers()) != 1 {
		t.Errorf("got %+v", c)
	}
}

func TestQuotaAndFaults(t *testing.T) {
	t.Parallel()
	d := openAs(t, gorgias.Account{MaxObjects: 1})
	d.ticket()
	status, out := d.api("POST", "tickets", `{"messages":[`+shopperMessage+`]}`)
	if status != 403 || !strings.Contains(fmt.Sprint(out), "Messaging quota exceeded.") {
		t.Errorf("got %d %v", status, out)
	}
	d.Faults.Add(wire.Fault{Act: wire.Answer, Status: http.StatusBadGateway, Times: 1}, wire.Fault{Act: wire.Answer, Status: 503})
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
