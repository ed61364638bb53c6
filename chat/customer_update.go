package chat

import (
	"strings"
	"time"
)

// Apply returns the customer with what a record of vendor v says, and whether the record
// is at least as new as the newest one of the same vendor. A whole record that is so
// replaces what was known; any other changes nothing but what is missing.
//
// Where both vendors have a field, Shopify's is kept, because customers see and change it
// in the store. A field that a vendor leaves empty stays as it is: it may be one that the
// vendor does not show us.
func (c Customer) Apply(v Vendor, r CustomerRecord) (updated Customer, newest bool) {
	at := &c.ShopifyUpdatedAt
	if v == Recharge {
		at = &c.RechargeUpdatedAt
	}
	newest = !r.UpdatedAt.Before(*at)
	replace := newest && !r.Partial
	c.setIDs(v, r, replace)
	// Once Shopify has shown the whole customer, Recharge only adds what that lacks.
	overwrite := replace && (v == Shopify || c.ShopifyUpdatedAt.IsZero())
	setText(&c.Name, PersonName(r.Name), overwrite)
	setText(&c.Email, strings.ToLower(strings.TrimSpace(r.Email)), overwrite)
	setText(&c.Locale, strings.TrimSpace(r.Locale), overwrite)
	c.setAddress(r, overwrite)
	if replace {
		*at = r.UpdatedAt
	}
	return c, newest
}

// setIDs sets the vendors' ids.
func (c *Customer) setIDs(v Vendor, r CustomerRecord, replace bool) {
	if v == Recharge {
		setText(&c.RechargeID, r.ID, replace) // a customer that was deleted there may come back with another one
		setText(&c.ShopifyID, r.ShopifyID, false)
		return
	}
	setText(&c.ShopifyID, r.ID, replace)
}

// setAddress sets what is known of the default address. Its parts belong together: the
// time zone of one address is not combined with the country of another.
func (c *Customer) setAddress(r CustomerRecord, overwrite bool) {
	country, zip, zone := countryCode(r.Country), strings.TrimSpace(r.Zip), strings.TrimSpace(r.TimeZone)
	other := differs(c.Country, country) || differs(c.Zip, zip)
	if other && !overwrite {
		return
	}
	if other {
		c.Country, c.Zip, c.TimeZone = "", "", ""
	}
	setText(&c.Country, country, overwrite)
	setText(&c.Zip, zip, overwrite)
	setText(&c.TimeZone, zone, overwrite)
}

// differs reports whether two values are known and not the same.
func differs(a, b string) bool { return a != "" && b != "" && a != b }

// setText sets a field to a value that is not empty: always with overwrite, otherwise if
// the field is empty.
func setText(field *string, value string, overwrite bool) {
	if value != "" && (overwrite || *field == "") {
		*field = value
	}
}

// UpdatedAt is the time of the newest record of a vendor's that was applied.
func (c Customer) UpdatedAt(v Vendor) time.Time {
	if v == Recharge {
		return c.RechargeUpdatedAt
	}
	return c.ShopifyUpdatedAt
}
