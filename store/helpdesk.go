package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// SaveHelpdesk saves a shop's connection, in place of the one it had. When it is to
// another account than the last one, the helpdesk's ids of shoppers and tickets are
// deleted, because in that account they name other customers and tickets.
func (s *Store) SaveHelpdesk(ctx context.Context, h chat.Helpdesk, now time.Time) error {
	agents, err := json.Marshal(h.Agents)
	if err != nil {
		return err
	}
	return s.write(ctx, "save a helpdesk", func(tx tx) error {
		if err := tx.saveHelpdeskAccount(h.Shop, h.Account); err != nil {
			return err
		}
		_, err := tx.Exec(`
			INSERT INTO helpdesks (shop, account, username, api_key, secret, endpoint, made, agents, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (shop) DO UPDATE SET account = excluded.account, username = excluded.username, api_key = excluded.api_key,
				secret = excluded.secret, endpoint = excluded.endpoint, made = excluded.made,
				agents = excluded.agents, at = excluded.at`,
			string(h.Shop), h.Account, h.Username, s.seal.encrypt(h.Key, h.Shop, "helpdesks.api_key"), s.seal.encrypt(h.Secret, h.Shop, "helpdesks.secret"),
			h.Endpoint, string(h.Made), string(agents), micros(now))
		if err != nil {
			return err
		}
		// Deliveries that were postponed because of the old connection are due now.
		_, err = tx.Exec(`UPDATE deliveries SET due = $1 WHERE shop = $2 AND state = 'ready' AND `+helpdeskKinds()+` AND due > $1`,
			micros(now), string(h.Shop))
		return err
	})
}

// saveHelpdeskAccount saves which helpdesk account a shop's ids belong to. When the
// account changes, it deletes the ids and the deliveries for the old account.
func (tx tx) saveHelpdeskAccount(shop chat.ShopID, account string) error {
	moved, err := tx.Exec(`UPDATE shops SET desk = $1 WHERE id = $2 AND desk <> $1`, account, string(shop))
	if err != nil || moved == 0 {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM deliveries WHERE shop = $1 AND ` + helpdeskKinds(),
		`UPDATE shoppers SET customer = '' WHERE shop = $1 AND customer <> ''`,
		`UPDATE tickets SET lost = 1, open = 0, remote = '' WHERE shop = $1 AND remote <> ''`,
	} {
		if _, err := tx.Exec(statement, string(shop)); err != nil {
			return err
		}
	}
	return nil
}

// RemoveHelpdesk deletes a shop's connection and its deliveries for the helpdesk,
// and signs its agents out.
func (s *Store) RemoveHelpdesk(ctx context.Context, shop chat.ShopID, now time.Time) error {
	return s.write(ctx, "remove a helpdesk", func(tx tx) error {
		for _, statement := range []string{
			`DELETE FROM deliveries WHERE shop = $1 AND ` + helpdeskKinds(),
			`DELETE FROM helpdesks WHERE shop = $1`,
		} {
			if _, err := tx.Exec(statement, string(shop)); err != nil {
				return err
			}
		}
		return tx.signOut(shop, nil, helpdeskRemoved, now)
	})
}

// Helpdesk returns a shop's connection.
func (s *Store) Helpdesk(ctx context.Context, shop chat.ShopID) (chat.Helpdesk, error) {
	return s.helpdesk(ctx, `shop = $1`, string(shop))
}

// HelpdeskAt returns the connection that a helpdesk's webhook is for, by the random
// part of the webhook's path.
func (s *Store) HelpdeskAt(ctx context.Context, endpoint string) (chat.Helpdesk, error) {
	return s.helpdesk(ctx, `endpoint = $1`, endpoint)
}

func (s *Store) helpdesk(ctx context.Context, where, value string) (h chat.Helpdesk, err error) {
	err = s.read(ctx, "find a helpdesk", func(tx tx) error {
		h, err = s.scanHelpdesk(tx.Row(helpdeskQuery+where, value))
		return err
	})
	return h, err
}

const helpdeskQuery = `SELECT shop, account, username, api_key, secret, endpoint, made, agents FROM helpdesks WHERE `

func (s *Store) scanHelpdesk(row sqldb.Scanner) (h chat.Helpdesk, err error) {
	var key, secret, made, agents string
	if err = row.Scan(&h.Shop, &h.Account, &h.Username, &key, &secret, &h.Endpoint, &made, &agents); err != nil {
		return h, err
	}
	h.Made = []byte(made)
	if h.Key, err = s.seal.decrypt(key, h.Shop, "helpdesks.api_key"); err != nil {
		return h, err
	}
	if h.Secret, err = s.seal.decrypt(secret, h.Shop, "helpdesks.secret"); err != nil {
		return h, err
	}
	if err = json.Unmarshal([]byte(agents), &h.Agents); err != nil {
		return h, fmt.Errorf("parse agents: %w", err)
	}
	return h, nil
}

// Helpdesks lists all connections, for background work.
func (s *Store) Helpdesks(ctx context.Context) (found []chat.Helpdesk, err error) {
	err = s.read(ctx, "list helpdesks", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			h, err := s.scanHelpdesk(row)
			found = append(found, h)
			return err
		}, helpdeskQuery+`1 = 1 ORDER BY shop`)
	})
	return found, err
}

// OpenEscalations lists a shop's conversations with an open escalation.
func (s *Store) OpenEscalations(ctx context.Context, shop chat.ShopID) (found []chat.ConversationID, err error) {
	err = s.read(ctx, "list open escalations", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			found = append(found, "")
			return row.Scan(&found[len(found)-1])
		}, `SELECT conversation FROM escalations WHERE shop = $1 AND ended_at = 0`, string(shop))
	})
	return found, err
}

// OpenTickets lists a shop's conversations whose newest ticket is open in the
// helpdesk, according to the last sync.
func (s *Store) OpenTickets(ctx context.Context, shop chat.ShopID) (found []chat.ConversationID, err error) {
	err = s.read(ctx, "list open tickets", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			found = append(found, "")
			return row.Scan(&found[len(found)-1])
		}, `SELECT conversation FROM tickets WHERE shop = $1 AND open = 1 AND lost = 0 AND remote <> ''`, string(shop))
	})
	return found, err
}

// SaveInstallation saves what was installed in a helpdesk, unless the helpdesk was
// connected again since h was read.
func (s *Store) SaveInstallation(ctx context.Context, h chat.Helpdesk) error {
	return s.write(ctx, "save installation", func(tx tx) error {
		_, err := tx.Exec(`UPDATE helpdesks SET made = $1 WHERE shop = $2 AND endpoint = $3`, string(h.Made), string(h.Shop), h.Endpoint)
		return err
	})
}
