package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// ErasePerson erases what is stored of the person whom a request names by Shopify id,
// e-mail address or phone: customers with their orders, subscriptions and charges, and
// names, e-mail addresses, phones, texts, files and consents of their conversations.
// The conversations stay, without content, and get a new revision. An opt-out stays as
// a keyed hash: a new conversation with the phone starts opted out. Texts that wait to
// be sent are dropped. The helpdesk's tickets are not changed, as the request's result
// says. Calling it again erases what has come since.
func (s *Store) ErasePerson(ctx context.Context, shop chat.ShopID, r chat.PrivacyRequest, now time.Time) error {
	listed, err := s.listedPhones(ctx, shop, r.Email)
	if err != nil {
		return err
	}
	events, err := s.eventsNaming(ctx, shop, r)
	if err != nil {
		return err
	}
	return s.write(ctx, "erase a person", func(tx tx) error {
		if err := tx.Exclusive(directoryLock(shop)); err != nil {
			return err
		}
		p, err := tx.findPerson(shop, r, listed)
		if err != nil {
			return err
		}
		conversations := 0
		for _, phone := range p.phones {
			n, err := tx.erasePhone(shop, phone, now)
			if err != nil {
				return err
			}
			conversations += n
		}
		if err := tx.saveErasure(shop, r.CustomerID, now); err != nil {
			return err
		}
		for _, k := range p.customers {
			gone, err := tx.eraseCustomer(shop, k, now)
			if err != nil {
				return err
			}
			// What the vendors have sent before and is applied later does not bring them
			// back.
			for _, g := range gone {
				if err := tx.saveDeletion(shop, keyOf(g.vendor, g.kind, g.id), deletion{micros(now), true}); err != nil {
					return err
				}
			}
		}
		if _, err := tx.rebuildShoppers(shop, p.shared, now); err != nil {
			return err
		}
		for _, id := range events {
			if err := tx.ExecLater(`UPDATE events SET state = 'applied', body = '', problem = '' WHERE id = $1 AND shop = $2`, id, string(shop)); err != nil {
				return err
			}
		}
		return tx.eraseRequest(shop, r, erasureResult(len(p.customers), conversations), now)
	})
}

// saveErasure remembers that a Shopify customer was erased, whom the directory may not
// know yet. A request that comes again changes nothing.
func (tx tx) saveErasure(shop chat.ShopID, customer string, now time.Time) error {
	key, known := keyOf(chat.Shopify, chat.CustomerKind, customer), 0
	err := tx.Row(`SELECT COUNT(*) FROM deletions WHERE shop = $1 AND kind = $2 AND id = $3 AND erased = 1`, string(shop), key.kind, key.id).Scan(&known)
	if err != nil || known > 0 || customer == "" {
		return err
	}
	return tx.saveDeletion(shop, key, deletion{micros(now), true})
}

// erasureResult says what was erased, for the merchant.
func erasureResult(customers, conversations int) string {
	if customers+conversations == 0 {
		return "Nothing was stored about this person. If there are tickets in your helpdesk, please delete the person there."
	}
	return fmt.Sprintf("Erased: %s and %s, with name, e-mail address, phone, orders, subscriptions, consents, texts and pictures. An opt-out is kept as a code from which the phone can't be read. Tickets in your helpdesk were not changed: please delete the person there.",
		counted(customers, "customer"), counted(conversations, "conversation"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// eraseRequest removes the person from this and other requests about them, and ends
// the ones that asked for this.
func (tx tx) eraseRequest(shop chat.ShopID, r chat.PrivacyRequest, result string, now time.Time) error {
	return tx.ExecLater(`
		UPDATE privacy_requests SET person = '', customer = '', email = '', phone = '',
			result = CASE WHEN kind = $7 AND result = '' THEN $6 ELSE result END,
			done_at = CASE WHEN kind = $7 AND done_at = 0 THEN $8 ELSE done_at END
		WHERE shop = $1 AND (id = $2 OR customer = $3 AND customer <> '' OR LOWER(email) = $4 AND email <> '' OR phone = $5 AND phone <> '')`,
		string(shop), r.ID, r.CustomerID, strings.ToLower(strings.TrimSpace(r.Email)), string(r.Phone), result, string(chat.PrivacyErase), micros(now))
}

// eraseCustomer deletes a customer with all that belongs to them, and returns what the
// vendors know of it.
func (tx tx) eraseCustomer(shop chat.ShopID, k knownCustomer, now time.Time) (gone []goneObject, err error) {
	if k.shopify != "" {
		gone = append(gone, goneObject{chat.Shopify, chat.CustomerKind, k.shopify})
	}
	if k.recharge != "" {
		gone = append(gone, goneObject{chat.Recharge, chat.CustomerKind, k.recharge})
		refresh := chat.NewRefreshDelivery(chat.Connection{Shop: shop, Vendor: chat.Recharge}, k.recharge, now).ID
		if err := tx.ExecLater(`DELETE FROM deliveries WHERE id = $1 AND shop = $2`, string(refresh), string(shop)); err != nil {
			return nil, err
		}
	}
	if err := tx.deleteFulfillments(shop, k.id); err != nil {
		return nil, err
	}
	if err := tx.Rows(func(row sqldb.Scanner) error {
		alias := goneObject{kind: chat.CustomerKind}
		err := row.Scan(&alias.vendor, &alias.id)
		gone = append(gone, alias)
		return err
	}, `DELETE FROM customer_aliases WHERE customer = $1 AND shop = $2 RETURNING vendor, id`, k.id, string(shop)); err != nil {
		return nil, err
	}
	for _, of := range []struct {
		table  string
		vendor chat.Vendor
		kind   chat.RecordKind
	}{
		{"orders", chat.Shopify, chat.OrderKind}, {"subscriptions", chat.Recharge, chat.SubscriptionKind}, {"charges", chat.Recharge, chat.ChargeKind},
	} {
		ids, err := tx.texts(`DELETE FROM `+of.table+` WHERE customer = $1 AND shop = $2 RETURNING id`, k.id, string(shop))
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			gone = append(gone, goneObject{of.vendor, of.kind, id})
		}
	}
	for _, statement := range []string{
		`DELETE FROM customer_phones WHERE customer = $1 AND shop = $2`,
		`DELETE FROM unreadable_phones WHERE customer = $1 AND shop = $2`,
		`DELETE FROM customers WHERE id = $1 AND shop = $2`,
	} {
		if err := tx.ExecLater(statement, k.id, string(shop)); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// deleteFulfillments deletes the shipments of a customer's orders.
func (tx tx) deleteFulfillments(shop chat.ShopID, customer string) error {
	return tx.ExecLater(`DELETE FROM fulfillments WHERE shop = $1 AND order_id IN (SELECT o.id FROM orders o WHERE o.customer = $2 AND o.shop = $1)`, string(shop), customer)
}

// A goneObject is an object of a vendor's that was erased here.
type goneObject struct {
	vendor chat.Vendor
	kind   chat.RecordKind
	id     string
}
