package recharge

import (
	"net/http"
	"slices"
	"strconv"
)

// An item is what a line of a charge is made from.
type item interface {
	key() int64
	next() Text
	setNext(Text)
	advance() // to the date after the next one
	skippable() bool
}

func (s *Subscription) key() int64        { return s.ID }
func (s *Subscription) next() Text        { return s.Next }
func (s *Subscription) setNext(date Text) { s.Next, s.UpdatedAt.Time = date, now() }
func (s *Subscription) advance()          { s.setNext(s.after(s.Next)) }
func (s *Subscription) skippable() bool   { return !s.Prepaid }

func (o *Onetime) key() int64        { return o.ID }
func (o *Onetime) next() Text        { return o.Next }
func (o *Onetime) setNext(date Text) { o.Next, o.UpdatedAt.Time = date, now() }
func (o *Onetime) advance()          { o.setNext("") } // it is bought once
func (o *Onetime) skippable() bool   { return true }

// itemsOf returns what is in a charge, except what is cancelled.
func (r *Recharge) itemsOf(c *Charge) (out []item) {
	for _, s := range r.tree(c.AddressID).subscriptions {
		if c.has(s.ID) && s.Status == "active" {
			out = append(out, s)
		}
	}
	for _, o := range r.tree(c.AddressID).onetimes {
		if c.has(o.ID) && !o.Cancelled {
			out = append(out, o)
		}
	}
	return out
}

// chosen returns the items of a charge that a request names.
func (r *Recharge) chosen(in *request, c *Charge) (out []item, fail *failure) {
	var body struct {
		IDs []any `json:"purchase_item_ids"`
	}
	if fail := in.decode(&body); fail != nil {
		return nil, fail
	}
	if len(body.IDs) == 0 {
		return nil, required("purchase_item_ids")
	}
	items := r.itemsOf(c)
	for _, id := range body.IDs {
		n, _ := strconv.ParseInt(idText(id), 10, 64)
		i := slices.IndexFunc(items, func(one item) bool { return one.key() == n })
		switch {
		case i < 0:
			return nil, invalid("purchase_item_ids", []string{"Item is not in the charge."})
		case !items[i].skippable():
			return nil, invalid("purchase_item_ids", []string{"Item is not skippable."})
		}
		out = append(out, items[i])
	}
	return out, nil
}

// skip handles POST /charges/{id}/skip. If all items are named, the charge is skipped; else
// they leave it for a skipped one of their own. The next charge is queued by the rebuild.
func (r *Recharge) skip(in *request) (int, any, *failure) {
	c, fail := r.charge(in, "queued")
	if fail != nil {
		return 0, nil, fail
	}
	items, fail := r.chosen(in, c)
	if fail != nil {
		return 0, nil, fail
	}
	skipped := r.split(c, items)
	skipped.Status = "skipped"
	for _, one := range items {
		one.advance()
		r.fireItem("skipped", one)
	}
	return r.touchCharge(skipped, in)
}

// split moves items of a charge to a new charge, or returns the charge itself if it has
// no others.
func (r *Recharge) split(c *Charge, items []item) *Charge {
	var moved, rest []Line
	for _, l := range c.Items {
		if slices.ContainsFunc(items, func(one item) bool { return one.key() == l.ItemID }) {
			moved = append(moved, l)
		} else {
			rest = append(rest, l)
		}
	}
	if len(rest) == 0 {
		return c
	}
	c.Items = rest
	c.price()
	c.UpdatedAt.Time = now()
	r.fireCharge("charge/updated", c)
	return r.addCharge(Charge{
		AddressID: c.AddressID, Status: c.Status, ScheduledAt: c.ScheduledAt, Original: c.Original, Items: moved, Discounts: slices.Clone(c.Discounts),
	})
}

// unskip handles POST /charges/{id}/unskip.
func (r *Recharge) unskip(in *request) (int, any, *failure) {
	c, fail := r.charge(in, "skipped")
	if fail != nil {
		return 0, nil, fail
	}
	if string(c.ScheduledAt) < today() {
		return 0, nil, invalid("scheduled_at", "Cannot be in the past")
	}
	items, fail := r.chosen(in, c)
	if fail != nil {
		return 0, nil, fail
	}
	back := r.split(c, items)
	for _, one := range items {
		if s, ok := one.(*Subscription); ok {
			delete(s.skippedDates, c.ScheduledAt)
		}
		if one.next() == "" || one.next() > c.ScheduledAt {
			one.setNext(c.ScheduledAt)
		}
		r.fireItem("unskipped", one)
	}
	back.Status = "queued"
	return r.touchCharge(back, in)
}

// skipLater handles POST /addresses/{id}/charges/skip and /subscriptions/{id}/charges/skip:
// it skips a date for which there may be no charge yet.
func (r *Recharge) skipLater(in *request) (int, any, *failure) {
	var body struct {
		Date string `json:"date"`
		IDs  []any  `json:"subscription_ids"`
		ID   any    `json:"subscription_id"`
	}
	if fail := in.decode(&body); fail != nil {
		return 0, nil, fail
	}
	date, fail := futureDate("date", body.Date)
	if fail != nil {
		return 0, nil, fail
	}
	if body.ID != nil {
		body.IDs = append(body.IDs, body.ID)
	}
	if len(body.IDs) == 0 {
		return 0, nil, required("subscription_ids")
	}
	var subs []*Subscription
	for _, id := range body.IDs {
		n, _ := strconv.ParseInt(idText(id), 10, 64)
		s := find(r.subscriptions, n)
		if s == nil || s.AddressID != in.pathID() && s.ID != in.pathID() {
			return 0, nil, notFound
		}
		if fail := r.writable(s.AddressID); fail != nil {
			return 0, nil, fail
		}
		if s.Status != "active" || s.Prepaid || !s.due(date) {
			return 0, nil, invalid("date", []string{"The date is not on the schedule."})
		}
		subs = append(subs, s)
	}
	c := Charge{AddressID: subs[0].AddressID, ScheduledAt: date, Status: "skipped"}
	for _, s := range subs {
		s.skippedDates[date] = true
		c.Items = append(c.Items, s.line())
		if s.Next == date {
			s.advance()
		}
		r.fireItem("skipped", s)
	}
	added := r.addCharge(c)
	view := r.showCharge(added)
	r.fireCharge("charge/created", added)
	r.changed(added.AddressID, in.flag("commit"))
	return http.StatusOK, map[string]any{"charge": view}, nil
}

// due reports whether a date is on the schedule of a subscription.
func (s *Subscription) due(date Text) bool {
	at := s.Next
	for at != "" && at < date {
		at = s.after(at)
	}
	return at == date
}
