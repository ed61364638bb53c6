package gorgias

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// Customers returns everybody whom the helpdesk knows.
func (g *Gorgias) Customers() []Customer {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]Customer, 0, len(g.customers))
	for _, c := range g.customers {
		out = append(out, clone(*g.full(c)))
	}
	return out
}

// Customer returns one customer.
func (g *Gorgias) Customer(id int64) (Customer, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := find(g.customers, id); c != nil {
		return clone(*g.full(c)), true
	}
	return Customer{}, false
}

// AddCustomer makes a customer as POST /api/customers does, and returns the id;
// 0 when an address is taken or a field is wrong.
func (g *Gorgias) AddCustomer(fields CustomerFields) (id int64) {
	g.do(func() {
		raw, _ := json.Marshal(fields)
		if c, no := g.makeCustomer(raw); no == nil {
			id = c.ID
		}
	})
	return id
}

// full is a customer with the data that integrations brought.
func (g *Gorgias) full(c *Customer) *Customer {
	out := *c
	out.Integrations = map[string]any{}
	for key, card := range g.cards {
		if key.customer == c.ID {
			data := map[string]any{"__integration_type__": "http"}
			for name, value := range card.data {
				data[name] = value
			}
			out.Integrations[itoa(key.integration)] = data
		}
	}
	return &out
}

// show adds what the API shows and nobody here uses.
func (g *Gorgias) show(c *Customer) map[string]any {
	var out map[string]any
	recode(g.full(c), &out)
	for _, name := range []string{"custom_fields", "external_data", "ecommerce_data"} {
		out[name] = map[string]any{}
	}
	out["customer"] = nil
	for _, channel := range out["channels"].([]any) {
		me := map[string]any{"id": c.ID, "name": c.Name}
		channel := channel.(map[string]any)
		channel["updated_datetime"], channel["deleted_datetime"] = channel["created_datetime"], nil
		channel["customer"], channel["user"] = me, me
	}
	return out
}

func (g *Gorgias) listCustomers(r *request) (int, any, *failure) {
	kind, address := r.query.Get("channel_type"), r.query.Get("channel_address")
	if kind == "" && address != "" {
		return 0, nil, invalid("channel_type", missing)
	}
	if address == "" && kind != "" {
		return 0, nil, invalid("channel_address", missing)
	}
	email, external, name := r.query.Get("email"), r.query.Get("external_id"), r.query.Get("name")
	var rows []row
	for _, c := range g.customers {
		if email != "" && !strings.EqualFold(email, text(c.Email)) ||
			external != "" && external != text(c.ExternalID) ||
			name != "" && name != text(c.Name) ||
			kind != "" && !c.reachedBy(kind, address) {
			continue
		}
		rows = append(rows, row{c.ID, byTime(c.Created, c.Updated), func() any {
			out := g.show(c)
			delete(out, "channels")
			delete(out, "integrations")
			return out
		}})
	}
	return list(r, "created_datetime:desc", rows)
}

func (g *Gorgias) postCustomer(r *request) (int, any, *failure) {
	c, no := g.makeCustomer(r.body)
	if no != nil {
		return 0, nil, no
	}
	return http.StatusCreated, g.show(c), nil
}

func (g *Gorgias) getCustomer(r *request) (int, any, *failure) {
	c := find(g.customers, r.id("id"))
	if c == nil {
		return 0, nil, gone
	}
	return http.StatusOK, g.show(c), nil
}

func (g *Gorgias) putCustomer(r *request) (int, any, *failure) {
	c := find(g.customers, r.id("id"))
	if c == nil {
		return 0, nil, gone
	}
	if no := g.write(c, r.body); no != nil {
		return 0, nil, no
	}
	return http.StatusAccepted, g.show(c), nil
}

// putCustomerData overwrites the one free-form blob of a customer.
func (g *Gorgias) putCustomerData(r *request) (int, any, *failure) {
	c := find(g.customers, r.id("id"))
	if c == nil {
		return 0, nil, gone
	}
	var in struct {
		Data any `json:"data"`
	}
	if json.Unmarshal(r.body, &in) != nil {
		return 0, nil, invalid("data", "Not a valid value.")
	}
	c.Data = in.Data
	g.Bell.Ring()
	return http.StatusAccepted, nil, nil
}

// search answers POST /api/search for customers, agents and tags.
func (g *Gorgias) search(r *request) (int, any, *failure) {
	var in struct {
		Type  string `json:"type"`
		Query string `json:"query"`
		Size  int    `json:"size"`
	}
	if json.Unmarshal(r.body, &in) != nil || in.Type == "" {
		return 0, nil, invalid("type", missing)
	}
	if in.Size <= 0 {
		in.Size = 10
	}
	found := []any{}
	switch in.Type {
	case "customer", "customer_profile", "customer_channel", "customer_channel_email", "customer_channel_phone", "customers_by_phone":
		for _, c := range g.customers {
			if resembles(c, in.Type, in.Query) {
				found = append(found, g.show(c))
			}
		}
	case "agent":
		for _, user := range g.users {
			if contains(user.Name, in.Query) || contains(user.Email, in.Query) {
				found = append(found, user)
			}
		}
	case "tag":
		for _, tag := range g.tags {
			if contains(tag.Name, in.Query) {
				found = append(found, tag)
			}
		}
	case "team", "integration":
	default:
		return 0, nil, invalid("type", notOneOf)
	}
	return http.StatusOK, map[string]any{"data": found[:min(len(found), in.Size, 50)]}, nil
}

// resembles compares a name or an address by its parts, a phone by its digits.
func resembles(c *Customer, kind, query string) bool {
	phone := func(address string) bool {
		return digits(query) != "" && strings.Contains(digits(address), digits(query))
	}
	byPhone := slices.ContainsFunc(c.addressesOf("phone"), phone)
	byEmail := slices.ContainsFunc(c.addresses(), func(address string) bool { return contains(address, query) })
	switch kind {
	case "customers_by_phone", "customer_channel_phone":
		return byPhone
	case "customer_channel_email":
		return byEmail
	}
	return byPhone || byEmail || contains(text(c.Name), query)
}

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
