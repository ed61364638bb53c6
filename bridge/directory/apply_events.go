package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidetext/chat"
)

// An Event is a stored webhook that was not applied yet.
type Event struct {
	ID string
	chat.VendorEvent
}

// An AppliedEvent says what becomes of a webhook: its update is applied or, with a
// problem, it is set aside for a person to look at.
type AppliedEvent struct {
	ID      string
	Update  chat.DirectoryUpdate
	Problem string // for people
}

// Events are the webhooks that vendors have sent.
type Events interface {
	// WaitingEvents lists a shop's webhooks, the oldest first, except those of
	// connections that are paused.
	WaitingEvents(ctx context.Context, shop chat.ShopID, limit int) ([]Event, error)
	// ApplyEvents applies webhooks in their order and in one transaction. Those that
	// are not waiting any more are skipped.
	ApplyEvents(ctx context.Context, shop chat.ShopID, events []AppliedEvent, now time.Time) (chat.DirectoryChange, error)
}

const (
	// eventBatch is how many webhooks are applied in one transaction. Texts wait for its
	// end, so it is short: 25 ms with SQLite.
	eventBatch = 100
	// suspectAfter is the try from which on webhooks are applied one by one although
	// the store says that it is unavailable: it also says so of data that the database
	// does not take.
	suspectAfter = 3
)

// Problems of webhooks that are set aside.
const (
	unreadableEvent = "Sidetext can't read this message from %s. Later ones are not affected. What it was about is read again with the next daily comparison."
	unappliedEvent  = "Sidetext could not save what this message from %s says. Later ones are not affected. Try it again; if that fails, too, the operator's log says more."
)

// applyEvents applies the webhooks of a shop that wait, batch by batch. A webhook that
// arrives after the last batch was read has added another delivery: this one is
// running, and is not the one that waits.
func (d *Directory) applyEvents(ctx context.Context, job chat.Delivery) error {
	began := time.Now()
	country, err := d.Country(ctx, job.Shop)
	if err != nil {
		return fmt.Errorf("directory: find country: %w", err)
	}
	for time.Since(began) < runTime {
		batch, err := d.Store.WaitingEvents(ctx, job.Shop, eventBatch)
		if err != nil {
			return fmt.Errorf("directory: list events: %w", err)
		}
		if len(batch) == 0 {
			return d.Store.Finish(ctx, job)
		}
		if err := d.applyBatch(ctx, job, batch, country); err != nil {
			return fmt.Errorf("directory: apply events: %w", err)
		}
	}
	now := d.Now()
	return d.Store.Continue(ctx, job, chat.NewEventsDelivery(job.Shop, now), now)
}

// applyBatch applies webhooks in their order: notices one by one, and those in between
// together.
func (d *Directory) applyBatch(ctx context.Context, job chat.Delivery, batch []Event, country string) error {
	var updates []AppliedEvent
	for _, e := range batch {
		notice, err := d.readNotice(e)
		if err == nil && notice == (Notice{}) {
			updates = append(updates, d.parse(e, country))
			continue
		}
		if err := d.applyUpdates(ctx, job, updates); err != nil {
			return err
		}
		updates = nil
		if err := d.applyNotice(ctx, job, e, notice, err, country); err != nil {
			return err
		}
	}
	return d.applyUpdates(ctx, job, updates)
}

// applyUpdates applies updates in one transaction, or one by one if that fails.
func (d *Directory) applyUpdates(ctx context.Context, job chat.Delivery, updates []AppliedEvent) error {
	if len(updates) == 0 {
		return nil
	}
	change, err := d.Store.ApplyEvents(ctx, job.Shop, updates, d.Now())
	if err == nil {
		d.publish(change)
		return nil
	}
	if !d.suspects(ctx, job, err) {
		return err
	}
	for _, u := range updates {
		if err := d.applyAlone(ctx, job.Shop, u); err != nil {
			return err
		}
	}
	return nil
}

// applyAlone applies one update, and sets its webhook aside if that is not possible. If
// it can't be set aside either, the store is at fault and not the webhook.
func (d *Directory) applyAlone(ctx context.Context, shop chat.ShopID, u AppliedEvent) (err error) {
	for range 2 {
		var change chat.DirectoryChange
		if change, err = d.Store.ApplyEvents(ctx, shop, []AppliedEvent{u}, d.Now()); err == nil {
			d.publish(change)
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
	}
	return d.setAside(ctx, shop, u.ID, fmt.Sprintf(unappliedEvent, u.Update.Vendor.Name()), err)
}

// suspects reports whether an error may be due to a webhook, and not to the store.
func (d *Directory) suspects(ctx context.Context, job chat.Delivery, err error) bool {
	return ctx.Err() == nil && (!errors.Is(err, chat.ErrUnavailable) || job.Tries >= suspectAfter)
}

// setAside has a webhook wait for a person.
func (d *Directory) setAside(ctx context.Context, shop chat.ShopID, id, problem string, cause error) error {
	d.Log.Error("event set aside", "shop", shop, "event", id, "error", cause)
	_, err := d.Store.ApplyEvents(ctx, shop, []AppliedEvent{{ID: id, Problem: problem}}, d.Now())
	return err
}

// parse reads a webhook. A panic in it affects no other webhook.
func (d *Directory) parse(e Event, country string) (applied AppliedEvent) {
	defer func() {
		if p := recover(); p != nil {
			d.Log.Error("event parsing panicked", "shop", e.Shop, "event", e.ID, "vendor", e.Vendor, "topic", e.Topic, "panic", fmt.Sprintf("%T", p))
			applied = AppliedEvent{ID: e.ID, Problem: fmt.Sprintf(unreadableEvent, e.Vendor.Name())}
		}
	}()
	u, err := d.Sources[e.Vendor].Parse(e.Topic, e.Body)
	if err != nil {
		d.Log.Warn("event unreadable", "shop", e.Shop, "event", e.ID, "vendor", e.Vendor, "topic", e.Topic)
		return AppliedEvent{ID: e.ID, Problem: fmt.Sprintf(unreadableEvent, e.Vendor.Name())}
	}
	u.Vendor = e.Vendor
	u.Normalize(d.ParsePhone, country)
	return AppliedEvent{ID: e.ID, Update: u}
}
