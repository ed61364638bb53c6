package store

import (
	"maps"
	"slices"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A keySet collects keys to look up. It leaves out empty ones.
type keySet map[string]bool

func (k keySet) add(keys ...string) {
	for _, key := range keys {
		if key != "" {
			k[key] = true
		}
	}
}

func (k keySet) list() []string { return slices.Sorted(maps.Keys(k)) }

// A wanted is what a batch of updates concerns.
type wanted struct {
	customers map[chat.Vendor]keySet
	emails    keySet
	records   map[chat.RecordKind]keySet
	deletions map[string]keySet // ids by kind
	parcels   keySet            // the orders of fulfilments
}

func collect(updates []chat.DirectoryUpdate) wanted {
	w := wanted{
		customers: map[chat.Vendor]keySet{chat.Shopify: {}, chat.Recharge: {}}, emails: keySet{},
		records:   map[chat.RecordKind]keySet{chat.OrderKind: {}, chat.SubscriptionKind: {}, chat.ChargeKind: {}},
		deletions: map[string]keySet{}, parcels: keySet{},
	}
	shopify, recharge := w.customers[chat.Shopify], w.customers[chat.Recharge]
	for _, u := range updates {
		if !u.Vendor.Known() {
			continue
		}
		for _, r := range u.Customers {
			w.addCustomer(u.Vendor, r.ID)
			w.addCustomer(chat.Shopify, r.ShopifyID)
			w.emails.add(normalEmail(r.Email))
		}
		for _, r := range u.Orders {
			w.addRecord(chat.Shopify, chat.OrderKind, r.ID)
			w.addCustomer(chat.Shopify, r.CustomerID)
			if r.CustomerID == "" {
				w.emails.add(normalEmail(r.Email))
			}
		}
		for _, r := range u.Fulfillments {
			w.addRecord(chat.Shopify, chat.OrderKind, r.OrderID)
			w.parcels.add(r.OrderID)
		}
		for _, r := range u.Subscriptions {
			w.addRecord(chat.Recharge, chat.SubscriptionKind, r.ID)
			w.addCustomer(chat.Recharge, r.CustomerID)
		}
		for _, r := range u.Charges {
			w.addRecord(chat.Recharge, chat.ChargeKind, r.ID)
			w.addCustomer(chat.Recharge, r.CustomerID)
			w.addCustomer(chat.Shopify, r.ShopifyID)
		}
		for _, r := range u.Consents {
			w.addCustomer(chat.Shopify, r.CustomerID)
		}
		for _, r := range u.Merges {
			shopify.add(r.KeptID, r.GoneID)
		}
		for _, r := range u.Deletions {
			if r.Kind == chat.CustomerKind {
				w.addCustomer(u.Vendor, r.ID)
			} else if w.records[r.Kind] != nil {
				w.addRecord(u.Vendor, r.Kind, r.ID)
			}
		}
		recharge.add(u.Complete...)
	}
	return w
}

func (w wanted) addCustomer(v chat.Vendor, id string) {
	if w.customers[v] != nil {
		w.customers[v].add(id)
		w.addDeletion(v, chat.CustomerKind, id)
	}
}

func (w wanted) addRecord(v chat.Vendor, kind chat.RecordKind, id string) {
	w.records[kind].add(id)
	w.addDeletion(v, kind, id)
}

func (w wanted) addDeletion(v chat.Vendor, kind chat.RecordKind, id string) {
	key := keyOf(v, kind, id)
	if w.deletions[key.kind] == nil {
		w.deletions[key.kind] = keySet{}
	}
	w.deletions[key.kind].add(id)
}

// load reads what the updates concern.
func (d *directory) load(updates []chat.DirectoryUpdate) error {
	w := collect(updates)
	more := keySet{} // customers of records
	return firstError(
		func() error { return d.loadCustomers(w) },
		func() error { return d.loadRecords(w, more) },
		func() error { return d.loadFulfillments(w.parcels.list()) },
		func() error { return d.loadDeletions(w.deletions) },
		func() error { return d.loadCustomersByID(more) },
		func() error { return d.loadLinks() },
	)
}

// loadCustomers reads the customers with the vendors' ids, also with those that were
// merged, and with the e-mail addresses.
func (d *directory) loadCustomers(w wanted) error {
	for v, ids := range w.customers {
		column := string(v) // the columns have the vendors' names
		err := d.lookUp(d.shop, ids.list(), d.scanCustomer, customerColumns, `customers c WHERE c.shop = $1 AND c.`+column+` = asked.column1 AND c.`+column+` <> ''`)
		if err != nil {
			return err
		}
		missing := slices.DeleteFunc(ids.list(), func(id string) bool { return d.byVendor[vendorID{v, id}] != "" })
		err = d.lookUp(d.shop, missing, func(row sqldb.Scanner) error {
			var id string
			c, err := scanCustomer(row, &id)
			if err == nil {
				d.keep(c)
				d.byVendor[vendorID{v, id}] = c.ID
			}
			return err
		}, customerColumns+`, a.id`, `customer_aliases a CROSS JOIN customers c WHERE a.shop = $1 AND a.vendor = '`+column+`' AND a.id = asked.column1 AND c.id = a.customer AND c.shop = a.shop`)
		if err != nil {
			return err
		}
	}
	return d.lookUp(d.shop, w.emails.list(), d.scanCustomer, customerColumns, `customers c WHERE c.shop = $1 AND c.email = asked.column1`)
}

func (d *directory) loadCustomersByID(ids keySet) error {
	missing := slices.DeleteFunc(ids.list(), func(id string) bool { return d.customers[chat.CustomerID(id)] != nil })
	return d.lookUp(d.shop, missing, d.scanCustomer, customerColumns, `customers c WHERE c.id = asked.column1 AND c.shop = $1`)
}

func (d *directory) scanCustomer(row sqldb.Scanner) error {
	c, err := scanCustomer(row)
	if err == nil {
		d.keep(c)
	}
	return err
}

// loadRecords reads the stored records, and adds their customers to more.
func (d *directory) loadRecords(w wanted, more keySet) error {
	for kind, ids := range w.records {
		err := d.lookUp(d.shop, ids.list(), func(row sqldb.Scanner) error {
			var id string
			var r storedRecord
			err := row.Scan(&id, &r.customer, &r.doc, &r.at)
			d.records[recordKeyOf(kind, id)] = r
			more.add(string(r.customer))
			return err
		}, `r.id, r.customer, r.doc, r.updated_at`, recordTables[kind]+` r WHERE r.shop = $1 AND r.id = asked.column1`)
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *directory) loadDeletions(wanted map[string]keySet) error {
	for kind, ids := range wanted {
		err := d.lookUp(d.shop, ids.list(), func(row sqldb.Scanner) error {
			var id string
			var gone deletion
			var erased int64
			err := row.Scan(&id, &gone.at, &erased)
			gone.erased = erased == 1
			d.deleted[recordKey{kind, id}] = gone
			return err
		}, `r.id, r.at, r.erased`, `deletions r WHERE r.shop = $1 AND r.kind = '`+kind+`' AND r.id = asked.column1`)
		if err != nil {
			return err
		}
	}
	return nil
}
