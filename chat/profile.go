package chat

import (
	"cmp"
	"slices"
	"strings"
)

// maxProfileItems limits each list in a Profile, which is kept with every shopper.
const maxProfileItems = 50

// MakeProfile makes the profile of a phone from the people who have it, and says which
// of them it prefers: -1 if there are none. zone is the time zone of the number.
//
// It prefers a person with an active subscription, then the one with the newest purchase,
// then the one whose phone it is most surely, then the one who has been known the longest.
// All nodes prefer the same one.
func MakeProfile(people []Person, zone string) (p Profile, preferred int) {
	preferred = -1
	for i, person := range people {
		if !person.Link.Open() {
			continue
		}
		if preferred < 0 {
			preferred = i
			continue
		}
		p.Others++
		if person.comparePreference(people[preferred]) < 0 {
			preferred = i
		}
	}
	p.TimeZone = zone
	if preferred < 0 {
		return p, -1
	}
	one := people[preferred]
	c := one.Customer
	p.Customer, p.ShopifyID, p.RechargeID = c.ID, c.ShopifyID, c.RechargeID
	p.TimeZone, p.Locale = cmp.Or(c.TimeZone, zone), c.Locale
	p.Proof, p.LinkedAt, p.BoughtAt = one.Proof, one.Link.SeenAt, one.LastOrderAt
	p.Subscriptions = one.activeSubscriptions()
	p.NextCharge, p.FailedCharge = one.nextCharge(p.Subscriptions), one.failedCharge()
	p.LastOrder = one.lastOrder()
	return p, preferred
}

// comparePreference is negative if p is preferred to q.
func (p Person) comparePreference(q Person) int {
	return cmp.Or(
		cmp.Compare(p.subscribes(), q.subscribes()),
		q.LastOrderAt.Compare(p.LastOrderAt),
		cmp.Compare(p.Link.Source.rank(), q.Link.Source.rank()),
		cmp.Compare(p.Customer.ID, q.Customer.ID),
	)
}

// subscribes returns 0 if the person has an active subscription, otherwise 1.
func (p Person) subscribes() int {
	if slices.ContainsFunc(p.Subscriptions, SubscriptionRecord.active) {
		return 0
	}
	return 1
}

func (s SubscriptionRecord) active() bool { return s.Status == "active" }

// activeSubscriptions returns the active subscriptions, the one that is due next first.
func (p Person) activeSubscriptions() (all []Subscription) {
	for _, s := range p.Subscriptions {
		if s.active() {
			all = append(all, Subscription{
				ID: s.ID, Product: s.Product, Variant: s.Variant, Quantity: s.Quantity, Unit: s.Unit, Every: s.Every,
				Next: s.NextCharge, Prepaid: s.Prepaid,
			})
		}
	}
	slices.SortFunc(all, func(a, b Subscription) int { return cmp.Or(compareDates(a.Next, b.Next), cmp.Compare(a.ID, b.ID)) })
	return all[:min(len(all), maxProfileItems)]
}

// compareDates orders dates such as "2026-12-09". An unknown one comes last.
func compareDates(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	return strings.Compare(a, b)
}

// nextCharge returns the earliest queued charge. If there is none, it returns the date of
// the subscriptions that are due next: Recharge makes the charge later.
func (p Person) nextCharge(active []Subscription) *NextCharge {
	var next *ChargeRecord
	for i, c := range p.Charges {
		if c.Status == "queued" && (next == nil || c.before(*next)) {
			next = &p.Charges[i]
		}
	}
	if next != nil {
		return next.profile()
	}
	if len(active) == 0 || active[0].Next == "" {
		return nil
	}
	due := &NextCharge{On: active[0].Next}
	for _, s := range active {
		if s.Next == due.On {
			due.Items = append(due.Items, ChargeItem{Item: Item{Title: s.Product, Variant: s.Variant, Quantity: s.Quantity}, SubscriptionID: s.ID})
		}
	}
	return due
}

// failedCharge returns the newest charge that failed, unless the person has purchased
// since.
func (p Person) failedCharge() *NextCharge {
	var failed *ChargeRecord
	for i, c := range p.Charges {
		if c.Status == "error" && (failed == nil || failed.before(c)) {
			failed = &p.Charges[i]
		}
	}
	if failed == nil || !p.LastOrderAt.IsZero() && failed.ScheduledOn < p.LastOrderAt.Format("2006-01-02") {
		return nil
	}
	return failed.profile()
}

func (c ChargeRecord) before(d ChargeRecord) bool {
	return cmp.Or(compareDates(c.ScheduledOn, d.ScheduledOn), cmp.Compare(c.ID, d.ID)) < 0
}

func (c ChargeRecord) profile() *NextCharge {
	return &NextCharge{
		ID: c.ID, On: c.ScheduledOn, Total: c.Total, Currency: c.Currency, Items: slices.Clone(c.Items[:min(len(c.Items), maxProfileItems)]),
	}
}

// lastOrder returns the newest order that is not a test.
func (p Person) lastOrder() *LastOrder {
	var newest *OrderRecord
	for i, o := range p.Orders {
		if !o.Test && (newest == nil || cmp.Or(o.CreatedAt.Compare(newest.CreatedAt), cmp.Compare(o.ID, newest.ID)) > 0) {
			newest = &p.Orders[i]
		}
	}
	if newest == nil {
		return nil
	}
	parcels := newest.parcels(p.Fulfillments)
	return &LastOrder{ID: newest.ID, Name: newest.Name, At: newest.CreatedAt, Status: newest.statusWords(parcels), Tracking: tracking(parcels)}
}
