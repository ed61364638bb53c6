package recharge

import (
	"context"
	"net/http"
)

// Skip skips items of a queued charge: subscriptions and onetimes by their ids. With
// all items, it skips the whole charge.
func (w *Writer) Skip(ctx context.Context, charge string, items ...string) (Charge, error) {
	return w.skip(ctx, "skip charge", "skip", charge, items)
}

// Unskip undoes Skip. It may be too late for it: the error is then Gone or Invalid.
func (w *Writer) Unskip(ctx context.Context, charge string, items ...string) (Charge, error) {
	return w.skip(ctx, "unskip charge", "unskip", charge, items)
}

func (w *Writer) skip(ctx context.Context, action, verb, charge string, items []string) (Charge, error) {
	r := request{action, http.MethodPost, path("charges", charge, verb), nil, body{"purchase_item_ids": numbers(items)}, "write_orders"}
	r.path = invalidUnless(allValid(items), r.path)
	// Skipping a part of a charge may answer with a new charge for it.
	return readObject(ctx, w.c, r, "charge", "", newCharge)
}

// SkipDate skips subscriptions of an address on a later date, for which there is no
// charge yet. The date has to be on the schedule.
func (w *Writer) SkipDate(ctx context.Context, address, date string, subscriptions ...string) (Charge, error) {
	r := request{"skip date", http.MethodPost, path("addresses", address, "charges", "skip"), nil,
		body{"date": date, "subscription_ids": numbers(subscriptions)}, "write_orders"}
	r.path = invalidUnless(allValid(subscriptions) && validDate(date), r.path)
	return readObject(ctx, w.c, r, "charge", "", newCharge)
}

// MoveCharge moves a queued charge, with all that is in it, to another date.
func (w *Writer) MoveCharge(ctx context.Context, charge, date string) (Charge, error) {
	r := request{"move charge", http.MethodPost, path("charges", charge, "change_next_charge_date"), nil,
		body{"next_charge_date": date}, "write_orders"}
	r.path = invalidUnless(validDate(date), r.path)
	return readObject(ctx, w.c, r, "charge", "", newCharge)
}

// ProcessCharge has a queued charge paid and delivered now. It can't be undone. Stores
// have it on request only.
func (w *Writer) ProcessCharge(ctx context.Context, charge string) (Charge, error) {
	r := request{"process charge", http.MethodPost, path("charges", charge, "process"), nil, nil, "write_payments"}
	return readObject(ctx, w.c, r, "charge", "", newCharge)
}
