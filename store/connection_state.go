package store

import (
	"context"
	"strings"
	"time"

	"sidetext/chat"
)

// SetConnectionStatus sets whether a connection is used. One that becomes active has
// its waiting deliveries due now, and its waiting webhooks applied. A connection that
// the merchant has paused stays paused when the vendor refuses a request that was under
// way.
func (s *Store) SetConnectionStatus(ctx context.Context, shop chat.ShopID, v chat.Vendor, status chat.ConnectionStatus, problem chat.Problem, now time.Time) error {
	if status == chat.ConnectionActive {
		problem = chat.Problem{}
	}
	text, err := connectionProblem(problem)
	if err != nil {
		return err
	}
	return s.write(ctx, "set a connection's status", func(tx tx) error {
		c := chat.Connection{Shop: shop, Vendor: v}
		err := tx.Row(`UPDATE connections SET
				problem = CASE WHEN status = 'paused' AND $3 = 'broken' THEN problem ELSE $4 END,
				status = CASE WHEN status = 'paused' AND $3 = 'broken' THEN status ELSE $3 END
			WHERE shop = $1 AND vendor = $2 RETURNING account`, string(shop), string(v), string(status), text).Scan(&c.Account)
		if err != nil || status != chat.ConnectionActive {
			return err
		}
		if err := tx.makeVendorWorkDue(c, now); err != nil {
			return err
		}
		return tx.addDelivery(chat.NewEventsDelivery(shop, now), now)
	})
}

// makeVendorWorkDue makes the deliveries due that were postponed because of the
// connection.
func (tx tx) makeVendorWorkDue(c chat.Connection, now time.Time) error {
	return tx.ExecLater(`UPDATE deliveries SET due = $1 WHERE shop = $2 AND account = $3 AND state = 'ready' AND due > $1`,
		micros(now), string(c.Shop), c.VendorAccount())
}

// SaveRegistration saves what a check of a connection found and registered, unless it
// was connected again since c was read.
func (s *Store) SaveRegistration(ctx context.Context, c chat.Connection) error {
	return s.write(ctx, "save a registration", func(tx tx) error {
		return tx.ExecLater(`UPDATE connections SET registered = $1, scopes = $2, settings = $3, checked_at = $4 WHERE shop = $5 AND vendor = $6 AND endpoint = $7`,
			string(c.Registered), strings.Join(c.Scopes, " "), string(c.Settings), micros(c.CheckedAt), string(c.Shop), string(c.Vendor), c.Endpoint)
	})
}

// SaveRefusedWebhook saves when a webhook with a wrong signature came to a connection; zero
// says that one with a right signature came since.
func (s *Store) SaveRefusedWebhook(ctx context.Context, c chat.Connection, at time.Time) error {
	return s.write(ctx, "save a refused webhook", func(tx tx) error {
		return tx.ExecLater(`UPDATE connections SET refused_at = $1 WHERE shop = $2 AND vendor = $3 AND endpoint = $4`,
			micros(at), string(c.Shop), string(c.Vendor), c.Endpoint)
	})
}

// RemoveConnection deletes a shop's access to a vendor, with the vendor's deliveries,
// waiting webhooks and reconciliations. What the directory knows stays.
func (s *Store) RemoveConnection(ctx context.Context, shop chat.ShopID, v chat.Vendor, now time.Time) error {
	return s.write(ctx, "remove a connection", func(tx tx) error { return tx.removeConnection(shop, v) })
}

func (tx tx) removeConnection(shop chat.ShopID, v chat.Vendor) error {
	c := chat.Connection{Shop: shop, Vendor: v}
	err := tx.Row(`DELETE FROM connections WHERE shop = $1 AND vendor = $2 RETURNING account`, string(shop), string(v)).Scan(&c.Account)
	if err != nil {
		return err
	}
	return tx.deleteVendorWork(c)
}

// deleteVendorWork deletes what waits to be done for a connection: its vendor's
// deliveries, webhooks that are not applied, and reconciliations.
func (tx tx) deleteVendorWork(c chat.Connection) error {
	shop, vendor := string(c.Shop), string(c.Vendor)
	if err := tx.ExecLater(`DELETE FROM deliveries WHERE shop = $1 AND account = $2`, shop, c.VendorAccount()); err != nil {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM events WHERE shop = $1 AND vendor = $2 AND state = 'waiting'`,
		`DELETE FROM events WHERE shop = $1 AND vendor = $2 AND state = 'failed'`,
		`DELETE FROM reconciliations WHERE shop = $1 AND vendor = $2`,
	} {
		if err := tx.ExecLater(statement, shop, vendor); err != nil {
			return err
		}
	}
	return nil
}
