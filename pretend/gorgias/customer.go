package gorgias

import (
	"encoding/json"
	"slices"
	"strings"
)

// A Customer is a shopper in the helpdesk.
type Customer struct {
	ID     int64 `json:"id"`
	Active bool  `json:"active"`
	CustomerFields
	Created      Time           `json:"created_datetime"`
	Updated      Time           `json:"updated_datetime"`
	Integrations map[string]any `json:"integrations"` // integration's id → its data for this customer
}

// CustomerFields are the fields that requests may set.
type CustomerFields struct {
	ExternalID *string   `json:"external_id"`
	Email      *string   `json:"email"`
	Name       *string   `json:"name"`
	Firstname  string    `json:"firstname"`
	Lastname   string    `json:"lastname"`
	Language   *string   `json:"language"`
	Timezone   *string   `json:"timezone"`
	Note       *string   `json:"note"`
	Meta       any       `json:"meta"`
	Channels   []Channel `json:"channels"`
}

// A Channel is an address of a customer.
type Channel struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`    // "email", "phone" …
	Address   string `json:"address"` // phone numbers unchanged, e-mail addresses in lower case
	Preferred bool   `json:"preferred"`
	Created   Time   `json:"created_datetime"`
}

func (c *Customer) id() int64 { return c.ID }

var channelTypes = strings.Fields("email phone chat twitter facebook instagram instagram-direct-message whatsapp")

// makeCustomer creates a customer from a JSON object.
func (g *Gorgias) makeCustomer(raw []byte) (*Customer, *failure) {
	if len(g.customers) >= g.account.MaxObjects {
		return nil, forbidden
	}
	c := &Customer{Active: true, Integrations: map[string]any{}, Created: now(), Updated: now()}
	if fail := g.updateCustomer(c, raw); fail != nil {
		return nil, fail
	}
	c.ID = g.nextID()
	g.customers = append(g.customers, c)
	g.Changes.Notify()
	return c, nil
}

// updateCustomer updates a customer from a JSON object. Channels replace the whole list. An
// e-mail address can belong to one customer only.
func (g *Gorgias) updateCustomer(c *Customer, raw []byte) *failure {
	fields, given, fail := patch(c.CustomerFields, raw)
	if fail != nil {
		return fail
	}
	problems := map[string][]string{}
	maxLength(problems, "external_id", fields.ExternalID, 255)
	for i := range fields.Channels {
		channel := &fields.Channels[i]
		oneOf(problems, "channels", channel.Type, channelTypes)
		if channel.Address == "" {
			problems["channels"] = []string{missing}
		}
		if channel.Type == "email" {
			channel.Address = strings.ToLower(channel.Address)
		}
		if channel.ID == 0 {
			channel.ID, channel.Created = g.nextID(), now()
		}
	}
	if len(problems) > 0 {
		return &failure{400, "Failed to save customer", problems}
	}
	if fields.Channels == nil {
		fields.Channels = []Channel{}
	}
	_, withChannels := given["channels"]
	_, withEmail := given["email"]
	g.syncEmail(&fields, withChannels && !withEmail)
	for _, address := range fields.addresses() {
		if other := g.customerByEmail(address); other != nil && other != c {
			return conflict
		}
	}
	if _, ok := given["name"]; ok && (isNull(given["firstname"]) || fields.Firstname == "") {
		fields.Firstname, fields.Lastname, _ = strings.Cut(text(fields.Name), " ")
	}
	c.CustomerFields, c.Updated = fields, now()
	g.Changes.Notify()
	return nil
}

// syncEmail makes the primary address and the channels consistent.
func (g *Gorgias) syncEmail(f *CustomerFields, channelsDecide bool) {
	mails := f.addressesOf("email")
	if f.Email != nil && *f.Email == "" {
		f.Email = nil
	}
	has := f.Email != nil && slices.Contains(mails, strings.ToLower(*f.Email))
	switch {
	case has:
	case f.Email == nil || channelsDecide:
		f.Email = nil
		if len(mails) > 0 {
			f.Email = &mails[0]
		}
	default:
		f.Channels = append(f.Channels, Channel{g.nextID(), "email", strings.ToLower(*f.Email), true, now()})
	}
}

func (f *CustomerFields) addressesOf(kind string) (out []string) {
	for _, channel := range f.Channels {
		if channel.Type == kind {
			out = append(out, channel.Address)
		}
	}
	return out
}

func (f *CustomerFields) addresses() []string { return f.addressesOf("email") }

func (f *CustomerFields) reachedBy(kind, address string) bool {
	if kind == "email" {
		address = strings.ToLower(address)
	}
	return slices.Contains(f.addressesOf(kind), address)
}

func (g *Gorgias) customerByEmail(email string) *Customer {
	for _, c := range g.customers {
		if c.reachedBy("email", email) {
			return c
		}
	}
	return nil
}

// findOrMakeCustomer finds the customer that another object embeds, by id or e-mail,
// creates it if necessary, and overwrites its other fields.
func (g *Gorgias) findOrMakeCustomer(raw json.RawMessage, field string) (*Customer, *failure) {
	var ref struct {
		ID    int64  `json:"id"`
		Email string `json:"email"`
	}
	var given map[string]json.RawMessage
	if json.Unmarshal(raw, &ref) != nil || json.Unmarshal(raw, &given) != nil || given == nil {
		return nil, invalid(field, "Not a valid customer.")
	}
	delete(given, "id")
	var c *Customer
	switch {
	case ref.ID != 0:
		c = find(g.customers, ref.ID)
		if c == nil {
			return nil, invalid(field, "Customer does not exist.")
		}
	case ref.Email != "":
		c = g.customerByEmail(ref.Email)
		if c != nil {
			delete(given, "email")
		}
	}
	rest, _ := json.Marshal(given)
	if c == nil {
		return g.makeCustomer(rest)
	}
	if len(given) == 0 {
		return c, nil
	}
	return c, g.updateCustomer(c, rest)
}
