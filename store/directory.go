package store

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"sidetext/chat"
)

// applyUpdate applies what a vendor says to the shop's directory, and gives the
// shoppers whom it concerns their new profiles. u is normalized.
func (tx tx) applyUpdate(shop chat.ShopID, u chat.DirectoryUpdate, now time.Time) (chat.DirectoryChange, error) {
	return tx.applyUpdates(shop, []chat.DirectoryUpdate{u}, now)
}

// applyUpdates is applyUpdate for several updates, in order. What many of them
// concern is read, and the profile of a phone made, once for all of them.
func (tx tx) applyUpdates(shop chat.ShopID, updates []chat.DirectoryUpdate, now time.Time) (chat.DirectoryChange, error) {
	if err := tx.lockDirectory(shop); err != nil {
		return chat.DirectoryChange{}, err
	}
	d := newDirectory(tx, shop, now)
	if err := d.load(updates); err != nil {
		return chat.DirectoryChange{}, err
	}
	for _, u := range updates {
		if err := d.apply(u); err != nil {
			return chat.DirectoryChange{}, err
		}
	}
	if err := d.flush(); err != nil {
		return chat.DirectoryChange{}, err
	}
	err := d.rebuild()
	d.change.Refresh = slices.Sorted(maps.Keys(d.refresh))
	return d.change, err
}

// lockDirectory lets one transaction at a time change the shop's directory.
func (tx tx) lockDirectory(shop chat.ShopID) error { return tx.Exclusive(chat.DirectoryAccount(shop)) }

// A directory is the part of a shop's directory that a batch of updates concerns. It
// is read at once. Records are written as they are applied; customers and their phones
// are changed in memory and written by flush.
type directory struct {
	tx
	shop   chat.ShopID
	now    time.Time
	change chat.DirectoryChange

	customers    map[chat.CustomerID]*customerRow
	byVendor     map[vendorID]chat.CustomerID
	byEmail      map[string][]chat.CustomerID
	records      map[recordKey]storedRecord
	deleted      map[recordKey]deletion
	fulfillments map[fulfillmentKey]storedFulfillment

	touched map[chat.CustomerID]bool            // their phones need a new profile
	phones  map[chat.Phone]bool                 // these do, too
	left    map[chat.Phone]bool                 // was a customer's own at Shopify, and is not any more
	merged  map[chat.CustomerID]chat.CustomerID // customers that are gone, and into which they were merged
	refresh map[string]bool                     // see chat.DirectoryChange
}

// A vendorID is a vendor's id of a customer.
type vendorID struct {
	vendor chat.Vendor
	id     string
}

// A recordKey names an object of a vendor. The kind of a customer or a record is kept
// with the vendor in front, because vendors' ids may be equal.
type recordKey struct{ kind, id string }

func keyOf(v chat.Vendor, kind chat.RecordKind, id string) recordKey {
	return recordKey{string(v) + "/" + string(kind), id}
}

func newDirectory(tx tx, shop chat.ShopID, now time.Time) *directory {
	return &directory{
		tx: tx, shop: shop, now: now,
		customers: map[chat.CustomerID]*customerRow{}, byVendor: map[vendorID]chat.CustomerID{}, byEmail: map[string][]chat.CustomerID{},
		records: map[recordKey]storedRecord{}, deleted: map[recordKey]deletion{}, fulfillments: map[fulfillmentKey]storedFulfillment{},
		touched: map[chat.CustomerID]bool{}, phones: map[chat.Phone]bool{}, left: map[chat.Phone]bool{}, merged: map[chat.CustomerID]chat.CustomerID{}, refresh: map[string]bool{},
	}
}

// apply applies one update.
func (d *directory) apply(u chat.DirectoryUpdate) error {
	if !u.Vendor.Known() {
		return fmt.Errorf("apply an update of vendor %q", u.Vendor)
	}
	complete := map[string]bool{}
	for _, id := range u.Complete {
		complete[id] = true
	}
	return firstError(
		func() error {
			return eachOf(u.Customers, func(r chat.CustomerRecord) error { return d.applyCustomer(u.Vendor, r, complete[r.ID]) })
		},
		func() error { return eachOf(u.Merges, d.applyMerge) },
		func() error { return eachOf(u.Orders, d.applyOrder) },
		func() error { return eachOf(u.Fulfillments, d.applyFulfillment) },
		func() error {
			return eachOf(u.Subscriptions, func(r chat.SubscriptionRecord) error { return d.applySubscription(r, complete[r.CustomerID]) })
		},
		func() error {
			return eachOf(u.Charges, func(r chat.ChargeRecord) error { return d.applyCharge(r, complete[r.CustomerID]) })
		},
		func() error { return eachOf(u.Consents, d.applyConsent) },
		func() error {
			return eachOf(u.Deletions, func(r chat.Deletion) error { return d.applyDeletion(u.Vendor, r) })
		},
		func() error { return eachOf(u.Complete, func(id string) error { return d.deleteOthers(u, id) }) },
	)
}

// firstError calls the steps until one returns an error.
func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// eachOf calls do for the records until it returns an error.
func eachOf[T any](records []T, do func(T) error) error {
	for _, r := range records {
		if err := do(r); err != nil {
			return err
		}
	}
	return nil
}

// refreshLater has a Recharge customer's objects read again. Recharge's times have
// whole seconds: of two different records with one time either may be the newer.
func (d *directory) refreshLater(v chat.Vendor, customer string) {
	if v == chat.Recharge && customer != "" {
		d.refresh[customer] = true
	}
}

// applyConsent saves the evidence of a consent for the phone that it names, else for
// the customer's own phones.
func (d *directory) applyConsent(r chat.ConsentRecord) error {
	if r.State == chat.ConsentUnknown || d.isErased(chat.Shopify, r.CustomerID, micros(r.At)) {
		return nil
	}
	phones := []chat.Phone{r.Phone.Phone.Canonical()}
	if c := d.find(chat.Shopify, r.CustomerID); r.Phone.Phone == "" {
		phones = c.ownPhones()
	}
	for _, phone := range phones {
		if r.At.IsZero() && r.State == chat.ConsentRevoked {
			// The stricter one holds: a withdrawal without a time is not older than the rest.
			newest, err := d.newestMarketing(d.shop, phone)
			if err != nil || newest.State == chat.ConsentRevoked {
				return err
			}
			r.At = later(d.now, newest.At)
		}
		words := r.Level
		if r.Source != "" {
			words += " " + r.Source
		}
		consent := chat.Consent{Phone: phone, Kind: chat.MarketingTexts, State: r.State, Source: chat.ConsentByShopify, Words: words, At: r.At}
		if err := d.saveConsent(d.shop, consent); err != nil {
			return err
		}
		d.phones[phone] = true
	}
	return nil
}
