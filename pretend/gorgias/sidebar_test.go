package gorgias_test

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"sidetext/pretend/gorgias"
)

const template = `{"type":"wrapper","widgets":[
	{"type":"card","path":"","title":"SMS {{name}}","order":1,"meta":{"link":"{{chat}}?c={{ticket.customer.email}}","color":"#3B82F6",
		"custom":{"links":[{"label":"Text via {{how}}","url":"{{chat}}#t={{launch}}&ticket={{ticket.id}}&mail={{ticket.customer.email}}&by={{current_user.name}}&i=$integrationId"}]}},
	 "widgets":[{"type":"date","path":"at","title":"When","order":2},{"type":"boolean","path":"ok","title":"Fine?","order":1},{"type":"text","path":"deep.er","title":"Deep","order":3},{"type":"text","path":"none","title":"None","order":4},
		{"type":"card","path":"deep","title":"Below","order":5,"meta":{"custom":{"links":[{"label":"hidden","url":"x"}]}},"widgets":[]}]},
	{"type":"list","path":"orders","order":2,"meta":{"limit":2},"widgets":[{"type":"card","title":"{{name}} $listIndex","meta":{"custom":{"links":[{"label":"{{name}}","url":"u"}]}},"widgets":[]}]},
	{"type":"card","path":"deep","order":3,"meta":{"displayCard":false},"title":"No header","widgets":[{"type":"text","path":"er","title":"Er","order":0}]},
	{"type":"card","path":"missing","title":"Never","order":4,"widgets":[]}]}`

func TestSidebar(t *testing.T) {
	t.Parallel()
	d := open(t)
	made := d.listen("ticket-updated", "")
	d.create("widgets", `{"type":"http","context":"ticket","integration_id":`+id(made)+`,"template":`+template+`}`)
	d.create("widgets", `{"type":"http","context":"customer","integration_id":`+id(made)+`,"template":`+template+`}`)
	ticket := d.ticket()
	if cards := d.Sidebar(ticket, 0); len(cards) != 0 {
		t.Errorf("without data: %v", cards)
	}
	d.answerWith(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"name":"Jane","how":"SMS","chat":"https://s.example/popup","launch":"tok","at":"2026-02-07","ok":true,"deep":{"er":7},"orders":[{"name":"A"},{"name":"B"},{"name":"C"}]}`)
	})
	d.api("POST", "tickets/"+id(ticket)+"/tags", `{"names":["x"]}`)
	d.until(func() bool { return len(d.Sidebar(ticket, 0)) > 0 })
	none, fields := []gorgias.Link{}, []gorgias.Field{}
	want := []gorgias.Card{
		{Title: "SMS Jane", URL: "https://s.example/popup?c=", Color: "#3B82F6",
			Links: []gorgias.Link{{Label: "Text via SMS", URL: "https://s.example/popup#t=tok&ticket=" + id(ticket) + "&mail=jane@example.com&by=Bob&i=" + id(made)}},
			Fields: []gorgias.Field{{Title: "Fine?", Type: "boolean", Value: "True"}, {Title: "When", Type: "date", Value: "2026-02-07"},
				{Title: "Deep", Type: "text", Value: "7"}, {Title: "None", Type: "text", Value: ""}},
			Cards: []gorgias.Card{{Title: "Below", Links: none, Fields: fields}}},
		{Title: "A 0", Links: []gorgias.Link{{Label: "A", URL: "u"}}, Fields: fields},
		{Title: "B 1", Links: none, Fields: fields},
		{Links: none, Fields: []gorgias.Field{{Title: "Er", Type: "text", Value: "7"}}},
	}
	if got := d.Sidebar(ticket, d.Users()[1].ID); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// The data belongs to the customer: another ticket shows it with its own id.
	other := d.ticket()
	if got := d.Sidebar(other, 0); len(got) != 4 || !strings.Contains(got[0].Links[0].URL, "ticket="+id(other)) {
		t.Errorf("another ticket shows %+v", got)
	}
	d.answerWith(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) })
	d.api("PUT", "tickets/"+id(ticket), `{}`)
	d.until(func() bool { return len(d.Calls()) == 2 })
	if got := d.Sidebar(ticket, 0); len(got) != 4 {
		t.Errorf("a failure changed the data: %v", got)
	}
	d.answerWith(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) })
	d.api("PUT", "tickets/"+id(ticket), `{}`)
	d.until(func() bool { return len(d.Sidebar(ticket, 0)) == 0 })
}

func TestInvalidWidgets(t *testing.T) {
	t.Parallel()
	d := open(t)
	made := d.listen("ticket-created", "")
	with := func(template string) string {
		return `{"type":"http","integration_id":` + id(made) + `,"template":` + template + `}`
	}
	for name, body := range map[string]string{
		"no template":       `{"type":"http","integration_id":` + id(made) + `}`,
		"root is a card":    with(`{"type":"card"}`),
		"unknown field":     with(`{"type":"wrapper","widgets":[{"type":"iframe"}]}`),
		"a wrapper within":  with(`{"type":"wrapper","widgets":[{"type":"wrapper"}]}`),
		"fields in a field": with(`{"type":"wrapper","widgets":[{"type":"text","widgets":[{"type":"text"}]}]}`),
		"no integration":    `{"type":"http","template":{"type":"wrapper"}}`,
		"unknown type":      `{"type":"banner","template":{"type":"wrapper"}}`,
	} {
		if status, out := d.api("POST", "widgets", body); status != 400 {
			t.Errorf("%s: %d %v", name, status, out)
		}
	}
	widget := d.create("widgets", with(`{"type":"wrapper","widgets":[]}`))
	if status, _ := d.api("PUT", "widgets/"+id(widget), `{"type":"http","context":"ticket","template":{"type":"wrapper","widgets":[{"type":"text"}]}}`); status != 202 {
		t.Errorf("update: %d", status)
	}
	if _, out := d.api("GET", "widgets?integration_id="+id(made), ""); len(out["data"].([]any)) != 1 {
		t.Errorf("found %v", out)
	}
}

func TestLatestEventWins(t *testing.T) {
	t.Parallel()
	d := open(t)
	made := d.listen("ticket-updated", `,"form":{"status":"{{ticket.status}}"}`)
	ticket := d.ticket()
	slow, came := make(chan struct{}), make(chan struct{})
	d.answerWith(func(w http.ResponseWriter, _ *http.Request) {
		close(came)
		<-slow
		_, _ = io.WriteString(w, `{"n":"old"}`)
	})
	d.api("PUT", "tickets/"+id(ticket), `{"status":"closed"}`)
	<-came
	d.answerWith(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"n":"new"}`) })
	d.api("PUT", "tickets/"+id(ticket), `{"status":"open"}`)
	shown := func() any {
		c, _ := d.Customer(d.Customers()[0].ID)
		data, _ := c.Integrations[id(made)].(object)
		return data["n"]
	}
	d.until(func() bool { return shown() == "new" })
	rev := d.Changes.Rev()
	close(slow)
	d.until(func() bool { return len(d.Calls()) == 2 && d.Changes.Rev() > rev })
	if got := shown(); got != "new" {
		t.Errorf("a late response of an earlier event is shown: %v", got)
	}
}
