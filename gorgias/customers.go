package gorgias

import (
	"context"
	"net/http"
	"net/url"
)

// A Customer is a person who contacts the shop.
type Customer struct {
	ID       ID        `json:"id"`
	Email    string    `json:"email"` // the primary one, or empty
	Name     string    `json:"name"`
	Contacts []Contact `json:"channels"` // nil in lists; only a single customer has them
}

// A Contact is an address of a customer. Gorgias calls it a channel.
type Contact struct {
	Type      string `json:"type"` // "email", "phone", …; SMS numbers are phones
	Address   string `json:"address"`
	Preferred bool   `json:"preferred"`
	DeletedAt Time   `json:"deleted_datetime,omitzero"`
}

// A CustomerDraft is a customer to create.
type CustomerDraft struct {
	Name     string    `json:"name,omitempty"`
	Email    string    `json:"email,omitempty"`
	Contacts []Contact `json:"channels,omitempty"`
}

// Customer reads one customer with all contacts.
func (c *Client) Customer(ctx context.Context, id ID) (Customer, error) {
	return readObject[Customer](ctx, c, request{"read customer", http.MethodGet, "/customers/" + id.String(), nil, nil})
}

// CustomersByEmail lists the customers with this primary address: one or none.
func (c *Client) CustomersByEmail(ctx context.Context, email string) ([]Customer, error) {
	return readList[Customer](ctx, c, "find customer by e-mail", "/customers", url.Values{"email": {email}}, 1)
}

// CustomersByContact lists the customers with a contact of this type and address.
// Gorgias compares addresses literally.
func (c *Client) CustomersByContact(ctx context.Context, kind, address string) ([]Customer, error) {
	return readList[Customer](ctx, c, "find customer by "+kind, "/customers",
		url.Values{"channel_type": {kind}, "channel_address": {address}}, 1)
}

// CreateCustomer creates a customer. If another customer has the e-mail address,
// it returns an *Error with status 409.
func (c *Client) CreateCustomer(ctx context.Context, draft CustomerDraft) (Customer, error) {
	return readObject[Customer](ctx, c, request{"create customer", http.MethodPost, "/customers", nil, draft})
}

// SetContacts replaces all contacts of a customer. To add one, send the existing
// ones, too.
func (c *Client) SetContacts(ctx context.Context, id ID, contacts []Contact) error {
	body := map[string]any{"channels": contacts}
	return c.do(ctx, request{"set contacts", http.MethodPut, "/customers/" + id.String(), nil, body})
}
