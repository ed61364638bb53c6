package directory

import (
	"context"
	"errors"
	"fmt"

	"sidetext/chat"
)

// refreshCustomer reads a Recharge customer's objects again. A customer who is gone
// there needs no refresh: the deletion has its own webhook.
func (d *Directory) refreshCustomer(ctx context.Context, job chat.Delivery, p chat.RefreshPayload) error {
	c, err := d.Store.Connection(ctx, job.Shop, chat.Recharge)
	if errors.Is(err, chat.ErrNotFound) {
		return d.Store.Finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("directory: find connection: %w", err)
	}
	if err := usable(c); err != nil {
		return err
	}
	country, err := d.Country(ctx, job.Shop)
	if err != nil {
		return fmt.Errorf("directory: find country: %w", err)
	}
	u, err := d.Sources[chat.Recharge].Refresh(ctx, c, p.Customer)
	if isGone(err) {
		return d.Store.Finish(ctx, job)
	}
	if err != nil {
		return d.requestFailed(ctx, c, err)
	}
	u.Vendor = chat.Recharge
	u.Normalize(d.ParsePhone, country)
	change, err := d.Store.ApplyUpdate(ctx, job.Shop, u, d.Now())
	if err != nil {
		return fmt.Errorf("directory: save customer: %w", err)
	}
	d.publish(change)
	return d.Store.Finish(ctx, job)
}

// isGone reports whether an error says that the vendor has no such object any more.
func isGone(err error) bool {
	var failed *chat.SendError
	return errors.As(err, &failed) && failed.Outcome == chat.Rejected && failed.Problem.Code == "gone"
}
