package chat

import (
	"slices"
	"time"
)

// phoneSources lists the sources of phones, the surest first.
var phoneSources = [...]PhoneSource{
	ShopifyCustomerPhone, OrderPhone, ShippingPhone, BillingPhone, RechargeCustomerPhone, RechargeAddressPhone, ListPhone,
}

// rank is the place of a source among all: 0 is the surest.
func (s PhoneSource) rank() int {
	if i := slices.Index(phoneSources[:], s); i >= 0 {
		return i
	}
	return len(phoneSources)
}

// Surer reports whether a phone from s is more surely the customer's own than one from
// other.
func (s PhoneSource) Surer(other PhoneSource) bool { return s.rank() < other.rank() }

// isOwn reports whether s is some vendor's OwnPhone.
func (s PhoneSource) isOwn() bool { return s == ShopifyCustomerPhone || s == RechargeCustomerPhone }

// OwnPhone is the source of the phone in a vendor's record of a customer, of which there
// is one at most.
func (v Vendor) OwnPhone() PhoneSource {
	if v == Recharge {
		return RechargeCustomerPhone
	}
	return ShopifyCustomerPhone
}

// MergeLinks returns the links of a customer that evidence from the time at changes or
// adds. phones are normalized.
//
// With whole set, phones are those of the customer's whole record, and the newest one of
// its vendor; if the customer has no phone of its own there, a record with the vendor's
// OwnPhone source and without a phone says so. Then a phone that was the customer's own at
// that vendor, and is not any more, ends at that time, whatever other evidence there is
// from before. Evidence from after the end of a link opens it again; older evidence never
// does.
func MergeLinks(customer CustomerID, links []PhoneLink, phones []PhoneRecord, at time.Time, whole bool) (changed []PhoneLink) {
	var own PhoneSource
	if i := slices.IndexFunc(phones, func(p PhoneRecord) bool { return p.Source.isOwn() }); whole && i >= 0 {
		own = phones[i].Source
	}
	m := linkMerger{customer, slices.Clone(links), at, own}
	for _, p := range phones {
		if p.Phone != "" {
			m.add(p)
		}
	}
	if own != "" && !at.IsZero() {
		m.endOthers(phones)
	}
	for i, l := range m.links {
		if i >= len(links) || l != links[i] {
			changed = append(changed, l)
		}
	}
	return changed
}

// A linkMerger merges evidence from one time with a customer's links.
type linkMerger struct {
	customer CustomerID
	links    []PhoneLink
	at       time.Time
	own      PhoneSource // of the vendor whose newest whole record it is; else empty
}

// add adds or refreshes the link to a phone.
func (m *linkMerger) add(p PhoneRecord) {
	i := slices.IndexFunc(m.links, func(l PhoneLink) bool { return l.Phone == p.Phone })
	switch {
	case m.superseded(p):
	case i < 0:
		m.links = append(m.links, PhoneLink{Phone: p.Phone, Customer: m.customer, Source: p.Source, SeenAt: m.at})
	case m.links[i].Open():
		l := &m.links[i]
		if p.Source.Surer(l.Source) {
			l.Source = p.Source
		}
		if m.at.After(l.SeenAt) {
			l.SeenAt = m.at
		}
	// Of two newest records with the same time, the one that comes last holds.
	case m.at.After(m.links[i].EndedAt), p.Source == m.own && m.at.Equal(m.links[i].EndedAt):
		m.links[i].Source, m.links[i].SeenAt, m.links[i].EndedAt = p.Source, m.at, time.Time{}
	}
}

// superseded reports whether a phone was the customer's own at a vendor, and a newer
// record has shown another one since.
func (m *linkMerger) superseded(p PhoneRecord) bool {
	if p.Source == m.own || !p.Source.isOwn() {
		return false
	}
	return slices.ContainsFunc(m.links, func(l PhoneLink) bool {
		return l.Phone != p.Phone && l.Open() && l.Source == p.Source && l.SeenAt.After(m.at)
	})
}

// endOthers ends the links to phones that were the customer's own, and are not in the
// newest record. A phone that the record still has elsewhere, as in an address, stays.
func (m *linkMerger) endOthers(phones []PhoneRecord) {
	for i := range m.links {
		l := &m.links[i]
		if !l.Open() || l.Source != m.own || l.SeenAt.After(m.at) {
			continue
		}
		if source, still := surestSource(phones, l.Phone); still {
			l.Source = source
		} else {
			l.EndedAt = m.at
		}
	}
}

// surestSource returns the surest source of a phone among some.
func surestSource(phones []PhoneRecord, phone Phone) (surest PhoneSource, found bool) {
	for _, p := range phones {
		if p.Phone == phone && (!found || p.Source.Surer(surest)) {
			surest, found = p.Source, true
		}
	}
	return surest, found
}
