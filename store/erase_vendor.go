package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// eraseBatch is how many objects of a vendor are erased in one transaction, so that no
// text waits long for it.
const eraseBatch = 200

// EraseVendor erases what a shop's directory has from a vendor, and the connection to
// it. A customer whom the other vendor knows too stays without the fields that may
// come from either, and the other vendor's lists are read again. The withdrawals of
// consent that the vendor reported stay: an opt-out never expires. It works in small
// transactions; after an error, calling it again does the rest.
func (s *Store) EraseVendor(ctx context.Context, shop chat.ShopID, v chat.Vendor, now time.Time) error {
	err := s.write(ctx, "erase a vendor's connection", func(tx tx) error { return ignoreNoRows(tx.removeConnection(shop, v)) })
	if err != nil {
		return err
	}
	steps := []func(tx) (int, error){
		func(tx tx) (int, error) {
			return tx.deleteSome(`DELETE FROM events WHERE id IN (SELECT id FROM events WHERE shop = $1 AND vendor = $2 LIMIT $3)`, shop, string(v))
		},
		func(tx tx) (int, error) { return tx.eraseVendorConsents(shop, v, now) },
		func(tx tx) (int, error) { return tx.eraseVendorCustomers(shop, v, now) },
	}
	for _, table := range map[chat.Vendor][]string{chat.Shopify: {"orders"}, chat.Recharge: {"subscriptions", "charges"}}[v] {
		steps = append(steps, func(tx tx) (int, error) { return tx.eraseVendorObjects(shop, table, now) })
	}
	for _, step := range steps {
		for n := eraseBatch; n >= eraseBatch; {
			err := s.write(ctx, "erase a vendor's data", func(tx tx) (err error) {
				if err = tx.Exclusive(directoryLock(shop)); err == nil {
					n, err = step(tx)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return s.write(ctx, "end the erasure of a vendor", func(tx tx) error { return tx.endVendorErasure(shop, v, now) })
}

func (tx tx) deleteSome(statement string, shop chat.ShopID, value string) (int, error) {
	n, err := tx.Exec(statement, string(shop), value, int64(eraseBatch))
	return int(n), err
}

// eraseVendorConsents erases the next consents that a vendor reported, but no withdrawals.
func (tx tx) eraseVendorConsents(shop chat.ShopID, v chat.Vendor, now time.Time) (int, error) {
	of, err := tx.texts(`DELETE FROM consents WHERE id IN (SELECT id FROM consents WHERE shop = $1 AND source = $2 AND state <> 'withdrawn' LIMIT $3) RETURNING phone`,
		string(shop), string(v), int64(eraseBatch))
	if err != nil {
		return 0, err
	}
	phones := make([]chat.Phone, len(of))
	for i, phone := range of {
		phones[i] = chat.Phone(phone)
	}
	_, err = tx.rebuildShoppers(shop, phones, now)
	return len(of), err
}

// eraseVendorCustomers erases the next customers whom a vendor knows.
func (tx tx) eraseVendorCustomers(shop chat.ShopID, v chat.Vendor, now time.Time) (n int, err error) {
	// Both are constants, so they need no escaping.
	own, other := string(chat.Shopify), string(chat.Recharge)
	if v == chat.Recharge {
		own, other = other, own
	}
	var customers []knownCustomer
	if err := tx.Rows(func(row sqldb.Scanner) error {
		var k knownCustomer
		err := row.Scan(&k.id, &k.shopify, &k.recharge)
		customers = append(customers, k)
		return err
	}, `SELECT id, shopify, recharge FROM customers WHERE shop = $1 AND `+own+` <> '' ORDER BY `+own+` LIMIT $2`, string(shop), int64(eraseBatch)); err != nil {
		return 0, err
	}
	for _, k := range customers {
		phones, err := tx.phonesOf(shop, k.id)
		if err != nil {
			return 0, err
		}
		if v == chat.Shopify && k.recharge == "" || v == chat.Recharge && k.shopify == "" {
			_, err = tx.eraseCustomer(shop, k, now)
		} else {
			err = tx.eraseVendorPart(shop, k, v, own, other)
		}
		if err == nil {
			err = tx.rebuildOrDelete(shop, k.id, phones, now)
		}
		if err != nil {
			return 0, err
		}
	}
	return len(customers), nil
}

// eraseVendorPart erases what one of two vendors has said of a customer.
func (tx tx) eraseVendorPart(shop chat.ShopID, k knownCustomer, v chat.Vendor, own, other string) error {
	sources := `'recharge_customer', 'recharge_address'`
	tables := []string{"subscriptions", "charges"}
	if v == chat.Shopify {
		sources, tables = `'shopify_customer', 'order', 'shipping', 'billing'`, []string{"orders"}
		if err := tx.deleteFulfillments(shop, k.id); err != nil {
			return err
		}
	}
	statements := []string{
		`DELETE FROM customer_phones WHERE customer = $1 AND shop = $2 AND source IN (` + sources + `)`,
		`DELETE FROM unreadable_phones WHERE customer = $1 AND shop = $2 AND source IN (` + sources + `)`,
		`DELETE FROM customer_aliases WHERE customer = $1 AND shop = $2 AND vendor = '` + own + `'`,
		`UPDATE customers SET ` + own + ` = '', ` + own + `_at = 0, ` + other + `_at = 0, name = '', email = '', locale = '', time_zone = '', country = '', zip = '' WHERE id = $1 AND shop = $2`,
	}
	for _, table := range tables {
		statements = append(statements, `DELETE FROM `+table+` WHERE customer = $1 AND shop = $2`)
	}
	for _, statement := range statements {
		if err := tx.ExecLater(statement, k.id, string(shop)); err != nil {
			return err
		}
	}
	return nil
}

// eraseVendorObjects erases the next objects of a vendor that are left: those of
// customers whom no vendor knows by id, such as guests.
func (tx tx) eraseVendorObjects(shop chat.ShopID, table string, now time.Time) (n int, err error) {
	customers := map[string]bool{}
	err = tx.Rows(func(row sqldb.Scanner) error {
		var id, customer string
		err := row.Scan(&id, &customer)
		n++
		customers[customer] = true
		return err
	}, `SELECT id, customer FROM `+table+` WHERE shop = $1 ORDER BY id LIMIT $2`, string(shop), int64(eraseBatch))
	if err != nil || n == 0 {
		return 0, err
	}
	if table == "orders" {
		if err := tx.ExecLater(`DELETE FROM fulfillments WHERE shop = $1 AND order_id IN (SELECT id FROM orders WHERE shop = $1 ORDER BY id LIMIT $2)`, string(shop), int64(eraseBatch)); err != nil {
			return 0, err
		}
	}
	if err := tx.ExecLater(`DELETE FROM `+table+` WHERE shop = $1 AND id IN (SELECT o.id FROM `+table+` o WHERE o.shop = $1 ORDER BY o.id LIMIT $2)`, string(shop), int64(eraseBatch)); err != nil {
		return 0, err
	}
	for customer := range customers {
		phones, err := tx.phonesOf(shop, customer)
		if err != nil {
			return 0, err
		}
		var guests int
		if err := tx.Row(`SELECT COUNT(*) FROM customers WHERE id = $1 AND shop = $2 AND shopify = '' AND recharge = ''`, customer, string(shop)).Scan(&guests); err != nil {
			return 0, err
		}
		if guests > 0 {
			if _, err := tx.eraseCustomer(shop, knownCustomer{id: customer}, now); err != nil {
				return 0, err
			}
		}
		if err := tx.rebuildOrDelete(shop, customer, phones, now); err != nil {
			return 0, err
		}
	}
	return n, nil
}

func (tx tx) phonesOf(shop chat.ShopID, customer string) (phones []chat.Phone, err error) {
	found, err := tx.texts(`SELECT phone FROM customer_phones WHERE customer = $1 AND shop = $2 ORDER BY phone`, customer, string(shop))
	for _, phone := range found {
		phones = append(phones, chat.Phone(phone))
	}
	return phones, err
}

// rebuildOrDelete makes what the shoppers with a customer's phones have from the
// directory anew, without the name that was the customer's. A shopper who never texted,
// and of whom only the directory knew, is deleted once no customer has the phone.
func (tx tx) rebuildOrDelete(shop chat.ShopID, customer string, phones []chat.Phone, now time.Time) error {
	for _, phone := range phones {
		if err := tx.ExecLater(`DELETE FROM shoppers WHERE shop = $1 AND phone = $2 AND person <> '' AND list = ''
			AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.shopper = shoppers.id)
			AND NOT EXISTS (SELECT 1 FROM customer_phones l WHERE l.shop = $1 AND l.phone = $2)`, string(shop), string(phone)); err != nil {
			return err
		}
		if err := tx.ExecLater(`UPDATE shoppers SET name = '', email = '', person = '' WHERE shop = $1 AND phone = $2 AND person = $3`, string(shop), string(phone), customer); err != nil {
			return err
		}
	}
	_, err := tx.rebuildShoppers(shop, phones, now)
	return err
}

// endVendorErasure has the other vendor's lists read again, from the beginning, and
// forgets the people in privacy requests.
func (tx tx) endVendorErasure(shop chat.ShopID, v chat.Vendor, now time.Time) error {
	if v == chat.Shopify { // only Shopify makes such requests
		if err := tx.ExecLater(`UPDATE privacy_requests SET person = '', customer = '', email = '', phone = '' WHERE shop = $1`, string(shop)); err != nil {
			return err
		}
	}
	for _, other := range chat.Vendors() {
		if other == v {
			continue
		}
		c := chat.Connection{Shop: shop, Vendor: other}
		err := tx.Row(`SELECT account FROM connections WHERE shop = $1 AND vendor = $2`, string(shop), string(other)).Scan(&c.Account)
		if err := ignoreNoRows(err); err != nil || c.Account == "" {
			return err
		}
		if err := tx.ExecLater(`UPDATE reconciliations SET since = 0, cursor = '', objects = 0, started_at = $3, ended_at = 0, problem = '' WHERE shop = $1 AND vendor = $2`,
			string(shop), string(other), micros(now)); err != nil {
			return err
		}
		if err := tx.addDelivery(chat.NewReconcileDelivery(c, now), now); err != nil {
			return err
		}
	}
	return nil
}
