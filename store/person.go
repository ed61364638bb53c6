package store

import (
	"context"
	"slices"
	"strings"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A person is what a privacy request is about: customers of the directory, and the
// phones whose conversations are theirs.
type person struct {
	customers []knownCustomer
	phones    []chat.Phone
	// shared are phones that belong to other people too, whose conversations stay.
	shared []chat.Phone
}

// A knownCustomer names a customer here and at the vendors.
type knownCustomer struct{ id, shopify, recharge string }

// ownPhones are the sources of phones that are a customer's own, and not those of an
// address.
var ownPhones = []chat.PhoneSource{chat.ShopifyCustomerPhone, chat.OrderPhone, chat.RechargeCustomerPhone, chat.ListPhone}

// findPerson finds the customers with the request's Shopify id, e-mail address or own
// phone, and their phones. listed are phones of shoppers with that e-mail address.
func (tx tx) findPerson(shop chat.ShopID, r chat.PrivacyRequest, listed []chat.Phone) (p person, err error) {
	email, phone := strings.ToLower(strings.TrimSpace(r.Email)), r.Phone.Canonical()
	const customer = `SELECT c.id, c.shopify, c.recharge FROM customers c WHERE c.shop = $1 AND `
	for _, find := range []struct{ where, value string }{
		{`c.shopify = $2 AND c.shopify <> ''`, r.CustomerID},
		{`c.id IN (SELECT a.customer FROM customer_aliases a WHERE a.shop = $1 AND a.vendor = 'shopify' AND a.id = $2)`, r.CustomerID},
		{`c.email = $2 AND c.email <> ''`, email},
		{`c.id IN (SELECT l.customer FROM customer_phones l WHERE l.shop = $1 AND l.phone = $2 AND l.source IN ('` + joinSources("', '") + `'))`, string(phone)},
	} {
		if find.value == "" {
			continue
		}
		err := tx.Rows(func(row sqldb.Scanner) error {
			var k knownCustomer
			err := row.Scan(&k.id, &k.shopify, &k.recharge)
			if !slices.Contains(p.customers, k) {
				p.customers = append(p.customers, k)
			}
			return err
		}, customer+find.where, string(shop), find.value)
		if err != nil {
			return p, err
		}
	}
	certain := slices.Clone(listed)
	if phone != "" {
		certain = append(certain, phone)
	}
	return p, tx.findPhones(shop, certain, &p)
}

func joinSources(separator string) string {
	names := make([]string, len(ownPhones))
	for i, source := range ownPhones {
		names[i] = string(source)
	}
	return strings.Join(names, separator)
}

// findPhones finds the phones of a person's customers. A phone that another customer
// has too belongs to the person only if it is among those that are certain, or if the
// shopper is known by the person's name.
func (tx tx) findPhones(shop chat.ShopID, certain []chat.Phone, p *person) error {
	p.phones = slices.Compact(slices.Sorted(slices.Values(certain)))
	for _, k := range p.customers {
		var linked []chat.Phone
		if err := tx.Rows(func(row sqldb.Scanner) error {
			linked = append(linked, "")
			return row.Scan(&linked[len(linked)-1])
		}, `SELECT phone FROM customer_phones WHERE customer = $1 AND shop = $2 ORDER BY phone`, k.id, string(shop)); err != nil {
			return err
		}
		for _, phone := range linked {
			if slices.Contains(p.phones, phone) || slices.Contains(p.shared, phone) {
				continue
			}
			own, err := tx.isOwn(shop, phone, p.customers)
			switch {
			case err != nil:
				return err
			case own:
				p.phones = append(p.phones, phone)
			default:
				p.shared = append(p.shared, phone)
			}
		}
	}
	return nil
}

// isOwn reports whether no other customer has a phone, or the shopper with it has the
// name of one of these customers.
func (tx tx) isOwn(shop chat.ShopID, phone chat.Phone, of []knownCustomer) (bool, error) {
	isOne := func(id string) bool {
		return slices.ContainsFunc(of, func(k knownCustomer) bool { return k.id == id })
	}
	own, named := true, ""
	err := tx.Rows(func(row sqldb.Scanner) error {
		var id string
		err := row.Scan(&id)
		own = own && isOne(id)
		return err
	}, `SELECT customer FROM customer_phones WHERE shop = $1 AND phone = $2 AND ended_at = 0`, string(shop), string(phone))
	if err == nil && !own {
		err = tx.Row(`SELECT COALESCE(MAX(person), '') FROM shoppers WHERE shop = $1 AND phone = $2`, string(shop), string(phone)).Scan(&named)
	}
	return own || named != "" && isOne(named), err
}

// listedPhones finds the phones of shoppers with an e-mail address. It reads all of a
// shop's shoppers, and so it is not part of a transaction that changes something.
func (s *Store) listedPhones(ctx context.Context, shop chat.ShopID, email string) (found []chat.Phone, err error) {
	if email = strings.ToLower(strings.TrimSpace(email)); email == "" {
		return nil, nil
	}
	err = s.read(ctx, "find a person's phones", func(tx tx) error {
		found = found[:0]
		return tx.Rows(func(row sqldb.Scanner) error {
			found = append(found, "")
			return row.Scan(&found[len(found)-1])
		}, `SELECT phone FROM shoppers WHERE shop = $1 AND LOWER(email) = $2 ORDER BY phone`, string(shop), email)
	})
	return found, err
}

// conversationsOf lists the conversations of a shop with a phone, and locks them.
func (tx tx) conversationsOf(shop chat.ShopID, phone chat.Phone) (found []chat.Conversation, shopper chat.ShopperID, err error) {
	if err := tx.Row(`SELECT COALESCE(MAX(id), '') FROM shoppers WHERE shop = $1 AND phone = $2`, string(shop), string(phone)).Scan(&shopper); err != nil || shopper == "" {
		return nil, shopper, err
	}
	if err := tx.Lock(`SELECT c.id FROM conversations c WHERE c.shopper = $1 AND c.shop = $2`, string(shopper), string(shop)); err != nil {
		return nil, shopper, err
	}
	err = tx.Rows(func(row sqldb.Scanner) error {
		var c chat.Conversation
		err := scanConversation(row, &c)
		found = append(found, c)
		return err
	}, `SELECT `+conversationColumns+` FROM conversations c WHERE c.shopper = $1 AND c.shop = $2 ORDER BY c.id`, string(shopper), string(shop))
	return found, shopper, err
}
