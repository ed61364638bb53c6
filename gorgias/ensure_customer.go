package gorgias

import (
	"context"
	"net/http"
	"net/mail"
	"slices"
	"strings"

	"sidetext/chat"
)

// EnsureCustomer finds a shopper's customer in the helpdesk: by the id known from before,
// else by e-mail, else by phone; else it makes one. A customer with the phone and
// another name is another person, who had the number before or shares it. Person
// adds contacts to a customer and overwrites nothing. It may be called again after
// any error: it looks before it makes. Most often it takes one to four calls.
func (c *Client) EnsureCustomer(ctx context.Context, s chat.Shopper) (Customer, error) {
	if id, err := ParseID(s.Customer); err == nil {
		known, err := c.Customer(ctx, id)
		if !errorIs(err, (*Error).Gone) {
			return known, err
		}
		// Deleted: the customer who has the address now is the one.
	}
	// Gorgias keeps the addresses of contacts in lower case.
	email, phone := strings.ToLower(mailAddress(s.Email)), ""
	if s.Phone.Reachable() {
		phone = string(s.Phone)
	}
	if email == "" && phone == "" {
		return Customer{}, chat.Invalid("A shopper needs an e-mail address or a phone number to be known to the helpdesk.")
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
		// Better without an address that it does not take than not at all.
		draft.Email, draft.Contacts = "", draft.Contacts[1:]
		created, err = c.CreateCustomer(ctx, draft)
	}
	if !errorIs(err, isConflict) {
		return created, err
	}
	// Made in between, or the address is a second one of a customer.
	again, _, look := c.findCustomer(ctx, s.Name, email, phone)
	if look == nil && again.ID == 0 && email != "" {
		again, _, look = c.findByContact(ctx, "email", email, func(Customer) bool { return true })
	}
	if look != nil || again.ID != 0 {
		return again, look
	}
	if others && (email != "" || draft.Name != "") {
		// The phone is still a contact of another person.
		draft.Contacts = slices.DeleteFunc(draft.Contacts, func(c Contact) bool { return c.Type == "phone" })
		return c.CreateCustomer(ctx, draft)
	}
	return Customer{}, err
}

func isConflict(e *Error) bool { return e.Status == http.StatusConflict }

func isInvalid(e *Error) bool {
	return e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity
}

// findCustomer looks by e-mail, then by phone. A Customer without an id is none; others
// says that the phone is a contact of other people.
func (c *Client) findCustomer(ctx context.Context, name, email, phone string) (found Customer, others bool, err error) {
	if email != "" {
		all, err := c.CustomersByEmail(ctx, email)
		if err != nil {
			return Customer{}, false, err
		}
		for _, one := range all {
			// Another customer's ticket must never get this shopper's words,
			// whatever a list brings.
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

// findByContact finds the customer that has the contact and is the one looked for,
// preferring one that can be answered by mail: a person often is there twice,
// once by phone only. others says that some have the contact and are not.
func (c *Client) findByContact(ctx context.Context, kind, address string, theirs func(Customer) bool) (found Customer, others bool, err error) {
	all, err := c.CustomersByContact(ctx, kind, address)
	if err != nil {
		return Customer{}, false, err
	}
	for _, candidate := range all[:min(len(all), 3)] {
		whole, err := c.Customer(ctx, candidate.ID)
		if errorIs(err, (*Error).Gone) {
			continue
		}
		if err != nil {
			return Customer{}, false, err
		}
		switch {
		case !hasContact(whole.Contacts, kind, address):
		case !theirs(whole):
			others = true
		case found.ID == 0 || found.Email == "" && whole.Email != "":
			found = whole
		}
	}
	return found, others, nil
}

// addContact reads the customer and adds an address to the contacts when that is
// safe. Gorgias only lets the whole list be replaced, so the list is read just
// before; and it is left alone when it holds what we can't write back as it
// was, such as a chat or a social network's account. Between reading and
// writing an agent's own change could still be lost: the one moment in which it
// can be is a request long. An e-mail address becomes the preferred one.
func (c *Client) addContact(ctx context.Context, id ID, kind, address string) (Customer, error) {
	whole, err := c.Customer(ctx, id)
	if err != nil || address == "" || whole.Contacts == nil || hasContact(whole.Contacts, kind, address) {
		return whole, err
	}
	var contacts []Contact
	preferred := true
	for _, contact := range whole.Contacts {
		if !contact.DeletedAt.IsZero() {
			continue
		}
		if contact.Address == "" || contact.Type != "email" && contact.Type != "phone" {
			return whole, nil
		}
		if kind == "email" && contact.Type == "email" {
			contact.Preferred = false
		}
		preferred = preferred && (contact.Type != "phone" || kind == "email")
		contacts = append(contacts, contact)
	}
	contacts = append(contacts, Contact{Type: kind, Address: address, Preferred: preferred})
	err = c.SetContacts(ctx, whole.ID, contacts)
	switch {
	case err == nil:
		whole.Contacts = contacts
	case !errorIs(err, isRefused):
		return Customer{}, err
	}
	return whole, nil // refused: the person is found all the same
}

// isRefused reports whether Gorgias understood and said no for good.
func isRefused(e *Error) bool {
	return e.Status/100 == 4 && !e.Temporary() && !e.BadKey()
}

func hasContact(contacts []Contact, kind, address string) bool {
	return slices.ContainsFunc(contacts, func(c Contact) bool {
		return c.Type == kind && strings.EqualFold(c.Address, address) && c.DeletedAt.IsZero()
	})
}

// mailAddress returns the address if mail can be sent to it, else nothing.
func mailAddress(email string) string {
	email = strings.TrimSpace(email)
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > 254 {
		return ""
	}
	return email
}
