package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
)

// A Notice is a webhook that is not about the shop's customers, but about the
// connection itself or about privacy. Of every other webhook it is zero.
type Notice struct {
	Uninstalled   bool                // Sidetext was removed from the store
	ScopesChanged bool                // of the access that the vendor grants
	Privacy       chat.PrivacyRequest // without an ID: none
}

// A NoticeReader reads a vendor's webhook as a Notice. An error says that the webhook is
// a notice, and unreadable.
type NoticeReader func(topic string, body []byte) (Notice, error)

// Privacy is what people may demand about their data.
type Privacy interface {
	// AddPrivacyRequest saves a request, unless one with its id is saved already.
	AddPrivacyRequest(ctx context.Context, r chat.PrivacyRequest) error
	FinishPrivacyRequest(ctx context.Context, shop chat.ShopID, id string, now time.Time) error
	ErasePerson(ctx context.Context, shop chat.ShopID, r chat.PrivacyRequest, now time.Time) error
	// EraseVendor erases everything that came from a vendor.
	EraseVendor(ctx context.Context, shop chat.ShopID, v chat.Vendor, now time.Time) error
}

// removedProblem is why a connection is broken whose app was removed.
func removedProblem(v chat.Vendor) chat.Problem {
	if v == chat.Recharge {
		return chat.Problem{Code: chat.ProblemUninstalled, Text: "Recharge was removed from the store. Once it is installed again, please connect it here again."}
	}
	return chat.Problem{Code: chat.ProblemUninstalled, Text: "The Sidetext app was removed from the store. Please install it again in Shopify's admin; then connect Shopify here again."}
}

// unappliedNotice is why a notice is set aside.
const unappliedNotice = "Sidetext could not do what this message from %s asks for. Please try it again; if that fails, too, the operator's log says more."

// readNotice reads a webhook as a Notice. A panic in it affects no other webhook.
func (d *Directory) readNotice(e Event) (n Notice, err error) {
	read := d.Notices[e.Vendor]
	if read == nil {
		return n, nil
	}
	defer func() {
		if p := recover(); p != nil {
			n, err = Notice{}, fmt.Errorf("panic: %T", p)
		}
	}()
	return read(e.Topic, e.Body)
}

// applyNotice does what a notice asks for and marks its webhook as applied. If the
// process ends in between, the notice is applied again, which changes nothing.
// unreadable is the error of reading it.
func (d *Directory) applyNotice(ctx context.Context, job chat.Delivery, e Event, n Notice, unreadable error, country string) error {
	if unreadable != nil {
		return d.setAside(ctx, e.Shop, e.ID, fmt.Sprintf(unreadableEvent, e.Vendor.Name()), unreadable)
	}
	if err := d.obey(ctx, e, n, country); err != nil {
		if !d.suspects(ctx, job, err) {
			return err
		}
		return d.setAside(ctx, e.Shop, e.ID, fmt.Sprintf(unappliedNotice, e.Vendor.Name()), err)
	}
	_, err := d.Store.ApplyEvents(ctx, e.Shop, []AppliedEvent{{ID: e.ID, Update: chat.DirectoryUpdate{Vendor: e.Vendor}}}, d.Now())
	return err
}

func (d *Directory) obey(ctx context.Context, e Event, n Notice, country string) error {
	d.Log.Info("notice received", "shop", e.Shop, "vendor", e.Vendor, "topic", e.Topic)
	switch {
	case n.Privacy.ID != "":
		return d.obeyPrivacy(ctx, e, n.Privacy, country)
	case n.Uninstalled:
		return d.uninstalled(ctx, e)
	}
	// Failing to start a check delays it: there is one every hour.
	if err := d.Recheck(ctx, e.Shop, e.Vendor); err != nil {
		d.Log.Warn("connection check not started", "shop", e.Shop, "vendor", e.Vendor, "error", err)
	}
	return nil
}

// uninstalled marks a connection as broken, unless it was connected again since.
func (d *Directory) uninstalled(ctx context.Context, e Event) error {
	c, err := d.Store.Connection(ctx, e.Shop, e.Vendor)
	if errors.Is(err, chat.ErrNotFound) {
		return nil
	}
	if err != nil || e.at().Before(c.ConnectedAt) {
		return err
	}
	return d.Store.SetConnectionStatus(ctx, e.Shop, e.Vendor, chat.ConnectionBroken, removedProblem(e.Vendor), d.Now())
}

// at is when the webhook was triggered, as far as that is known.
func (e Event) at() time.Time {
	if e.TriggeredAt.IsZero() {
		return e.ReceivedAt
	}
	return e.TriggeredAt
}

// obeyPrivacy lists a request for the merchant. What it wants erased is erased at once.
func (d *Directory) obeyPrivacy(ctx context.Context, e Event, r chat.PrivacyRequest, country string) error {
	period := r.Due.Sub(r.At)
	r.Shop, r.At = e.Shop, e.at()
	r.Due = r.At.Add(period)
	if phone, err := d.ParsePhone(string(r.Phone), country); err == nil {
		r.Phone = phone
	}
	if err := d.Store.AddPrivacyRequest(ctx, r); err != nil {
		return err
	}
	var err error
	switch r.Kind {
	case chat.PrivacyErase:
		err = d.Store.ErasePerson(ctx, e.Shop, r, d.Now())
	case chat.PrivacyEraseShop:
		err = d.eraseShop(ctx, e)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	return d.Store.FinishPrivacyRequest(ctx, e.Shop, r.ID, d.Now())
}

// eraseShop erases what came from the vendor. A store that has been connected again since
// its app was removed is read anew.
func (d *Directory) eraseShop(ctx context.Context, e Event) error {
	if err := d.Store.EraseVendor(ctx, e.Shop, e.Vendor, d.Now()); err != nil {
		return err
	}
	c, err := d.Store.Connection(ctx, e.Shop, e.Vendor)
	if errors.Is(err, chat.ErrNotFound) || err == nil && c.Status != chat.ConnectionActive {
		return nil
	}
	if err != nil {
		return err
	}
	if err := d.Store.StartReconciliation(ctx, c, d.Sources[e.Vendor].Parts(), time.Time{}, d.Now()); err != nil {
		return err
	}
	d.Wake()
	return nil
}
