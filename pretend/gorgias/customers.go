package gorgias

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Customers returns all customers.
func (g *Gorgias) Customers() []Customer {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]Customer, 0, len(g.customers))
	for _, c := range g.customers {
		out = append(out, clone(*g.withIntegrationData(c)))
	}
	return out
}

// Customer returns one customer.
func (g *Gorgias) Customer(id int64) (Customer, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := find(g.customers, id); c != nil {
		return clone(*g.withIntegrationData(c)), true
	}
	return Customer{}, false
}

// AddCustomer creates a customer like POST /api/customers and returns the id, or 0 if
// an address belongs to another customer or a field is invalid.
func (g *Gorgias) AddCustomer(fields CustomerFields) (id int64) {
	g.update(func() {
		raw, _ := json.Marshal(fields)
		if c, fail := g.makeCustomer(raw); fail == nil {
			id = c.ID
		}
	})
	return id
}

// withIntegrationData returns a copy of a customer with the data of integrations.
func (g *Gorgias) withIntegrationData(c *Customer) *Customer {
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

// customerView returns a customer as the API shows it.
func (g *Gorgias) customerView(c *Customer) map[string]any {
	var out map[string]any
	recode(g.withIntegrationData(c), &out)
	for _, name := range []string{"custom_fields", "external_data", "ecommerce_data"} {
		out[name] = map[string]any{}
	}
	out["data"], out["customer"] = nil, nil
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
	email := r.query.Get("email")
	var rows []row
	for _, c := range g.customers {
		if email != "" && !strings.EqualFold(email, text(c.Email)) ||
			kind != "" && !c.reachedBy(kind, address) {
			continue
		}
		rows = append(rows, row{c.ID, byTime(c.Created, c.Updated), func() any {
			out := g.customerView(c)
			delete(out, "channels")
			delete(out, "integrations")
			return out
		}})
	}
	return list(r, "created_datetime:desc", rows)
}

func (g *Gorgias) postCustomer(r *request) (int, any, *failure) {
	c, fail := g.makeCustomer(r.body)
	if fail != nil {
		return 0, nil, fail
	}
	return http.StatusCreated, g.customerView(c), nil
}

func (g *Gorgias) getCustomer(r *request) (int, any, *failure) {
	c := find(g.customers, r.id("id"))
	if c == nil {
		return 0, nil, notFound
	}
	return http.StatusOK, g.customerView(c), nil
}

func (g *Gorgias) putCustomer(r *request) (int, any, *failure) {
	c := find(g.customers, r.id("id"))
	if c == nil {
		return 0, nil, notFound
	}
	if fail := g.updateCustomer(c, r.body); fail != nil {
		return 0, nil, fail
	}
	return http.StatusAccepted, g.customerView(c), nil
}

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
