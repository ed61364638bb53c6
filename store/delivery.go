package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sidetext/chat"
)

const deliveryColumns = `id, shop, kind, account, lane, place, conversation, entry, body, ticket, calm, due, tries, until`

func scanDelivery(row scanner) (chat.Delivery, error) {
	var d chat.Delivery
	var calm, due, until int64
	err := row.Scan(&d.ID, &d.Shop, &d.Kind, &d.Account, &d.Lane, &d.Place, &d.Conversation, &d.Entry, &d.Text, &d.Ticket, &calm, &due, &d.Tries, &until)
	d.Urgent, d.Due, d.Until = calm == 0, moment(due), moment(until)
	return d, err
}

// deliver keeps a delivery. A ticket that already waits to be synced needs no
// second one.
func (l link) deliver(d chat.Delivery) error {
	_, err := l.exec(`
		INSERT INTO deliveries (`+deliveryColumns+`, state, problem)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 'ready', '') ON CONFLICT DO NOTHING`,
		string(d.ID), string(d.Shop), string(d.Kind), d.Account, d.Lane, d.Place, string(d.Conversation), d.Entry, d.Text, d.Ticket,
		truth(!d.Urgent), micros(d.Due), int64(d.Tries))
	return err
}

// Waiting lists the accounts that have something to do by now. It seeks from
// account to account instead of reading a backlog through.
func (s *Store) Waiting(ctx context.Context, now time.Time) (accounts []string, err error) {
	err = s.read(ctx, "list accounts with deliveries", func(l link) error {
		for account := ""; ; {
			err := l.row(`SELECT account FROM deliveries WHERE state = 'ready' AND account > $1 ORDER BY account LIMIT 1`, account).Scan(&account)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err != nil {
				return err
			}
			var due int64
			err = l.row(`SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE state = 'ready' AND account = $1 AND calm IN (0, 1) AND due <= $2 LIMIT 1) AS next`,
				account, micros(now)).Scan(&due)
			if err != nil {
				return err
			}
			if due > 0 {
				accounts = append(accounts, account)
			}
		}
	})
	return accounts, err
}

// Claim takes up to n of an account's deliveries, those somebody waits for
// first. Of a lane only the first comes, and only when none is being worked on.
// They are the caller's until the lease ends.
func (s *Store) Claim(ctx context.Context, account string, n int, now time.Time, lease time.Duration) (mine []chat.Delivery, err error) {
	err = s.write(ctx, "claim deliveries", func(l link) error {
		mine = mine[:0]
		// One after the other: in one statement those put off to later would be
		// read through, however many they are.
		for _, urgent := range []bool{true, false} {
			if err := l.claim(&mine, account, urgent, n-len(mine), now, lease); err != nil {
				return err
			}
		}
		return nil
	})
	return mine, err
}

func (l link) claim(mine *[]chat.Delivery, account string, urgent bool, n int, now time.Time, lease time.Duration) error {
	if n <= 0 {
		return nil
	}
	return l.rows(func(row scanner) error {
		d, err := scanDelivery(row)
		*mine = append(*mine, d)
		return err
	}, `
		UPDATE deliveries SET state = 'running', until = $1, tries = tries + 1 WHERE state = 'ready' AND id IN (
			SELECT d.id FROM deliveries d
			WHERE d.account = $2 AND d.state = 'ready' AND d.calm = $3 AND d.due <= $4 AND NOT EXISTS (
				SELECT 1 FROM deliveries e WHERE e.lane = d.lane AND e.state <> 'failed'
					AND (e.place < d.place OR (e.state = 'running' AND e.id <> d.id)))
			ORDER BY d.due LIMIT $5)
		RETURNING `+deliveryColumns,
		micros(now.Add(lease)), account, truth(!urgent), micros(now), int64(n))
}

// Finish removes a delivery that is done.
func (s *Store) Finish(ctx context.Context, d chat.Delivery) error {
	return s.write(ctx, "finish a delivery", func(l link) error { return l.finish(d) })
}

func (l link) finish(d chat.Delivery) error {
	_, err := l.exec(`DELETE FROM deliveries WHERE id = $1 AND shop = $2`, string(d.ID), string(d.Shop))
	return err
}

