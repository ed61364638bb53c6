package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A Duty is something that one node at a time does.
type Lease = chat.Lease

// MaxDuty is the longest that a duty can be taken for. One that ends later than
// that comes of a clock that has been set back since, and is as good as ended.
const MaxDuty = 10 * time.Minute

// Node is this process's name among those that share the database. After another
// start it is another.
func (s *Store) Node() string { return s.node }

// Hold takes a duty for as long as lease, MaxDuty at most, or renews it; renewing
// costs no write while more than half of the lease is left. What is somebody
// else's stays so until it ends. A duty is one node's at most at any time.
func (s *Store) AcquireLease(ctx context.Context, name string, now time.Time, lease time.Duration) (d Lease, err error) {
	lease = min(lease, MaxDuty)
	err = s.read(ctx, "look at a duty", func(tx tx) error {
		d, err = s.duty(tx.Row(`SELECT holder, until FROM duties WHERE name = $1`, name), now)
		return err
	})
	switch {
	case errors.Is(err, chat.ErrNotFound):
	case err != nil, !d.Held && d.Until.After(now), d.Held && d.Until.Sub(now) > lease/2:
		return d, err
	}
	err = s.write(ctx, "take a duty", func(tx tx) error {
		d, err = s.take(tx, name, now, lease)
		return err
	})
	return d, err
}

// duty reads whose a duty is. One that has ended is nobody's but its last
// holder's, who may go on.
func (s *Store) duty(row sqldb.Scanner, now time.Time) (d Lease, err error) {
	var holder string
	var until int64
	err = row.Scan(&holder, &until)
	d.Held, d.Until = holder == s.node, moment(until)
	if d.Until.Sub(now) > MaxDuty {
		d.Until = now
	}
	return d, err
}

func (s *Store) take(tx tx, name string, now time.Time, lease time.Duration) (Lease, error) {
	until := now.Add(lease).UTC().Truncate(time.Microsecond)
	for {
		const whose = `SELECT holder, until FROM duties WHERE name = $1`
		if err := tx.Lock(whose, name); err != nil {
			return Lease{}, err
		}
		d, err := s.duty(tx.Row(whose, name), now)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			n, err := tx.Exec(`INSERT INTO duties (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, name, s.node, micros(until))
			if err == nil && n == 0 {
				continue // somebody was quicker, and can be seen now
			}
			return Lease{Held: true, Fresh: true, Until: until}, err
		case err != nil, !d.Held && d.Until.After(now):
			return d, err
		}
		_, err = tx.Exec(`UPDATE duties SET holder = $1, until = $2 WHERE name = $3`, s.node, micros(until), name)
		return Lease{Held: true, Fresh: !d.Held, Until: until}, err
	}
}

// Release lets go of duties, so that others can take them at once: of all that
// are this node's when none is named. What is not this node's stays as it is.
func (s *Store) ReleaseLeases(ctx context.Context, names ...string) error {
	return s.write(ctx, "let go of duties", func(tx tx) error {
		if len(names) == 0 {
			_, err := tx.Exec(`DELETE FROM duties WHERE holder = $1`, s.node)
			return err
		}
		for _, name := range names {
			if _, err := tx.Exec(`DELETE FROM duties WHERE name = $1 AND holder = $2`, name, s.node); err != nil {
				return err
			}
		}
		return nil
	})
}

// Running lists what an account's carriers have in hand, 100 at most.
func (s *Store) InFlight(ctx context.Context, account string) (found []chat.Delivery, err error) {
	err = s.read(ctx, "list deliveries in hand", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			d, err := scanDelivery(row)
			found = append(found, d)
			return err
		}, `SELECT `+deliveryColumns+` FROM deliveries WHERE state = 'running' AND until > 0 AND account = $1 ORDER BY until LIMIT 100`, account)
	})
	return found, err
}

// Deserted lists the accounts whose carrier is gone with something in hand.
func (s *Store) Deserted(ctx context.Context, now time.Time) (accounts []string, err error) {
	err = s.read(ctx, "list deserted accounts", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			accounts = append(accounts, "")
			return row.Scan(&accounts[len(accounts)-1])
		}, `
			SELECT DISTINCT d.account FROM deliveries d WHERE d.state = 'running' AND d.until > 0 AND NOT EXISTS (
				SELECT 1 FROM duties o WHERE o.name = '`+chat.AccountDuty("")+`' || d.account AND o.until > $1 AND o.until <= $2)
			ORDER BY d.account`, micros(now), micros(now.Add(MaxDuty)))
	})
	return accounts, err
}

// Inherit is for the start, where no other node can be: who had duties before is
// gone, and what was being set up is long abandoned. Where other nodes may be, it
// leaves all to them, or to the end of their time.
func (s *Store) DropStaleLeases(ctx context.Context) error {
	if s.db.Shared() {
		return nil
	}
	return s.write(ctx, "inherit", func(tx tx) error {
		if _, err := tx.Exec(`DELETE FROM duties WHERE holder <> $1`, s.node); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE setups SET at = 1 WHERE state = 'doing'`)
		return err
	})
}
