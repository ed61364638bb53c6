package recharge

import (
	"net/http"
	"slices"
)

func (r *Recharge) listCharges(in *request) (int, any, *failure) {
	return page(r, in, list[*Charge]{"charges", r.charges, "updated_at scheduled_at", nil, r.showCharge})
}

func (r *Recharge) getCharge(in *request) (int, any, *failure) {
	return one(r, in, "charge", r.charges, r.showCharge)
}

func (r *Recharge) listOrders(in *request) (int, any, *failure) {
	return page(r, in, list[*Order]{"orders", r.orders, "updated_at scheduled_at processed_at", nil, r.showOrder})
}

func (r *Recharge) getOrder(in *request) (int, any, *failure) {
	return one(r, in, "order", r.orders, r.showOrder)
}

// charge returns the charge of a request that changes it. It has to have a status.
func (r *Recharge) charge(in *request, status string) (*Charge, *failure) {
	c := find(r.charges, in.pathID())
	if c == nil {
		return nil, notFound
	}
	if fail := r.writable(c.AddressID); fail != nil {
		return nil, fail
	}
	if c.Status != status {
		// The vendor's words are not known.
		return nil, invalid("status", []string{"Charge is not " + status + "."})
	}
	return c, nil
}

// touchCharge marks a charge as changed and has the charges of its address rebuilt.
func (r *Recharge) touchCharge(c *Charge, in *request) (int, any, *failure) {
	c.price()
	c.UpdatedAt.Time = now()
	r.fireCharge("charge/updated", c)
	view := r.showCharge(c)
	r.changed(c.AddressID, in.flag("commit"))
	return http.StatusOK, map[string]any{"charge": view}, nil
}

// moveCharge handles POST /charges/{id}/change_next_charge_date.
func (r *Recharge) moveCharge(in *request) (int, any, *failure) {
	c, fail := r.charge(in, "queued")
	if fail != nil {
		return 0, nil, fail
	}
	var body struct {
		Date string `json:"next_charge_date"`
	}
	if fail := in.decode(&body); fail != nil {
		return 0, nil, fail
	}
	date, fail := futureDate("next_charge_date", body.Date)
	if fail != nil {
		return 0, nil, fail
	}
	for _, item := range r.itemsOf(c) {
		item.setNext(date)
		r.fireItem("updated", item)
	}
	c.ScheduledAt = date
	return r.touchCharge(c, in)
}

// applyDiscount handles POST /charges/{id}/apply_discount. The next rebuild removes the
// discount (storefront.getrecharge.com/client/docs/methods/api/charge).
func (r *Recharge) applyDiscount(in *request) (int, any, *failure) {
	c, fail := r.charge(in, "queued")
	if fail != nil {
		return 0, nil, fail
	}
	var body struct {
		Code string `json:"discount_code"`
		ID   any    `json:"discount_id"`
	}
	if fail := in.decode(&body); fail != nil {
		return 0, nil, fail
	}
	i := slices.IndexFunc(r.account.Discounts, func(d Discount) bool {
		return body.Code != "" && d.Code == body.Code || number(d.ID)[0] == idText(body.ID)
	})
	switch {
	case i < 0:
		return 0, nil, invalid("discount_code", []string{"Discount does not exist."})
	case len(c.Discounts) > 0:
		return 0, nil, invalid("discount_code", []string{"A discount is already applied."})
	}
	c.Discounts = []Discount{r.account.Discounts[i]}
	return r.touchDiscount(c)
}

// removeDiscount handles POST /charges/{id}/remove_discount.
func (r *Recharge) removeDiscount(in *request) (int, any, *failure) {
	c, fail := r.charge(in, "queued")
	if fail != nil {
		return 0, nil, fail
	}
	c.Discounts = nil
	return r.touchDiscount(c)
}

// touchDiscount does not have the charges rebuilt, which would change the discounts.
func (r *Recharge) touchDiscount(c *Charge) (int, any, *failure) {
	c.price()
	c.UpdatedAt.Time = now()
	r.fireCharge("charge/updated", c)
	return http.StatusOK, map[string]any{"charge": r.showCharge(c)}, nil
}

// processNow handles POST /charges/{id}/process.
func (r *Recharge) processNow(in *request) (int, any, *failure) {
	c, fail := r.charge(in, "queued")
	if fail != nil {
		return 0, nil, fail
	}
	if !r.process(c, number(r.nextID())[0], "") {
		return 0, nil, notFound
	}
	return http.StatusOK, map[string]any{"charge": r.showCharge(c)}, nil
}

// process makes a charge successful. A rebuild that is due runs first; process returns
// false if that has removed the charge.
func (r *Recharge) process(c *Charge, orderID, orderNumber string) bool {
	if r.rebuilds[c.AddressID] {
		r.rebuild(c.AddressID)
	}
	if find(r.charges, c.ID) == nil {
		return false
	}
	c.Status, c.Error, c.ErrorType, c.RetryDate = "success", "", "", ""
	c.ProcessedAt.Time, c.UpdatedAt.Time, c.OrderID = now(), now(), External(orderID)
	c.Attempts++
	if p := find(r.customers, c.Customer.ID); p != nil && p.FirstCharge.IsZero() {
		p.FirstCharge.Time = now()
	}
	for _, item := range r.itemsOf(c) {
		item.advance()
		r.fireItem("updated", item)
	}
	order := r.addOrder(c, orderID, orderNumber)
	r.fireCharge("charge/paid", c)
	r.fire("order/created", "order", r.showOrder(order), c.Customer.ID)
	r.fire("order/processed", "order", r.showOrder(order), c.Customer.ID)
	r.rebuild(c.AddressID)
	return true
}