// PutOff gives a delivery back, to be tried again later. When another like it
// has come to wait in the meantime, that one will do, no sooner. Whoever lost
// the delivery to a later claim changes nothing.
func (s *Store) PutOff(ctx context.Context, d chat.Delivery, due time.Time, problem string) error {
	return s.write(ctx, "put off a delivery", func(l link) error {
		other, err := l.exec(`
			UPDATE deliveries SET due = $1, tries = $2, problem = $3
			WHERE lane = $4 AND id <> $5 AND state = 'ready' AND kind = $6 AND kind = 'ticket' AND shop = $7
				AND EXISTS (SELECT 1 FROM deliveries d WHERE d.id = $5 AND d.state = 'running' AND d.tries = $2)`,
			micros(due), int64(d.Tries), problem, d.Lane, string(d.ID), string(d.Kind), string(d.Shop))
		if err != nil || other > 0 {
			if err == nil {
				err = l.finish(d)
			}
			return err
		}
		_, err = l.exec(`UPDATE deliveries SET state = 'ready', until = 0, due = $1, problem = $2 WHERE id = $3 AND shop = $4 AND state = 'running' AND tries = $5`,
			micros(due), problem, string(d.ID), string(d.Shop), int64(d.Tries))
		return err
	})
}

// GiveUp keeps a delivery as failed, with the reason, and lets its lane go on,
// unless it was lost to a later claim.
func (s *Store) GiveUp(ctx context.Context, d chat.Delivery, problem string) error {
	return s.write(ctx, "give up a delivery", func(l link) error {
		_, err := l.exec(`UPDATE deliveries SET state = 'failed', until = 0, problem = $1 WHERE id = $2 AND shop = $3 AND state = 'running' AND tries = $4`,
			problem, string(d.ID), string(d.Shop), int64(d.Tries))
		return err
	})
}

// Overdue lists deliveries whose lease has ended: whoever had them is gone, or
// stuck, and how far they came is not known.
func (s *Store) Overdue(ctx context.Context, now time.Time) (found []chat.Delivery, err error) {
	err = s.read(ctx, "list overdue deliveries", func(l link) error {
		return l.rows(func(row scanner) error {
			d, err := scanDelivery(row)
			found = append(found, d)
			return err
		}, `SELECT `+deliveryColumns+` FROM deliveries WHERE state = 'running' AND until < $1 LIMIT 100`, micros(now))
	})
	return found, err
}

// A Backlog is how much an account still has to do.
type Backlog struct {
	Account                string
	Ready, Running, Failed int64
	Problem                string // a reason why something could not be done yet, if there is one
}

// Backlogs says how much a shop's accounts still have to do.
func (s *Store) Backlogs(ctx context.Context, shop chat.ShopID) (found []Backlog, err error) {
	err = s.read(ctx, "read backlogs", func(l link) error {
		return l.rows(func(row scanner) error {
			var b Backlog
			err := row.Scan(&b.Account, &b.Ready, &b.Running, &b.Failed, &b.Problem)
			found = append(found, b)
			return err
		}, `SELECT account, SUM(CASE WHEN state = 'ready' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'running' THEN 1 ELSE 0 END),
				SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), MAX(problem)
			FROM deliveries WHERE shop = $1 GROUP BY account ORDER BY account`, string(shop))
	})
	return found, err
}

// attempt keeps an attempt, or what has become known of it.
func (l link) attempt(a chat.Attempt) error {
	_, err := l.exec(`
		INSERT INTO attempts (id, shop, line, conversation, entry, provider, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET provider = excluded.provider WHERE attempts.provider = ''`,
		string(a.ID), string(a.Shop), string(a.Line), string(a.Conversation), a.Entry, a.Provider, micros(a.At))
	return err
}

// Attempt finds the attempt that a provider's report is about: by our token, or
// else by the provider's name for the text.
func (s *Store) Attempt(ctx context.Context, line chat.Line, token chat.AttemptID, provider string) (a chat.Attempt, err error) {
	err = s.read(ctx, "find an attempt", func(l link) error {
		var at int64
		which, name := `id = $3`, string(token)
		if token == "" {
			which, name = `provider = $3 AND provider <> ''`, provider
		}
		err := l.row(`SELECT id, shop, line, conversation, entry, provider, at FROM attempts WHERE line = $1 AND shop = $2 AND `+which,
			string(line.ID), string(line.Shop), name).Scan(&a.ID, &a.Shop, &a.Line, &a.Conversation, &a.Entry, &a.Provider, &at)
		a.At = moment(at)
		return err
	})
	return a, err
}

// done removes a delivery in the turn that finished it. A ticket that says
// everything now is no failed one any more.
func (l link) done(shop chat.ShopID, id chat.DeliveryID) error {
	var kind, lane string
	err := l.row(`DELETE FROM deliveries WHERE id = $1 AND shop = $2 RETURNING kind, lane`, string(id), string(shop)).Scan(&kind, &lane)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil && kind == string(chat.SyncTicket) {
		_, err = l.exec(`DELETE FROM deliveries WHERE shop = $1 AND lane = $2 AND kind = $3 AND state = 'failed'`, string(shop), lane, kind)
	}
	return err
}
