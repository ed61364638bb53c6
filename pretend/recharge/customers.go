package recharge

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

func (r *Recharge) listCustomers(in *request) (int, any, *failure) {
	return page(r, in, list[*Customer]{"customers", r.customers, "created_at updated_at", nil, r.showCustomer})
}

func (r *Recharge) getCustomer(in *request) (int, any, *failure) {
	return one(r, in, "customer", r.customers, r.showCustomer)
}

// putCustomer handles PUT /customers/{id}. A change rebuilds the charges of all addresses.
func (r *Recharge) putCustomer(in *request) (int, any, *failure) {
	c := find(r.customers, in.pathID())
	if c == nil {
		return 0, nil, notFound
	}
	var body struct {
		Email     *Text     `json:"email"`
		FirstName *Text     `json:"first_name"`
		LastName  *Text     `json:"last_name"`
		Phone     *Text     `json:"phone"`
		External  *External `json:"external_customer_id"`
	}
	if fail := in.decode(&body); fail != nil {
		return 0, nil, fail
	}
	for _, a := range r.addressesOf(c.ID) {
		if fail := r.writable(a.ID); fail != nil {
			return 0, nil, fail
		}
	}
	taken := func(other *Customer) bool {
		return other != c && body.Email != nil && strings.EqualFold(string(other.Email), string(*body.Email))
	}
	switch {
	case slices.ContainsFunc(r.customers, taken):
		return 0, nil, invalid("email", "email already exists on store")
	case body.FirstName != nil && *body.FirstName == "":
		return 0, nil, invalid("first_name", []string{"Shorter than minimum length 1."})
	}
	set(&c.Email, body.Email)
	set(&c.FirstName, body.FirstName)
	set(&c.LastName, body.LastName)
	set(&c.Phone, body.Phone)
	set(&c.External, body.External)
	r.touchCustomer(c, in.flag("commit"))
	return http.StatusOK, map[string]any{"customer": r.showCustomer(c)}, nil
}

// set assigns a value that the client has sent.
func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

func (r *Recharge) touchCustomer(c *Customer, commit bool) {
	c.UpdatedAt.Time = now()
	r.fire("customer/updated", "customer", r.showCustomer(c), c.ID)
	for _, a := range r.addressesOf(c.ID) {
		r.changed(a.ID, commit)
	}
}

func (r *Recharge) listMethods(in *request) (int, any, *failure) {
	return page(r, in, list[*PaymentMethod]{"payment_methods", r.methods, "", nil, r.showMethod})
}

// notify handles POST /customers/{id}/notifications.
func (r *Recharge) notify(in *request) (int, any, *failure) {
	var body struct {
		Type     string         `json:"type"`
		Template string         `json:"template_type"`
		Vars     map[string]any `json:"template_vars"`
	}
	c := find(r.customers, in.pathID())
	if c == nil {
		return 0, nil, notFound
	}
	if fail := in.decode(&body); fail != nil {
		return 0, nil, fail
	}
	known := []string{"shopify_update_payment_information", "get_account_access", "upcoming_charge", "shopify_migrate_payment_information"}
	switch {
	case body.Type != "email":
		return 0, nil, invalid("type", []string{"Must be one of: email."})
	case !slices.Contains(known, body.Template):
		return 0, nil, invalid("template_type", []string{"Must be one of: " + strings.Join(known, ", ") + "."})
	}
	r.notices = append(r.notices, Notice{c.ID, body.Template, body.Vars, time.Now()})
	return http.StatusOK, map[string]any{}, nil
}

// Notices returns the e-mails that Recharge was asked to send, oldest first.
func (r *Recharge) Notices() []Notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.notices)
}

func (r *Recharge) listAddresses(in *request) (int, any, *failure) {
	return page(r, in, list[*Address]{"addresses", r.addresses, "created_at updated_at", nil, r.showAddress})
}

func (r *Recharge) getAddress(in *request) (int, any, *failure) {
	return one(r, in, "address", r.addresses, r.showAddress)
}

// postAddress handles POST /addresses.
func (r *Recharge) postAddress(in *request) (int, any, *failure) {
	var fields map[string]json.RawMessage
	var a Address
	if fail := in.decode(&fields); fail != nil {
		return 0, nil, fail
	}
	for _, name := range strings.Fields("customer_id address1 city province country_code first_name last_name phone") {
		if raw := string(fields[name]); raw == "" || raw == "null" || raw == `""` && name != "phone" {
			return 0, nil, required(name)
		}
	}
	delete(fields, "discounts")
	if err := json.Unmarshal(encode(fields), &a); err != nil {
		return 0, nil, invalid("_schema", []string{"Invalid input type."})
	}
	c := find(r.customers, a.CustomerID)
	if c == nil {
		return 0, nil, invalid("customer_id", []string{"Customer does not exist."})
	}
	a.ID = 0
	added := r.addAddress(a)
	r.fire("address/created", "address", r.showAddress(added), c.ID)
	return http.StatusCreated, map[string]any{"address": r.showAddress(added)}, nil
}

// putAddress handles PUT /addresses/{id}. Discounts are written by code and read by id.
func (r *Recharge) putAddress(in *request) (int, any, *failure) {
	a := find(r.addresses, in.pathID())
	if a == nil {
		return 0, nil, notFound
	}
	if fail := r.writable(a.ID); fail != nil {
		return 0, nil, fail
	}
	var fields map[string]json.RawMessage
	if fail := in.decode(&fields); fail != nil {
		return 0, nil, fail
	}
	for _, name := range strings.Fields("address1 city province country_code first_name last_name phone") {
		if raw := string(fields[name]); raw == "null" || raw == `""` && name != "phone" {
			return 0, nil, invalid(name, []string{"Field may not be null."})
		}
	}
	next := *a
	if raw, ok := fields["discounts"]; ok {
		var codes []struct{ Code string }
		if json.Unmarshal(raw, &codes) != nil || len(codes) > 1 {
			return 0, nil, invalid("discounts", []string{"An address has one discount at most."})
		}
		next.Discounts = []Ref{}
		for _, d := range codes {
			i := slices.IndexFunc(r.account.Discounts, func(known Discount) bool { return known.Code == d.Code })
			if i < 0 {
				return 0, nil, invalid("discounts", map[string][]string{"code": {"Discount does not exist."}})
			}
			next.Discounts = append(next.Discounts, Ref{r.account.Discounts[i].ID})
		}
	}
	for _, name := range []string{"discounts", "id", "customer_id", "created_at", "updated_at"} {
		delete(fields, name)
	}
	if err := json.Unmarshal(encode(fields), &next); err != nil {
		return 0, nil, invalid("_schema", []string{"Invalid input type."})
	}
	*a = next
	a.UpdatedAt.Time = now()
	r.fire("address/updated", "address", r.showAddress(a), a.CustomerID)
	r.changed(a.ID, in.flag("commit"))
	return http.StatusOK, map[string]any{"address": r.showAddress(a)}, nil
}
