package store

import (
	"context"
	"reflect"
	"time"

	"sidetext/chat"
)

// An AppliedEvent says what becomes of a webhook: its update is applied to the
// directory or, with a problem, it is set aside as failed.
type AppliedEvent struct {
	ID      string
	Update  chat.DirectoryUpdate // normalized
	Problem string               // for people
}

// ApplyEvents applies the updates of webhooks, in their order and in one transaction.
// A webhook that is not waiting any more is skipped: another run has applied it, or
// its connection was removed. An applied webhook keeps its keys and loses its body.
func (s *Store) ApplyEvents(ctx context.Context, shop chat.ShopID, events []AppliedEvent, now time.Time) (change chat.DirectoryChange, err error) {
	err = s.write(ctx, "apply events", func(tx tx) error {
		change = chat.DirectoryChange{}
		if err := tx.Exclusive(directoryLock(shop)); err != nil {
			return err
		}
		var updates []chat.DirectoryUpdate
		for _, e := range events {
			waited, err := tx.endEvent(shop, e)
			if err != nil {
				return err
			}
			if waited && e.Problem == "" && !isEmptyUpdate(e.Update) {
				updates = append(updates, e.Update)
			}
		}
		if len(updates) == 0 {
			return nil
		}
		change, err = tx.applyUpdates(shop, updates, now)
		if err != nil {
			return err
		}
		return tx.addRefreshes(shop, change.Refresh, now)
	})
	if err != nil {
		return chat.DirectoryChange{}, err
	}
	return change, nil
}

// isEmptyUpdate reports whether an update says nothing, as that of a topic which is not
// about customers.
func isEmptyUpdate(u chat.DirectoryUpdate) bool { return reflect.ValueOf(u).IsZero() }

// directoryLock is the name that a transaction holds while it changes a shop's
// directory.
func directoryLock(shop chat.ShopID) string { return chat.DirectoryAccount(shop) }

// endEvent marks a webhook as applied or failed, and reports whether it was waiting.
func (tx tx) endEvent(shop chat.ShopID, e AppliedEvent) (waited bool, err error) {
	var n int64
	if e.Problem == "" {
		n, err = tx.Exec(`UPDATE events SET state = 'applied', body = '' WHERE id = $1 AND shop = $2 AND state = 'waiting'`, e.ID, string(shop))
	} else {
		n, err = tx.Exec(`UPDATE events SET state = 'failed', problem = $3 WHERE id = $1 AND shop = $2 AND state = 'waiting'`, e.ID, string(shop), e.Problem)
	}
	return n > 0, err
}

// addRefreshes adds the deliveries that read Recharge customers again, if the shop's
// connection to Recharge is in use.
func (tx tx) addRefreshes(shop chat.ShopID, customers []string, now time.Time) error {
	if len(customers) == 0 {
		return nil
	}
	c := chat.Connection{Shop: shop, Vendor: chat.Recharge}
	found := 0
	err := tx.Row(`SELECT COUNT(*), COALESCE(MAX(account), '') FROM connections WHERE shop = $1 AND vendor = $2 AND status = $3`,
		string(shop), string(c.Vendor), string(chat.ConnectionActive)).Scan(&found, &c.Account)
	if err != nil || found == 0 {
		return err
	}
	for _, customer := range customers {
		if err := tx.addDelivery(chat.NewRefreshDelivery(c, customer, now), now); err != nil {
			return err
		}
	}
	return nil
}
