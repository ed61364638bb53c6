package gorgias_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
	"sidetext/gorgias"
)

// customers is a fake helpdesk with some customers, in Gorgias' format. It answers
// the requests of EnsureCustomer.
type customers struct {
	mu      *sync.Mutex
	byID    map[string]string // id → object
	byEmail map[string]string // address → ids
	byPhone map[string]string
	create  []answer
	update  int // status of a PUT
	wrote   []string
}

type answer struct {
	status int
	body   string
	then   func(*customers) // a concurrent change
}

func (p *customers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	q := r.URL.Query()
	id, single := strings.CutPrefix(r.URL.Path, "/acme/api/customers/")
	switch {
	case r.Method == "PUT" && single:
		p.wrote = append(p.wrote, "PUT "+id+" "+string(body))
		w.WriteHeader(p.update)
	case r.Method == "POST":
		p.wrote = append(p.wrote, "POST "+string(body))
		next := p.create[0]
		p.create = p.create[1:]
		if next.then != nil {
			next.then(p)
		}
		w.WriteHeader(next.status)
		io.WriteString(w, next.body)
	case single && p.byID[id] == "merged":
		w.Header().Set("Location", "/acme/api/customers/1")
		w.WriteHeader(301)
	case single && p.byID[id] == "":
		w.WriteHeader(404)
		io.WriteString(w, `{"error":{"msg":"Resource not found."}}`)
	case single:
		io.WriteString(w, p.byID[id])
	case q.Get("email") != "":
		p.list(w, p.byEmail[q.Get("email")])
	case q.Get("channel_type") == "email":
		p.list(w, p.byEmail["second:"+q.Get("channel_address")])
	case q.Get("channel_type") == "phone":
		p.list(w, p.byPhone[q.Get("channel_address")])
	}
}

// list writes customers without their channels, as in Gorgias' lists.
func (p *customers) list(w io.Writer, ids string) {
	data := []map[string]any{}
	for _, id := range strings.Fields(ids) {
		c := map[string]any{"id": json.Number(id)}
		if p.byID[id] != "merged" {
			json.Unmarshal([]byte(p.byID[id]), &c)
		}
		delete(c, "channels")
		data = append(data, c)
	}
	json.NewEncoder(w).Encode(map[string]any{"data": data, "meta": map[string]any{"next_cursor": nil}})
}

const (
	janeMail   = `{"id":1,"email":"Jane@Example.com","name":"J. Doe","channels":[{"type":"email","address":"jane@example.com","preferred":true}]}`
	janeBoth   = `{"id":2,"email":"jane@example.com","channels":[{"type":"email","address":"jane@example.com","preferred":true},{"type":"phone","address":"+14155550100","preferred":true}]}`
	phoneOnly  = `{"id":3,"email":null,"channels":[{"type":"phone","address":"+14155550100","preferred":true}]}`
	otherPhone = `{"id":4,"email":"bob@example.com","channels":[{"type":"phone","address":"+14155550199","preferred":true}]}`
	janeChat   = `{"id":5,"email":"jane@example.com","channels":[{"type":"email","address":"jane@example.com","preferred":true},{"type":"facebook","address":"778","preferred":true}]}`
	janeTwo    = `{"id":6,"email":"jane@example.com","channels":[{"type":"phone","address":"+14155550111","preferred":true},{"type":"phone","address":"+14155550100","preferred":true,"deleted_datetime":"2025-02-07T09:55:18"}]}`
	janeNamed  = `{"id":2,"email":"jane@example.com","name":"Jane Doe","channels":[{"type":"email","address":"jane@example.com","preferred":true},{"type":"phone","address":"+14155550100","preferred":true}]}`
	annPhone   = `{"id":8,"email":null,"name":"Ann Poe","channels":[{"type":"phone","address":"+14155550100","preferred":true}]}`
	annCreated = `POST {"name":"Ann Poe","email":"ann@example.com","channels":[{"type":"email","address":"ann@example.com","preferred":true},{"type":"phone","address":"+14155550100","preferred":true}]}`
	janeNoList = `{"id":7,"email":"jane@example.com"}`
)

