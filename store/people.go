package store

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// maxPeople is how many people of one phone a profile is made of, those whom it was
// last seen with. Some shops give their own phone with every order in their store.
const maxPeople = 20

// people reads those who have the phones, with all that a profile is made of, and which
// of these phones have evidence of a consent.
func (tx tx) people(shop chat.ShopID, phones []string) (found map[chat.Phone][]chat.Person, evidence keySet, err error) {
	found, evidence = map[chat.Phone][]chat.Person{}, keySet{}
	ids, known := keySet{}, keySet{} // known to Recharge
	err = tx.lookUp(shop, phones, func(row sqldb.Scanner) error {
		var l chat.PhoneLink
		var seen, ended, asked int64
		c, err := scanCustomer(row, &l.Phone, &l.Customer, &l.Source, &seen, &ended, &asked)
		if asked > 0 {
			evidence.add(string(l.Phone))
		}
		l.SeenAt, l.EndedAt = timeOf(seen), timeOf(ended)
		found[l.Phone] = append(found[l.Phone], chat.Person{Customer: c, Link: l})
		ids.add(string(c.ID))
		if c.RechargeID != "" {
			known.add(string(c.ID))
		}
		return err
	}, customerColumns+`, `+linkColumns+`, CASE WHEN EXISTS (SELECT 1 FROM consents e WHERE e.shop = $1 AND e.phone = l.phone) THEN 1 ELSE 0 END`, `customer_phones l CROSS JOIN customers c
		WHERE l.shop = $1 AND l.phone = asked.column1 AND l.customer IN (
			SELECT n.customer FROM customer_phones n WHERE n.shop = $1 AND n.phone = asked.column1 AND n.ended_at = 0 ORDER BY n.seen_at DESC, n.customer DESC LIMIT `+strconv.Itoa(maxPeople)+`
		) AND c.id = l.customer AND c.shop = l.shop`)
	if err != nil || len(found) == 0 {
		return found, evidence, err
	}
	details, err := tx.details(shop, ids.list(), known.list())
	for _, list := range found {
		for i := range list {
			details.complete(&list[i])
		}
		slices.SortFunc(list, comparePeople)
	}
	return found, evidence, err
}

// comparePeople puts the person whom the phone was last seen with first. The order does
// not depend on which of two people became known first.
func comparePeople(a, b chat.Person) int {
	return cmp.Or(b.Link.SeenAt.Compare(a.Link.SeenAt), strings.Compare(a.Customer.ShopifyID, b.Customer.ShopifyID),
		strings.Compare(a.Customer.RechargeID, b.Customer.RechargeID), strings.Compare(a.Customer.Email, b.Customer.Email))
}

// A details has what people bought and subscribed to, by customer.
type details struct {
	orders        map[chat.CustomerID]chat.OrderRecord // the newest
	proofs        map[chat.CustomerID]proof
	fulfillments  map[string][]chat.FulfillmentRecord // by order
	subscriptions map[chat.CustomerID][]chat.SubscriptionRecord
	charges       map[chat.CustomerID][]chat.ChargeRecord
}

// details reads what these customers bought, and what those whom Recharge knows have
// there.
func (tx tx) details(shop chat.ShopID, all, recharge []string) (d details, err error) {
	d = details{proofs: map[chat.CustomerID]proof{}, subscriptions: map[chat.CustomerID][]chat.SubscriptionRecord{}, charges: map[chat.CustomerID][]chat.ChargeRecord{}}
	if d.orders, err = tx.newestOrders(shop, all); err != nil {
		return d, err
	}
	var orders, unproved []string
	for _, id := range all {
		o, found := d.orders[chat.CustomerID(id)]
		if found {
			orders = append(orders, o.ID)
		}
		if found && o.Proves() {
			d.proofs[chat.CustomerID(id)] = orderProof(o.Name, o.ID, o.CreatedAt)
		} else if found {
			unproved = append(unproved, id)
		}
	}
	return d, firstError(
		func() error { d.fulfillments, err = tx.fulfillmentsOf(shop, orders); return err },
		func() error { return tx.orderProofs(shop, unproved, d.proofs) },
		func() error { return tx.activeSubscriptions(shop, recharge, d.subscriptions) },
		func() error { return tx.openCharges(shop, recharge, d.charges) },
		func() error { return tx.chargeProofs(shop, recharge, d.proofs) },
	)
}

// complete adds to a person what is known of the customer.
func (d details) complete(p *chat.Person) {
	id := p.Customer.ID
	if o, found := d.orders[id]; found {
		p.Orders, p.Fulfillments = []chat.OrderRecord{o}, d.fulfillments[o.ID]
		completeFrom(&p.Customer, o)
	}
	p.Subscriptions, p.Charges = d.subscriptions[id], d.charges[id]
	p.Proof, p.LastOrderAt = d.proofs[id].text, d.proofs[id].at
}

