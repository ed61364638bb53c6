package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// formerSecretLifetime is how long webhooks signed with a replaced secret are accepted:
// as long as a vendor repeats a webhook that was signed with it (Recharge: 48 hours;
// Shopify goes on using the old secret for up to an hour).
const formerSecretLifetime = 48 * time.Hour

// SaveConnection saves a shop's access to a vendor, in place of the one it had. A
// secret that is replaced is accepted for some time; see formerSecretLifetime. What
// waited for another account is deleted. An account that another shop is connected to
// is refused.
func (s *Store) SaveConnection(ctx context.Context, c chat.Connection) error {
	now := c.ConnectedAt
	if now.IsZero() {
		now = s.Now()
	}
	return s.write(ctx, "save a connection", func(tx tx) error {
		// One transaction at a time, so that no two shops get the same account.
		if err := tx.Exclusive("connections"); err != nil {
			return err
		}
		var taken int
		err := tx.Row(`SELECT COUNT(*) FROM connections WHERE vendor = $1 AND account = $2 AND shop <> $3`, string(c.Vendor), c.Account, string(c.Shop)).Scan(&taken)
		if err != nil {
			return err
		}
		if taken > 0 {
			return &chat.Error{Kind: chat.KindConflict, Code: "taken", Text: "Another shop here is connected to this " + c.Vendor.Name() + " store. Disconnect it there first, or check the store's name."}
		}
		former, err := s.scanConnection(tx.Row(connectionQuery+`shop = $1 AND vendor = $2`, string(c.Shop), string(c.Vendor)))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			c.FormerSecret, c.FormerUntil = "", time.Time{}
		case err != nil:
			return err
		case former.Account != c.Account:
			c.FormerSecret, c.FormerUntil = "", time.Time{}
			if err := tx.deleteVendorWork(former); err != nil {
				return err
			}
		case former.Secret != c.Secret:
			c.FormerSecret, c.FormerUntil = former.Secret, now.Add(formerSecretLifetime)
		default:
			c.FormerSecret, c.FormerUntil = former.FormerSecret, former.FormerUntil
		}
		if err := s.insertConnection(tx, c); err != nil {
			return err
		}
		return tx.makeVendorWorkDue(c, now)
	})
}

func (s *Store) insertConnection(tx tx, c chat.Connection) error {
	problem, err := connectionProblem(c.Problem)
	if err != nil {
		return err
	}
	// An optional secret that is missing is stored as it is, and Reencrypt skips it.
	token, former := "", ""
	if c.Token != "" {
		token = s.seal.encrypt(c.Token, c.Shop, "connections.token")
	}
	if c.FormerSecret != "" {
		former = s.seal.encrypt(c.FormerSecret, c.Shop, "connections.former_secret")
	}
	return tx.ExecLater(`
		INSERT INTO connections (`+connectionColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (shop, vendor) DO UPDATE SET account = excluded.account, client_id = excluded.client_id, token = excluded.token,
			secret = excluded.secret, former_secret = excluded.former_secret, former_until = excluded.former_until, endpoint = excluded.endpoint,
			status = excluded.status, problem = excluded.problem, scopes = excluded.scopes, registered = excluded.registered,
			settings = excluded.settings, connected_at = excluded.connected_at, checked_at = excluded.checked_at, refused_at = excluded.refused_at`,
		string(c.Shop), string(c.Vendor), c.Account, c.ClientID, token, s.seal.encrypt(c.Secret, c.Shop, "connections.secret"), former, micros(c.FormerUntil),
		c.Endpoint, string(cmp.Or(c.Status, chat.ConnectionActive)), problem, strings.Join(c.Scopes, " "), string(c.Registered), string(c.Settings),
		micros(c.ConnectedAt), micros(c.CheckedAt), micros(c.RefusedAt))
}

// connectionProblem returns a problem as it is stored: JSON, or "" if there is none.
func connectionProblem(p chat.Problem) (string, error) {
	if p == (chat.Problem{}) {
		return "", nil
	}
	text, _, err := problemText(&p)
	return text, err
}

// Connection returns a shop's access to a vendor.
func (s *Store) Connection(ctx context.Context, shop chat.ShopID, v chat.Vendor) (chat.Connection, error) {
	return s.connection(ctx, `shop = $1 AND vendor = $2`, string(shop), string(v))
}

// ConnectionAt returns the connection that a vendor's webhook is for, by the random
// part of the webhook's path.
func (s *Store) ConnectionAt(ctx context.Context, v chat.Vendor, endpoint string) (chat.Connection, error) {
	return s.connection(ctx, `endpoint = $1 AND vendor = $2`, endpoint, string(v))
}

func (s *Store) connection(ctx context.Context, where string, args ...any) (c chat.Connection, err error) {
	err = s.read(ctx, "find a connection", func(tx tx) error {
		c, err = s.scanConnection(tx.Row(connectionQuery+where, args...))
		return err
	})
	return c, err
}

// Connections lists the connections of all shops, for background work.
func (s *Store) Connections(ctx context.Context) (found []chat.Connection, err error) {
	err = s.read(ctx, "list connections", func(tx tx) error {
		found = found[:0]
		return tx.Rows(func(row sqldb.Scanner) error {
			c, err := s.scanConnection(row)
			found = append(found, c)
			return err
		}, connectionQuery+`1 = 1 ORDER BY shop, vendor`)
	})
	return found, err
}

const (
	connectionColumns = `shop, vendor, account, client_id, token, secret, former_secret, former_until, endpoint, status, problem, scopes, registered, settings, connected_at, checked_at, refused_at`
	connectionQuery   = `SELECT ` + connectionColumns + ` FROM connections WHERE `
)

func (s *Store) scanConnection(row sqldb.Scanner) (c chat.Connection, err error) {
	var token, secret, former, problem, scopes, registered, settings string
	var formerUntil, connectedAt, checkedAt, refusedAt int64
	err = row.Scan(&c.Shop, &c.Vendor, &c.Account, &c.ClientID, &token, &secret, &former, &formerUntil, &c.Endpoint, &c.Status,
		&problem, &scopes, &registered, &settings, &connectedAt, &checkedAt, &refusedAt)
	if err != nil {
		return c, err
	}
	c.Scopes, c.Registered, c.Settings = strings.Fields(scopes), []byte(registered), []byte(settings)
	c.FormerUntil, c.ConnectedAt, c.CheckedAt, c.RefusedAt = timeOf(formerUntil), timeOf(connectedAt), timeOf(checkedAt), timeOf(refusedAt)
	if problem != "" {
		if err := json.Unmarshal([]byte(problem), &c.Problem); err != nil {
			return c, fmt.Errorf("parse a problem: %w", err)
		}
	}
	if token != "" {
		if c.Token, err = s.seal.decrypt(token, c.Shop, "connections.token"); err != nil {
			return c, err
		}
	}
	if former != "" {
		if c.FormerSecret, err = s.seal.decrypt(former, c.Shop, "connections.former_secret"); err != nil {
			return c, err
		}
	}
	c.Secret, err = s.seal.decrypt(secret, c.Shop, "connections.secret")
	return c, err
}
