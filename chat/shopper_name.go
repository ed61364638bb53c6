package chat

import "strings"

// A NameOrigin says where a shopper's name and address are from.
type NameOrigin int

const (
	NameFromOthers   NameOrigin = iota // a list, or a customer who has the phone, too
	NameFromCustomer                   // the customer whose name is to be used
	NameFromFormer                     // a customer who does not have the phone any more
)

// Named returns the shopper with the name and the e-mail address of the directory's
// customer, and whether the phone has a new owner: it is another person's now. What is
// empty never replaces something of the same person, and name and address of two
// people are never mixed. A shopper with another address has another customer in the
// helpdesk, perhaps.
func (p Shopper) Named(c Customer, from NameOrigin) (fresh Shopper, newOwner bool) {
	if c.Name == "" && c.Email == "" {
		return p, false
	}
	fresh = p
	if from == NameFromCustomer || SamePerson(p, Shopper{Name: c.Name, Email: c.Email}) {
		if c.Name != "" {
			fresh.Name = c.Name
		}
		if c.Email != "" {
			fresh.Email = c.Email
		}
	} else {
		fresh.Name, fresh.Email = c.Name, c.Email
		newOwner = from == NameFromFormer
	}
	if newOwner || !strings.EqualFold(fresh.Email, p.Email) {
		fresh.Customer = ""
	}
	return fresh, newOwner
}
