package directory

import (
	"context"
	"errors"
	"fmt"

	"sidetext/chat"
)

// writeConsent tells Shopify that a shopper wants no more texts: for each customer whose
// own phone it is. A phone that no customer has needs no telling.
func (d *Directory) writeConsent(ctx context.Context, job chat.Delivery, p chat.ConsentPayload) error {
	c, err := d.Store.Connection(ctx, job.Shop, chat.Shopify)
	if errors.Is(err, chat.ErrNotFound) {
		return d.Store.Finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("directory: find connection: %w", err)
	}
	if c.VendorAccount() != job.Account {
		return d.Store.Finish(ctx, job) // another store is connected now
	}
	if err := usable(c); err != nil {
		return err
	}
	phone, err := d.ShopperPhone(ctx, job.Shop, job.Conversation)
	if errors.Is(err, chat.ErrNotFound) {
		return d.Store.Finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("directory: find shopper: %w", err)
	}
	customers, err := d.Store.ShopifyCustomers(ctx, job.Shop, phone)
	if err != nil {
		return fmt.Errorf("directory: list customers: %w", err)
	}
	var refused error
	for _, id := range customers {
		err := d.Consents.RevokeSMSConsent(ctx, c, id, p.At)
		var failed *chat.SendError
		switch {
		case err == nil, isGone(err): // without a phone, too, there is no consent to withdraw
		case errors.As(err, &failed) && failed.Outcome == chat.Rejected && !failed.WholeAccount:
			refused = err // this customer only
		default:
			return d.consentFailed(ctx, c, err)
		}
	}
	if refused != nil {
		return refused
	}
	return d.Store.Finish(ctx, job)
}

// consentFailed is requestFailed, but a missing scope to write concerns only what is
// written: the rest of the connection still works.
func (d *Directory) consentFailed(ctx context.Context, c chat.Connection, err error) error {
	if problem, _ := isRefusal(err); problem.Code == "scope" {
		return &chat.SendError{Outcome: chat.Rejected, Problem: problem, Cause: err}
	}
	return d.requestFailed(ctx, c, err)
}
