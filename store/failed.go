package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A Failure is a delivery that is not retried unless a merchant decides so.
type Failure struct {
	chat.Delivery              // with its Problem
	Shopper       chat.Shopper // of the conversation that it is about, or zero
	Remote        string       // the helpdesk's id of the ticket, or empty
}

// Failures lists a shop's failed deliveries, the newest first, limit at most, and
// returns how many there are in all.
func (s *Store) Failures(ctx context.Context, shop chat.ShopID, limit int) (found []Failure, total int, err error) {
	err = s.read(ctx, "list failed deliveries", func(tx tx) error {
		if err := tx.Row(`SELECT COUNT(*) FROM deliveries WHERE shop = $1 AND state = 'failed'`, string(shop)).Scan(&total); err != nil {
			return err
		}
		return tx.Rows(func(row sqldb.Scanner) error {
			f, err := scanFailure(row)
			found = append(found, f)
			return err
		}, `
			SELECT found.*, COALESCE(p.id, ''), COALESCE(p.phone, ''), COALESCE(p.name, ''), COALESCE(p.email, ''), `+shopperPurchased+`, COALESCE(p.customer, ''), COALESCE(k.remote, '')
			FROM (SELECT `+deliveryColumns+`, problem FROM deliveries WHERE shop = $1 AND state = 'failed' ORDER BY id DESC LIMIT $2) AS found
				LEFT JOIN conversations c ON c.id = found.conversation AND c.shop = found.shop
				LEFT JOIN shoppers p ON p.id = c.shopper AND p.shop = found.shop
				LEFT JOIN tickets k ON k.id = c.ticket AND k.shop = found.shop
			ORDER BY found.id DESC`, string(shop), int64(limit))
	})
	return found, total, err
}

func scanFailure(row sqldb.Scanner) (f Failure, err error) {
	var problem string
	var purchased int64
	p := &f.Shopper
	f.Delivery, err = scanDelivery(row, &problem, &p.ID, &p.Phone, &p.Name, &p.Email, &purchased, &p.Customer, &f.Remote)
	f.Problem, p.Purchased = problem, purchased == 1
	if p.ID != "" {
		p.Shop = f.Delivery.Shop
	}
	if f.Ticket != "" {
		f.Remote = f.Ticket
	}
	return f, err
}

// Retry makes a failed delivery ready again. Its tries are kept: the handler then
// checks whether an earlier try succeeded after all.
func (s *Store) Retry(ctx context.Context, shop chat.ShopID, id chat.DeliveryID, now time.Time) error {
	return s.write(ctx, "retry a delivery", func(tx tx) error { return tx.retry(shop, id, now) })
}

func (tx tx) retry(shop chat.ShopID, id chat.DeliveryID, now time.Time) error {
	var kind chat.DeliveryKind
	var lane string
	var tries int64
	err := tx.Row(`SELECT kind, lane, tries FROM deliveries WHERE id = $1 AND shop = $2 AND state = 'failed'`, string(id), string(shop)).Scan(&kind, &lane, &tries)
	if err != nil {
		return err
	}
	if kind.Spec().Dedupe == chat.OneReadyPerLane {
		// Another one that is ready does the work. Its tries never decrease.
		other, err := tx.Exec(`
			UPDATE deliveries SET due = $1, calm = 0, tries = CASE WHEN tries < $2 THEN $2 ELSE tries END
			WHERE lane = $3 AND state = 'ready' AND single = 1 AND shop = $4`, micros(now), tries, lane, string(shop))
		if err != nil {
			return err
		}
		if other > 0 {
			return tx.dismiss(shop, id)
		}
	}
	_, err = tx.Exec(`UPDATE deliveries SET state = 'ready', due = $1, calm = 0, problem = '' WHERE id = $2 AND shop = $3 AND state = 'failed'`,
		micros(now), string(id), string(shop))
	return err
}

// RetryAll retries every failed delivery of a shop and returns their number. After
// an error some are retried; calling it again does the rest.
func (s *Store) RetryAll(ctx context.Context, shop chat.ShopID, now time.Time) (retried int, err error) {
	for last := chat.DeliveryID(""); ; {
		var ids []chat.DeliveryID
		// In batches, so that incoming texts do not wait for one long transaction.
		err := s.write(ctx, "retry deliveries", func(tx tx) error {
			ids = nil
			err := tx.Rows(func(row sqldb.Scanner) error {
				ids = append(ids, "")
				return row.Scan(&ids[len(ids)-1])
			}, `SELECT id FROM deliveries WHERE shop = $1 AND state = 'failed' AND id > $2 ORDER BY id LIMIT 50`, string(shop), string(last))
			for _, id := range ids {
				if err == nil {
					err = tx.retry(shop, id, now)
				}
			}
			return err
		})
		if err != nil || len(ids) == 0 {
			return retried, err
		}
		retried, last = retried+len(ids), ids[len(ids)-1]
	}
}

// Dismiss deletes a failed delivery.
func (s *Store) Dismiss(ctx context.Context, shop chat.ShopID, id chat.DeliveryID) error {
	return s.write(ctx, "dismiss a delivery", func(tx tx) error { return tx.dismiss(shop, id) })
}

func (tx tx) dismiss(shop chat.ShopID, id chat.DeliveryID) error {
	n, err := tx.Exec(`DELETE FROM deliveries WHERE id = $1 AND shop = $2 AND state = 'failed'`, string(id), string(shop))
	if err == nil && n == 0 {
		err = chat.ErrNotFound
	}
	return err
}
