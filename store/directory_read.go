package store

import (
	"context"
	"encoding/json"
	"fmt"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// Profile returns what the directory knows of the person behind a phone, or
// chat.ErrNotFound. Without a time zone of the address, TimeZone is empty.
func (s *Store) Profile(ctx context.Context, shop chat.ShopID, phone chat.Phone) (p chat.Profile, err error) {
	err = s.read(ctx, "read a profile", func(tx tx) error {
		var doc string
		if err := tx.Row(`SELECT directory FROM shoppers WHERE shop = $1 AND phone = $2`, string(shop), string(phone.Canonical())).Scan(&doc); err != nil {
			return err
		}
		if doc == "" {
			return chat.ErrNotFound
		}
		p = chat.Profile{}
		if err := json.Unmarshal([]byte(doc), &p); err != nil {
			return fmt.Errorf("parse a profile: %w", err)
		}
		return nil
	})
	return p, err
}

// People lists the customers who have a phone, the one it was last seen with first.
func (s *Store) People(ctx context.Context, shop chat.ShopID, phone chat.Phone) (found []chat.Customer, err error) {
	err = s.read(ctx, "list the people of a phone", func(tx tx) error {
		people, _, err := tx.people(shop, []string{string(phone.Canonical())})
		found = nil
		for _, p := range people[phone.Canonical()] {
			found = append(found, p.Customer)
		}
		return err
	})
	return found, err
}

// ShopifyCustomers lists Shopify's ids of the customers whose own phone it is, as
// Shopify has it.
func (s *Store) ShopifyCustomers(ctx context.Context, shop chat.ShopID, phone chat.Phone) (ids []string, err error) {
	err = s.read(ctx, "list the Shopify customers of a phone", func(tx tx) error {
		ids = nil
		return tx.Rows(func(row sqldb.Scanner) error {
			ids = append(ids, "")
			return row.Scan(&ids[len(ids)-1])
		}, `SELECT c.shopify FROM customer_phones l JOIN customers c ON c.id = l.customer AND c.shop = l.shop
			WHERE l.shop = $1 AND l.phone = $2 AND l.ended_at = 0 AND l.source = $3 AND c.shopify <> '' ORDER BY c.shopify`,
			string(shop), string(phone.Canonical()), string(chat.ShopifyCustomerPhone))
	})
	return ids, err
}

// A DirectoryCounts counts what a shop's directory has.
type DirectoryCounts struct {
	Customers     int64
	WithPhone     int64 // of the customers: those with a phone that could be parsed
	Purchased     int64 // phones of shoppers who have purchased, as the directory or a list says
	Subscriptions int64 // active ones
	Orders        int64
	Unreadable    int64 // phones that could not be parsed
}

// DirectoryCounts counts what a shop's directory has.
func (s *Store) DirectoryCounts(ctx context.Context, shop chat.ShopID) (n DirectoryCounts, err error) {
	err = s.read(ctx, "count the directory", func(tx tx) error {
		return tx.Row(`SELECT (SELECT COUNT(*) FROM customers WHERE shop = $1),
			(SELECT COUNT(DISTINCT customer) FROM customer_phones WHERE shop = $1 AND ended_at = 0),
			(SELECT COUNT(*) FROM shoppers WHERE shop = $1 AND (purchased = 1 OR proof <> '')),
			(SELECT COUNT(*) FROM subscriptions WHERE shop = $1 AND status = 'active'),
			(SELECT COUNT(*) FROM orders WHERE shop = $1),
			(SELECT COUNT(*) FROM unreadable_phones WHERE shop = $1)`, string(shop)).
			Scan(&n.Customers, &n.WithPhone, &n.Purchased, &n.Subscriptions, &n.Orders, &n.Unreadable)
	})
	return n, err
}