func TestEnsureCustomer(t *testing.T) {
	t.Parallel()
	jane := chat.Shopper{Name: "Jane  Doe\n", Email: "jane@example.com", Phone: "+14155550100"}
	without := func(change func(*chat.Shopper)) chat.Shopper { s := jane; change(&s); return s }
	mailed, phoned := map[string]string{}, map[string]string{}
	const created = `POST {"name":"Jane Doe","email":"jane@example.com","channels":[{"type":"email","address":"jane@example.com","preferred":true},{"type":"phone","address":"+14155550100","preferred":true}]}`
	for name, test := range map[string]struct {
		shopper chat.Shopper
		desk    customers
		want    gorgias.ID
		wrote   []string
	}{
		"known": {without(func(s *chat.Shopper) { s.Customer = "2" }), customers{byID: map[string]string{"2": janeBoth}}, 2, nil},
		"known, merged into one that was deleted": {without(func(s *chat.Shopper) { s.Customer = "9" }),
			customers{byID: map[string]string{"9": "merged", "2": janeBoth}, byEmail: map[string]string{"jane@example.com": "2"}}, 2, nil},
		"known, merged into another": {without(func(s *chat.Shopper) { s.Customer = "9" }),
			customers{byID: map[string]string{"9": "merged", "1": janeMail}}, 1, nil},
		"known, deleted": {without(func(s *chat.Shopper) { s.Customer = "9" }),
			customers{byID: map[string]string{"2": janeBoth}, byEmail: map[string]string{"jane@example.com": "2"}}, 2, nil},
		"by e-mail":             {jane, customers{byID: map[string]string{"2": janeBoth}, byEmail: map[string]string{"jane@example.com": "2"}}, 2, nil},
		"by e-mail in capitals": {without(func(s *chat.Shopper) { s.Email = " JANE@Example.com" }), customers{byID: map[string]string{"2": janeBoth}, byEmail: map[string]string{"jane@example.com": "2"}}, 2, nil},
		"by e-mail, phone added": {jane, customers{update: 202, byID: map[string]string{"1": janeMail}, byEmail: map[string]string{"jane@example.com": "1"}}, 1,
			[]string{`PUT 1 {"channels":[{"type":"email","address":"jane@example.com","preferred":true},{"type":"phone","address":"+14155550100","preferred":true}]}`}},
		"by e-mail, second phone": {jane, customers{update: 200, byID: map[string]string{"6": janeTwo}, byEmail: map[string]string{"jane@example.com": "6"}}, 6,
			[]string{`PUT 6 {"channels":[{"type":"phone","address":"+14155550111","preferred":true},{"type":"phone","address":"+14155550100","preferred":false}]}`}},
		"by e-mail, phone belongs to another customer": {jane, customers{update: 409, byID: map[string]string{"1": janeMail}, byEmail: map[string]string{"jane@example.com": "1"}}, 1,
			[]string{`PUT 1 {"channels":[{"type":"email","address":"jane@example.com","preferred":true},{"type":"phone","address":"+14155550100","preferred":true}]}`}},
		"by e-mail, contacts that can't be written back": {jane, customers{byID: map[string]string{"5": janeChat}, byEmail: map[string]string{"jane@example.com": "5"}}, 5, nil},
		"by e-mail, contacts missing":                    {jane, customers{byID: map[string]string{"7": janeNoList}, byEmail: map[string]string{"jane@example.com": "7"}}, 7, nil},
		"list contains another customer": {jane, customers{byID: map[string]string{"4": otherPhone}, byEmail: map[string]string{"jane@example.com": "4"}, byPhone: map[string]string{"+14155550100": "4"},
			create: []answer{{status: 201, body: `{"id":10}`}}}, 10, []string{created}},
		"by phone, address added": {jane, customers{update: 202, byID: map[string]string{"3": phoneOnly}, byPhone: map[string]string{"+14155550100": "3"}}, 3,
			[]string{`PUT 3 {"channels":[{"type":"phone","address":"+14155550100","preferred":true},{"type":"email","address":"jane@example.com","preferred":true}]}`}},
		"by phone, corrected address": {without(func(s *chat.Shopper) { s.Email = "jane.doe@example.com" }), customers{update: 202, byID: map[string]string{"2": janeNamed}, byPhone: map[string]string{"+14155550100": "2"}}, 2,
			[]string{`PUT 2 {"channels":[{"type":"email","address":"jane@example.com","preferred":false},{"type":"phone","address":"+14155550100","preferred":true},{"type":"email","address":"jane.doe@example.com","preferred":true}]}`}},
		"by phone, another person": {without(func(s *chat.Shopper) { s.Name, s.Email = "Ann Poe", "ann@example.com" }), customers{byID: map[string]string{"2": janeNamed}, byPhone: map[string]string{"+14155550100": "2"}, create: []answer{{status: 201, body: `{"id":10}`}}}, 10,
			[]string{annCreated}},
		"by phone, another person without an address": {without(func(s *chat.Shopper) { s.Name, s.Email = "Bob Roe", "" }), customers{byID: map[string]string{"2": janeNamed}, byPhone: map[string]string{"+14155550100": "2"}, create: []answer{{status: 201, body: `{"id":10}`}}}, 10,
			[]string{`POST {"name":"Bob Roe","channels":[{"type":"phone","address":"+14155550100","preferred":true}]}`}},
		"by phone, another address and no name": {without(func(s *chat.Shopper) { s.Name, s.Email = "Ann Poe", "ann@example.com" }), customers{byID: map[string]string{"2": janeBoth}, byPhone: map[string]string{"+14155550100": "2"}, create: []answer{{status: 201, body: `{"id":10}`}}}, 10,
			[]string{annCreated}},
		"by phone of one other person": {without(func(s *chat.Shopper) { s.Name, s.Email = "Ann Poe", "ann@example.com" }), customers{byID: map[string]string{"2": janeNamed}, byPhone: map[string]string{"+14155550100": "2"}, create: []answer{{status: 409}, {status: 201, body: `{"id":10}`}}}, 10,
			[]string{annCreated, `POST {"name":"Ann Poe","email":"ann@example.com","channels":[{"type":"email","address":"ann@example.com","preferred":true}]}`}},
		"by phone, two customers":       {without(func(s *chat.Shopper) { s.Name, s.Email = "Ann Poe", "" }), customers{byID: map[string]string{"2": janeNamed, "8": annPhone}, byPhone: map[string]string{"+14155550100": "2 8"}}, 8, nil},
		"by phone, one with an address": {without(func(s *chat.Shopper) { s.Email = "" }), customers{byID: map[string]string{"3": phoneOnly, "2": janeBoth}, byPhone: map[string]string{"+14155550100": "8 3 2"}}, 2, nil},
		"created":                       {jane, customers{create: []answer{{status: 201, body: `{"id":10}`}}}, 10, []string{created}},
		"created, no address": {without(func(s *chat.Shopper) { s.Email = "jane at home"; s.Name = "" }), customers{create: []answer{{status: 201, body: `{"id":10}`}}}, 10,
			[]string{`POST {"channels":[{"type":"phone","address":"+14155550100","preferred":true}]}`}},
		"created, address refused": {jane, customers{create: []answer{{status: 400, body: `{"error":{"msg":"Failed to create customer","data":{"email":["Not a valid email address."]}}}`}, {status: 201, body: `{"id":10}`}}}, 10,
			[]string{created, `POST {"name":"Jane Doe","channels":[{"type":"phone","address":"+14155550100","preferred":true}]}`}},
		"created concurrently": {jane, customers{byID: map[string]string{"2": janeBoth}, byEmail: mailed, create: []answer{{status: 409, then: func(p *customers) { p.byEmail = map[string]string{"jane@example.com": "2"} }}}}, 2, []string{created}},
		"address is a second one": {jane, customers{byID: map[string]string{"8": `{"id":8,"email":"j@work.com","channels":[{"type":"email","address":"jane@example.com","preferred":false}]}`},
			byEmail: map[string]string{"second:jane@example.com": "8"}, byPhone: phoned, create: []answer{{status: 409}}}, 8, []string{created}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &test.desk
			p.mu = new(sync.Mutex)
			c := fakeHelpdesk(t, p.ServeHTTP)
			got, err := c.EnsureCustomer(t.Context(), test.shopper)
			if err != nil || got.ID != test.want {
				t.Errorf("got %+v, %v, want %v", got, err, test.want)
			}
			if !slices.Equal(p.wrote, test.wrote) {
				t.Errorf("wrote %q, want %q", p.wrote, test.wrote)
			}
		})
	}
}

func TestEnsureCustomerFails(t *testing.T) {
	t.Parallel()
	jane := chat.Shopper{Email: "jane@example.com", Phone: "+14155550100"}
	for name, test := range map[string]struct {
		shopper chat.Shopper
		desk    customers
		want    int
	}{
		"conflict without a match": {jane, customers{create: []answer{{status: 409}}}, 409},
		"no quota":                 {jane, customers{create: []answer{{status: 403}}}, 403},
		"phone can't be added":     {jane, customers{update: 503, byID: map[string]string{"1": janeMail}, byEmail: map[string]string{"jane@example.com": "1"}}, 503},
	} {
		test.desk.mu = new(sync.Mutex)
		c := fakeHelpdesk(t, test.desk.ServeHTTP)
		got, err := c.EnsureCustomer(t.Context(), test.shopper)
		if e := apiError(t, err); e.Status != test.want || got.ID != 0 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	c := fakeHelpdesk(t, func(http.ResponseWriter, *http.Request) { t.Error("unexpected request") })
	_, err := c.EnsureCustomer(t.Context(), chat.Shopper{Phone: "72345"})
	var plain *chat.Error
	if !errors.As(err, &plain) {
		t.Errorf("a short code was accepted: %v", err)
	}
}
