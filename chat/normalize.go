package chat

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// unreadablePhone is the Problem of a phone if the parser does not say why.
const unreadablePhone = "This is not a phone number that can be texted."

// Normalize parses the phones of an update with parse, which takes a phone as it was
// written and the country of its address. Where that is unknown it takes the customer's
// or the order's country, or defaultCountry. The surest phones of a customer come first;
// one that is empty, or written down in several places, is kept once at most.
func (u *DirectoryUpdate) Normalize(parse func(raw, country string) (Phone, error), defaultCountry string) {
	n := normalizer{parse: parse, defaultCountry: defaultCountry, parsed: map[writtenPhone]PhoneRecord{}}
	countries := map[string]string{} // by customer
	for i := range u.Customers {
		c := &u.Customers[i]
		countries[c.ID] = c.Country
		c.Phones = n.phones(c.Phones, c.Country)
	}
	for i := range u.Orders {
		o := &u.Orders[i]
		o.Phones = n.phones(o.Phones, o.Country)
	}
	for i := range u.Consents {
		c := &u.Consents[i]
		c.Phone = n.phone(c.Phone, countries[c.CustomerID])
	}
}

// A normalizer parses each phone of an update once.
type normalizer struct {
	parse          func(raw, country string) (Phone, error)
	defaultCountry string
	parsed         map[writtenPhone]PhoneRecord
}

// A writtenPhone is what a phone is parsed from.
type writtenPhone struct{ raw, country string }

// phones parses the phones of one customer or order. country is that of phones without
// an address.
func (n normalizer) phones(all []PhoneRecord, country string) []PhoneRecord {
	kept := make([]PhoneRecord, 0, len(all))
	for _, p := range all {
		if p = n.phone(p, country); p.Raw != "" {
			kept = append(kept, p)
		}
	}
	slices.SortStableFunc(kept, func(a, b PhoneRecord) int { return cmp.Compare(a.Source.rank(), b.Source.rank()) })
	seen := map[string]bool{}
	return slices.DeleteFunc(kept, func(p PhoneRecord) bool {
		key := cmp.Or(string(p.Phone), p.Raw)
		again := seen[key]
		seen[key] = true
		return again
	})
}

// phone parses a phone. country is that of a phone without an address.
func (n normalizer) phone(p PhoneRecord, country string) PhoneRecord {
	p.Raw, p.Phone, p.Problem = strings.TrimSpace(p.Raw), "", ""
	p.Country = cmp.Or(countryCode(p.Country), countryCode(country), countryCode(n.defaultCountry))
	if p.Raw == "" {
		return p
	}
	written := writtenPhone{p.Raw, p.Country}
	known, ok := n.parsed[written]
	if !ok {
		known.Phone, known.Problem = n.parseOnce(written)
		n.parsed[written] = known
	}
	p.Phone, p.Problem = known.Phone, known.Problem
	return p
}

func (n normalizer) parseOnce(written writtenPhone) (phone Phone, problem string) {
	phone, err := n.parse(written.raw, written.country)
	var shown *Error
	switch {
	case errors.As(err, &shown):
		return "", shown.Text
	case err != nil || phone == "":
		return "", unreadablePhone
	}
	return phone, ""
}

// countryCode returns a country's code in upper case, as in ISO 3166.
func countryCode(text string) string { return strings.ToUpper(strings.TrimSpace(text)) }
