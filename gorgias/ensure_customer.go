package gorgias

import (
	"context"
	"net/http"
	"net/mail"
	"slices"
	"strings"

	"sidetext/chat"
)

// EnsureCustomer returns the shopper's customer in the helpdesk: by the known id, else
// by e-mail, else by phone. If there is none, it creates one. A customer with the
// phone and another name is another person who had the number before or shares it.
// EnsureCustomer adds contacts to a customer and overwrites nothing. It may be
// retried after any error, because it searches first. It usually takes one to four
// requests.
func (c *Client) EnsureCustomer(ctx context.Context, s chat.Shopper) (Customer, error) {
	if id, err := ParseID(s.Customer); err == nil {
		known, err := c.Customer(ctx, id)
		if !errorIs(err, (*Error).Gone) {
			return known, err
		}
		// The customer was deleted: search for the current one.
	}
	// Gorgias stores addresses of contacts in lower case.
	email, phone := strings.ToLower(mailAddress(s.Email)), ""
	if s.Phone.Reachable() {
		phone = string(s.Phone)
	}
	if email == "" && phone == "" {
		return Customer{}, chat.Invalid("A shopper needs an e-mail address or a phone number to become a customer in the helpdesk.")
	}
	found, others, err := c.findCustomer(ctx, s.Name, email, phone)
	if err != nil || found.ID != 0 {
		return found, err
	}
	draft := CustomerDraft{Name: singleLine(s.Name), Email: email}
	if email != "" {
		draft.Contacts = append(draft.Contacts, Contact{Type: "email", Address: email, Preferred: true})
	}
	if phone != "" {
		draft.Contacts = append(draft.Contacts, Contact{Type: "phone", Address: phone, Preferred: true})
	}
	created, err := c.CreateCustomer(ctx, draft)
	if email != "" && phone != "" && errorIs(err, isInvalid) {
		// Create the customer without an e-mail address that Gorgias refuses.
		draft.Email, draft.Contacts = "", draft.Contacts[1:]
		created, err = c.CreateCustomer(ctx, draft)
	}
	if !errorIs(err, isConflict) {
		return created, err
	}
	// The customer was created in the meantime, or has it as a second address.
	found, _, findErr := c.findCustomer(ctx, s.Name, email, phone)
	if findErr == nil && found.ID == 0 && email != "" {
		found, _, findErr = c.findByContact(ctx, "email", email, func(Customer) bool { return true })
	}
	if findErr != nil || found.ID != 0 {
		return found, findErr
	}
	if others && (email != "" || draft.Name != "") {
		// The phone is a contact of another person.
		draft.Contacts = slices.DeleteFunc(draft.Contacts, func(c Contact) bool { return c.Type == "phone" })
		return c.CreateCustomer(ctx, draft)
	}
	return Customer{}, err
}

func isConflict(e *Error) bool { return e.Status == http.StatusConflict }

func isInvalid(e *Error) bool {
	return e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity
}

// findCustomer searches by e-mail, then by phone. It returns the zero Customer if there
// is none. others reports whether the phone is a contact of another person.
func (c *Client) findCustomer(ctx context.Context, name, email, phone string) (found Customer, others bool, err error) {
	if email != "" {
		all, err := c.CustomersByEmail(ctx, email)
		if err != nil {
			return Customer{}, false, err
		}
		for _, one := range all {
			// Check again: another customer's ticket must never get this shopper's texts.
			if strings.EqualFold(one.Email, email) {
				found, err := c.addContact(ctx, one.ID, "phone", phone)
				return found, false, err
			}
		}
	}
	if phone == "" {
		return Customer{}, false, nil
	}
	found, others, err = c.findByContact(ctx, "phone", phone, func(known Customer) bool {
		named := chat.PersonName(known.Name) != "" && chat.PersonName(name) != ""
		switch {
		case named && !chat.SameName(known.Name, name):
			return false
		case email != "" && known.Email != "":
			return named || hasContact(known.Contacts, "email", email)
		}
		return true
	})
	if err == nil && found.ID != 0 && email != "" && !hasContact(found.Contacts, "email", email) {
		found, err = c.addContact(ctx, found.ID, "email", email)
	}
	return found, others, err
}

// findByContact returns a customer that has the contact and matches, preferably one
// with an e-mail address: a person often exists twice, once with a phone only.
// others reports whether a customer with the contact did not match.
func (c *Client) findByContact(ctx context.Context, kind, address string, match func(Customer) bool) (found Customer, others bool, err error) {
	all, err := c.CustomersByContact(ctx, kind, address)
	if err != nil {
		return Customer{}, false, err
	}
	for _, candidate := range all[:min(len(all), 3)] {
		customer, err := c.Customer(ctx, candidate.ID)
		if errorIs(err, (*Error).Gone) {
			continue
		}
		if err != nil {
			return Customer{}, false, err
		}
		switch {
		case !hasContact(customer.Contacts, kind, address):
		case !match(customer):
			others = true
		case found.ID == 0 || found.Email == "" && customer.Email != "":
			found = customer
		}
	}
	return found, others, nil
}

// addContact reads the customer and adds an address to its contacts if that is safe.
// The API can only replace the whole list, so the list is read just before. A list
// with contacts that we cannot write back unchanged, such as a chat or a social
// network's account, is not touched. An agent's change between the two requests
// would be lost. An e-mail address becomes the preferred one.
func (c *Client) addContact(ctx context.Context, id ID, kind, address string) (Customer, error) {
	customer, err := c.Customer(ctx, id)
	if err != nil || address == "" || customer.Contacts == nil || hasContact(customer.Contacts, kind, address) {
		return customer, err
	}
	var contacts []Contact
	preferred := true
	for _, contact := range customer.Contacts {
		if !contact.DeletedAt.IsZero() {
			continue
		}
		if contact.Address == "" || contact.Type != "email" && contact.Type != "phone" {
			return customer, nil
		}
		if kind == "email" && contact.Type == "email" {
			contact.Preferred = false
		}
		preferred = preferred && (contact.Type != "phone" || kind == "email")
		contacts = append(contacts, contact)
	}
	contacts = append(contacts, Contact{Type: kind, Address: address, Preferred: preferred})
	err = c.SetContacts(ctx, customer.ID, contacts)
	switch {
	case err == nil:
		customer.Contacts = contacts
	case !errorIs(err, isRefused):
		return Customer{}, err
	}
	return customer, nil // without the contact, if Gorgias refused it
}

// isRefused reports whether Gorgias refused the request permanently.
func isRefused(e *Error) bool {
	return e.Status/100 == 4 && !e.Temporary() && !e.BadKey()
}

func hasContact(contacts []Contact, kind, address string) bool {
	return slices.ContainsFunc(contacts, func(c Contact) bool {
		return c.Type == kind && strings.EqualFold(c.Address, address) && c.DeletedAt.IsZero()
	})
}

// mailAddress returns the address if it is a valid one, else "".
func mailAddress(email string) string {
	email = strings.TrimSpace(email)
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > 254 {
		return ""
	}
	return email
}
