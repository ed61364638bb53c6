package store

import (
	"context"
	"errors"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// An Event is a stored webhook of a vendor.
type Event struct {
	ID string
	chat.VendorEvent
	Problem string // of one that was set aside: why, for people
}

// AddEvent saves a webhook and the delivery that applies it. added is false if the
// webhook, or another of the same event, was saved before.
func (s *Store) AddEvent(ctx context.Context, e chat.VendorEvent) (added bool, err error) {
	if e.ReceivedAt.IsZero() {
		e.ReceivedAt = s.Now()
	}
	id, body := chat.NewID[string](e.ReceivedAt), string(e.Body)
	apply := chat.NewEventsDelivery(e.Shop, e.ReceivedAt)
	err = s.write(ctx, "add an event", func(tx tx) error {
		n, err := tx.Exec(`
			INSERT INTO events (id, shop, vendor, key, event, topic, body, state, received_at, triggered_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9) ON CONFLICT DO NOTHING`,
			id, string(e.Shop), string(e.Vendor), e.Key, e.EventID, e.Topic, body, micros(e.ReceivedAt), micros(e.TriggeredAt))
		if added = n > 0; err != nil || !added {
			return err
		}
		// The statement locks a delivery that waits already until this transaction
		// ends, so a run that does not see the event cannot be its last.
		return tx.addDelivery(apply, e.ReceivedAt)
	})
	return added && err == nil, err
}

// eventBatchBytes is how many bytes of webhooks are read at a time, or one webhook if
// that is larger.
const eventBatchBytes = 4 << 20

const eventQuery = `SELECT id, shop, vendor, key, event, topic, body, problem, received_at, triggered_at FROM events WHERE `

// WaitingEvents lists a shop's webhooks that have not been applied, the oldest first,
// limit at most, and fewer if they are large. Those of connections that are paused wait.
func (s *Store) WaitingEvents(ctx context.Context, shop chat.ShopID, limit int) (found []Event, err error) {
	err = s.read(ctx, "list events", func(tx tx) error {
		found, err = tx.events(eventQuery+`shop = $1 AND state = 'waiting'
			AND vendor NOT IN (SELECT c.vendor FROM connections c WHERE c.shop = $1 AND c.status = 'paused') ORDER BY id LIMIT $2`, string(shop), int64(limit))
		return err
	})
	return found, err
}

// FailedEvents lists a shop's webhooks that could not be applied, the newest first,
// limit at most, and returns how many there are in all.
func (s *Store) FailedEvents(ctx context.Context, shop chat.ShopID, limit int) (found []Event, total int, err error) {
	err = s.read(ctx, "list failed events", func(tx tx) error {
		if err := tx.Row(`SELECT COUNT(*) FROM events WHERE shop = $1 AND state = 'failed'`, string(shop)).Scan(&total); err != nil {
			return err
		}
		found, err = tx.events(eventQuery+`shop = $1 AND state = 'failed' ORDER BY id DESC LIMIT $2`, string(shop), int64(limit))
		return err
	})
	return found, total, err
}

// events reads the rows of a query in the order of eventQuery, until they have
// eventBatchBytes.
func (tx tx) events(query string, args ...any) (found []Event, err error) {
	size := 0
	err = tx.Rows(func(row sqldb.Scanner) error {
		var e Event
		var receivedAt, triggeredAt int64
		var body string
		if err := row.Scan(&e.ID, &e.Shop, &e.Vendor, &e.Key, &e.EventID, &e.Topic, &body, &e.Problem, &receivedAt, &triggeredAt); err != nil {
			return err
		}
		if size += len(body); size > eventBatchBytes && len(found) > 0 {
			return errBatchFull
		}
		e.Body, e.ReceivedAt, e.TriggeredAt = []byte(body), timeOf(receivedAt), timeOf(triggeredAt)
		found = append(found, e)
		return nil
	}, query, args...)
	if errors.Is(err, errBatchFull) {
		err = nil
	}
	return found, err
}

// errBatchFull ends the reading of rows.
var errBatchFull = errors.New("the batch is full")

// RetryEvents has a shop's webhooks that could not be applied tried again, and returns
// how many there are.
func (s *Store) RetryEvents(ctx context.Context, shop chat.ShopID, now time.Time) (retried int, err error) {
	err = s.write(ctx, "retry events", func(tx tx) error {
		n, err := tx.Exec(`UPDATE events SET state = 'waiting', problem = '' WHERE shop = $1 AND state = 'failed'`, string(shop))
		if retried = int(n); err != nil || n == 0 {
			return err
		}
		return tx.addDelivery(chat.NewEventsDelivery(shop, now), now)
	})
	return retried, err
}
