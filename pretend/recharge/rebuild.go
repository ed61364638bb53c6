package recharge

import (
	"context"
	"encoding/json"
	"maps"
	"math/big"
	"slices"

	"sidetext/pretend/wire"
)

// writable returns a failure while the charges of an address are being rebuilt
// (changelog.getrecharge.com/improved-handling-of-charge-regeneration-in-the-api-1JDygw).
func (r *Recharge) writable(address int64) *failure {
	if r.locked[address] {
		return routeLock
	}
	return nil
}

// changed has the queued charges of an address rebuilt: now if commit is true, else
// after Account.Rebuild.
func (r *Recharge) changed(address int64, commit bool) {
	if commit || r.account.Rebuild < 0 {
		r.rebuild(address)
		return
	}
	if r.rebuilds[address] {
		return
	}
	r.rebuilds[address] = true
	r.later = append(r.later, func(ctx context.Context) {
		if !wire.Sleep(ctx, r.account.Rebuild) {
			return
		}
		due := false
		r.update(func() {
			due = r.rebuilds[address] // not committed meanwhile
			r.locked[address] = due
		})
		if !due || !wire.Sleep(ctx, r.account.RebuildTakes) {
			return
		}
		r.update(func() {
			delete(r.locked, address)
			r.rebuild(address)
		})
	})
}

// rebuild makes the queued charges of an address: one for each date on which something
// is due. It keeps charges whose date or products are still the same.
func (r *Recharge) rebuild(address int64) {
	delete(r.rebuilds, address)
	t := r.tree(address)
	due := map[Text][]Line{}
	for _, s := range t.subscriptions {
		if s.Status == "active" && s.Next != "" {
			due[s.Next] = append(due[s.Next], s.line())
		}
	}
	for _, o := range t.onetimes {
		if !o.Cancelled && o.Next != "" {
			due[o.Next] = append(due[o.Next], o.line())
		}
	}
	var open []*Charge
	for _, c := range t.charges {
		if c.open() {
			open = append(open, c)
		}
	}
	take := func(fits func(*Charge) bool) *Charge {
		i := slices.IndexFunc(open, fits)
		if i < 0 {
			return nil
		}
		c := open[i]
		open = slices.Delete(open, i, i+1)
		return c
	}
	for _, date := range slices.Sorted(maps.Keys(due)) {
		lines := due[date]
		c := take(func(c *Charge) bool { return c.ScheduledAt == date })
		if c == nil { // the charge of one of the products may have moved
			c = take(func(c *Charge) bool {
				return due[c.ScheduledAt] == nil && slices.ContainsFunc(lines, func(l Line) bool { return c.has(l.ItemID) })
			})
		}
		if c == nil {
			c = r.addCharge(Charge{AddressID: address, ScheduledAt: date, Items: lines, Discounts: r.discountsOf(address)})
			r.fireCharge("charge/created", c)
			continue
		}
		before := string(encode(c))
		c.ScheduledAt, c.Items, c.Discounts = date, lines, r.discountsOf(address) // a discount of the charge is lost
		c.price()
		if string(encode(c)) != before {
			c.UpdatedAt.Time = now()
			r.fireCharge("charge/updated", c)
		}
	}
	for _, c := range open {
		r.removeCharge(c)
		r.fireCharge("charge/deleted", c)
	}
}

func (r *Recharge) removeCharge(c *Charge) {
	r.charges = remove(r.charges, c)
	t := r.tree(c.AddressID)
	t.charges = remove(t.charges, c)
}

func (r *Recharge) discountsOf(address int64) []Discount {
	out := []Discount{}
	if a := find(r.addresses, address); a != nil {
		for _, ref := range a.Discounts {
			for _, d := range r.account.Discounts {
				if d.ID == ref.ID {
					out = append(out, d)
				}
			}
		}
	}
	return out
}

func (s *Subscription) line() Line {
	return newLine(s.ID, "subscription", s.Product, s.Variant, s.Quantity, s.Price, s.SKU, s.ProductID, s.VariantID, s.Properties)
}

func (o *Onetime) line() Line {
	return newLine(o.ID, "onetime", o.Product, o.Variant, o.Quantity, o.Price, o.SKU, o.ProductID, o.VariantID, o.Properties)
}

func newLine(id int64, kind string, title, variant Text, quantity int, price, sku Text, product, external External, properties json.RawMessage) Line {
	l := Line{
		ItemID: id, ItemType: kind, Title: title, Variant: variant, Quantity: quantity, Price: price, Original: price, SKU: sku,
		ProductID: product, VariantID: external, Images: map[string]string{}, Properties: properties,
	}
	l.Total = Text(money([]Line{l}))
	return l
}

// price computes the totals of a charge.
func (c *Charge) price() {
	if c.Items == nil {
		c.Items = []Line{}
	}
	if c.Discounts == nil {
		c.Discounts = []Discount{}
	}
	sum, _ := new(big.Rat).SetString(money(c.Items))
	off := new(big.Rat)
	for _, d := range c.Discounts {
		value, ok := new(big.Rat).SetString(d.Value)
		if !ok {
			continue
		}
		if d.Type == "percentage" {
			value.Mul(value, new(big.Rat).Quo(sum, big.NewRat(100, 1)))
		}
		off.Add(off, value)
	}
	if off.Cmp(sum) > 0 {
		off.Set(sum)
	}
	c.Subtotal, c.Off, c.Tax = Text(sum.FloatString(2)), Text(off.FloatString(2)), "0.00"
	c.Total = Text(sum.Sub(sum, off).FloatString(2))
}
