package shopify

import (
	"errors"
	"slices"
	"time"
)

// errNotFound is returned by acts on objects that the store does not have.
var errNotFound = errors.New("shopify: not found")

// AddCustomer adds a customer and returns the id.
func (s *Shopify) AddCustomer(c Customer) (id int64) {
	s.update(func() {
		added := s.addCustomer(c)
		id = added.ID
		s.fire("CUSTOMERS_CREATE", s.customerPayload(added))
	})
	return id
}

// Customer returns a customer.
func (s *Shopify) Customer(id int64) (Customer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := find(s.customers, id); c != nil {
		return *c, true
	}
	return Customer{}, false
}

// UpdateCustomer changes a customer. change must not keep its argument.
func (s *Shopify) UpdateCustomer(id int64, change func(*Customer)) error {
	return s.onCustomer(id, func(c *Customer) {
		change(c)
		c.UpdatedAt = now()
		s.fire("CUSTOMERS_UPDATE", s.customerPayload(c))
	})
}

func (s *Shopify) onCustomer(id int64, work func(*Customer)) (err error) {
	s.update(func() {
		if c := find(s.customers, id); c != nil {
			work(c)
			return
		}
		err = errNotFound
	})
	return err
}

// DeleteCustomer deletes a customer without orders.
func (s *Shopify) DeleteCustomer(id int64) error {
	return s.onCustomer(id, func(*Customer) {
		s.removeCustomer(id)
		s.fire("CUSTOMERS_DELETE", map[string]any{"id": id, "admin_graphql_api_id": gid("Customer", id)})
	})
}

func (s *Shopify) removeCustomer(id int64) {
	s.customers = slices.DeleteFunc(s.customers, func(c *Customer) bool { return c.ID == id })
}

// MergeCustomers merges a customer into another one, who takes over the orders, and the
// phone and e-mail address if there were none.
func (s *Shopify) MergeCustomers(kept, gone int64) (err error) {
	s.update(func() {
		to, from := find(s.customers, kept), find(s.customers, gone)
		if to == nil || from == nil || kept == gone {
			err = errNotFound
			return
		}
		for _, o := range s.byCustomer[gone] {
			o.CustomerID = kept
		}
		s.byCustomer[kept] = append(s.byCustomer[kept], s.byCustomer[gone]...)
		delete(s.byCustomer, gone)
		if to.Phone == "" {
			to.Phone, to.Consent = from.Phone, from.Consent
		}
		if to.Email == "" {
			to.Email = from.Email
		}
		to.Addresses, to.UpdatedAt = append(to.Addresses, from.Addresses...), now()
		s.removeCustomer(gone)
		s.fireMerge(kept, gone, "completed")
	})
	return err
}

// FailMerge reports a merge that has failed. It changes nothing.
func (s *Shopify) FailMerge(kept, gone int64) {
	s.update(func() { s.fireMerge(kept, gone, "failed") })
}

func (s *Shopify) fireMerge(kept, gone int64, status string) {
	s.fire("CUSTOMERS_MERGE", map[string]any{
		"admin_graphql_api_customer_kept_id": gid("Customer", kept), "admin_graphql_api_customer_deleted_id": gid("Customer", gone),
		"status": status, "errors": []any{},
	})
}

// SetConsent sets a customer's consent, as the customer does in the store.
func (s *Shopify) SetConsent(customer int64, consent Consent) error {
	return s.onCustomer(customer, func(c *Customer) {
		if consent.At.IsZero() {
			consent.At = now()
		}
		s.setConsent(c, consent)
	})
}

func (s *Shopify) setConsent(c *Customer, consent Consent) {
	c.Consent, c.UpdatedAt = consent, now()
	s.fire("CUSTOMERS_MARKETING_CONSENT_UPDATE", s.consentPayload(c))
}

// RemoveScope takes a scope away from the app.
func (s *Shopify) RemoveScope(scope string) {
	s.changeScopes(func(all []string) []string {
		return slices.DeleteFunc(all, func(one string) bool { return one == scope })
	})
}

// AddScope gives a scope to the app.
func (s *Shopify) AddScope(scope string) {
	s.changeScopes(func(all []string) []string { return append(all, scope) })
}

func (s *Shopify) changeScopes(change func([]string) []string) {
	s.update(func() {
		before := s.scopes
		s.scopes = change(slices.Clone(before))
		s.fire("APP_SCOPES_UPDATE", map[string]any{"id": 1, "previous": before, "current": s.scopes, "updated_at": s.local(now())})
	})
}

// Uninstall removes the app from the store: tokens and subscriptions end.
func (s *Shopify) Uninstall() {
	s.update(func() {
		s.fire("APP_UNINSTALLED", map[string]any{"id": 1, "name": s.account.Name, "domain": s.account.Store, "myshopify_domain": s.account.Store})
		clear(s.tokens)
		s.subscriptions, s.refusesShop = nil, true
	})
}

// RequestData sends customers/data_request.
func (s *Shopify) RequestData(customer int64) { s.comply("customers/data_request", customer) }

// RedactCustomer sends customers/redact. The customer may have been deleted before.
func (s *Shopify) RedactCustomer(customer int64) { s.comply("customers/redact", customer) }

// RedactShop sends shop/redact.
func (s *Shopify) RedactShop() { s.comply("shop/redact", 0) }

// SetComplianceURL sets where the app's settings send the compliance topics.
func (s *Shopify) SetComplianceURL(address string) {
	s.update(func() { s.account.ComplianceURL = address })
}

// comply sends a compliance topic to the address in the app's settings
// (shopify.dev/docs/apps/build/compliance/privacy-law-compliance).
func (s *Shopify) comply(topic string, customer int64) {
	s.update(func() {
		if s.account.ComplianceURL == "" {
			return
		}
		payload := map[string]any{"shop_id": 1, "shop_domain": s.account.Store}
		if customer != 0 {
			who := map[string]any{"id": customer, "email": nil, "phone": nil}
			if c := find(s.customers, customer); c != nil {
				who["email"], who["phone"] = orNull(c.Email), orNull(c.Phone)
			}
			ids := []int64{}
			for _, o := range s.byCustomer[customer] {
				ids = append(ids, o.ID)
			}
			payload["customer"] = who
			if topic == "customers/redact" {
				payload["orders_to_redact"] = ids
			} else {
				payload["orders_requested"], payload["data_request"] = ids, map[string]any{"id": s.nextID()}
			}
		}
		s.pending = append(s.pending, s.webhook(topic, s.account.ComplianceURL, newID(), time.Now(), payload))
	})
}