// newestOrders reads each customer's newest order that is not a test.
func (tx tx) newestOrders(shop chat.ShopID, customers []string) (map[chat.CustomerID]chat.OrderRecord, error) {
	found := map[chat.CustomerID]chat.OrderRecord{}
	return found, tx.lookUp(shop, customers, func(row sqldb.Scanner) error {
		var id chat.CustomerID
		o, err := scanDoc[chat.OrderRecord](row, &id)
		found[id] = o
		return err
	}, `o.doc, o.customer`, `orders o WHERE o.shop = $1 AND o.id = (
		SELECT n.id FROM orders n WHERE n.shop = $1 AND n.customer = asked.column1 AND n.test = 0 ORDER BY n.created_at DESC, n.id DESC LIMIT 1)`)
}

// orderProofs reads the newest order that proves a purchase of each customer.
func (tx tx) orderProofs(shop chat.ShopID, customers []string, proofs map[chat.CustomerID]proof) error {
	return tx.lookUp(shop, customers, func(row sqldb.Scanner) error {
		var id chat.CustomerID
		var name, order string
		var at int64
		err := row.Scan(&id, &name, &order, &at)
		proofs[id] = orderProof(name, order, timeOf(at))
		return err
	}, `o.customer, o.name, o.id, o.created_at`, `orders o WHERE o.shop = $1 AND o.id = (
		SELECT n.id FROM orders n WHERE n.shop = $1 AND n.customer = asked.column1 AND n.proves = 1 ORDER BY n.created_at DESC, n.id DESC LIMIT 1)`)
}

// chargeProofs adds the newest successful charge of each customer, unless an order is
// newer.
func (tx tx) chargeProofs(shop chat.ShopID, customers []string, proofs map[chat.CustomerID]proof) error {
	return tx.lookUp(shop, customers, func(row sqldb.Scanner) error {
		var id chat.CustomerID
		r, err := scanDoc[chat.ChargeRecord](row, &id)
		at := r.ProcessedAt
		if at.IsZero() {
			at = r.UpdatedAt
		}
		if known := proofs[id]; known.text == "" || at.After(known.at) {
			proofs[id] = proof{cmp.Or(known.text, "charge "+r.ID), at}
		}
		return err
	}, `o.doc, o.customer`, `charges o WHERE o.shop = $1 AND o.id = (
		SELECT n.id FROM charges n WHERE n.shop = $1 AND n.customer = asked.column1 AND n.status = 'success' ORDER BY n.scheduled_on DESC, n.id DESC LIMIT 1)`)
}

func (tx tx) activeSubscriptions(shop chat.ShopID, customers []string, found map[chat.CustomerID][]chat.SubscriptionRecord) error {
	err := tx.lookUp(shop, customers, func(row sqldb.Scanner) error {
		var id chat.CustomerID
		r, err := scanDoc[chat.SubscriptionRecord](row, &id)
		found[id] = append(found[id], r)
		return err
	}, `o.doc, o.customer`, `subscriptions o WHERE o.shop = $1 AND o.customer = asked.column1 AND o.status = 'active'`)
	for _, list := range found {
		slices.SortFunc(list, func(a, b chat.SubscriptionRecord) int {
			return cmp.Or(strings.Compare(a.NextCharge, b.NextCharge), strings.Compare(a.ID, b.ID))
		})
	}
	return err
}

// openCharges reads the queued and failed charges of each customer, the earliest first.
func (tx tx) openCharges(shop chat.ShopID, customers []string, found map[chat.CustomerID][]chat.ChargeRecord) error {
	err := tx.lookUp(shop, customers, func(row sqldb.Scanner) error {
		var id chat.CustomerID
		r, err := scanDoc[chat.ChargeRecord](row, &id)
		found[id] = append(found[id], r)
		return err
	}, `o.doc, o.customer`, `charges o WHERE o.shop = $1 AND o.customer = asked.column1 AND o.status IN ('queued', 'error')`)
	for _, list := range found {
		slices.SortFunc(list, func(a, b chat.ChargeRecord) int {
			return cmp.Or(strings.Compare(a.ScheduledOn, b.ScheduledOn), strings.Compare(a.ID, b.ID))
		})
	}
	return err
}

// scanDoc scans a stored record, and the columns after it into more.
func scanDoc[T any](row sqldb.Scanner, more ...any) (record T, err error) {
	var doc string
	if err := row.Scan(append([]any{&doc}, more...)...); err != nil {
		return record, err
	}
	return record, json.Unmarshal([]byte(doc), &record)
}
