package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

const deliveryColumns = `id, shop, kind, account, lane, place, conversation, ticket, payload, calm, at, due, tries, until`

// scanDelivery reads deliveryColumns, and into more the columns after them.
func scanDelivery(row sqldb.Scanner, more ...any) (chat.Delivery, error) {
	var d chat.Delivery
	var calm, at, due, until int64
	err := row.Scan(append([]any{&d.ID, &d.Shop, &d.Kind, &d.Account, &d.Lane, &d.Place, &d.Conversation, &d.Ticket, &d.Payload,
		&calm, &at, &due, &d.Tries, &until}, more...)...)
	d.Urgent, d.At, d.Due, d.Until = calm == 0, timeOf(at), timeOf(due), timeOf(until)
	return d, err
}

const insertDelivery = `
	INSERT INTO deliveries (` + deliveryColumns + `, state, problem, single)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $16) `

// insertByDedupe has, by kind of duplicate, the statement that inserts a delivery or
// changes the one that exists already.
var insertByDedupe = map[chat.Dedupe]string{
	chat.ByID: insertDelivery + `ON CONFLICT (id) DO NOTHING`,
	// A failed one becomes ready again.
	chat.ByIDEarliest: insertDelivery + `ON CONFLICT (id) DO UPDATE SET
		state = CASE WHEN deliveries.state = 'failed' THEN excluded.state ELSE deliveries.state END,
		problem = CASE WHEN deliveries.state = 'failed' THEN excluded.problem ELSE deliveries.problem END,
		due = CASE WHEN excluded.due < deliveries.due THEN excluded.due ELSE deliveries.due END,
		calm = CASE WHEN excluded.calm < deliveries.calm THEN excluded.calm ELSE deliveries.calm END
		WHERE deliveries.shop = excluded.shop`,
	chat.OneReadyPerLane: insertDelivery + `ON CONFLICT (lane) WHERE state = 'ready' AND single = 1 DO UPDATE SET calm = 0 WHERE excluded.calm = 0 AND deliveries.calm = 1`,
}

// addDelivery saves a new delivery: as ready or, when it has a problem, as failed.
func (tx tx) addDelivery(d chat.Delivery, now time.Time) error {
	dedupe, state := d.Kind.Spec().Dedupe, "ready"
	if d.Problem != "" {
		state = "failed"
	}
	return tx.ExecLater(insertByDedupe[dedupe],
		string(d.ID), string(d.Shop), string(d.Kind), d.Account, d.Lane, d.Place, string(d.Conversation), d.Ticket, d.Payload,
		boolInt(!d.Urgent), micros(now), micros(d.Due), int64(d.Tries), state, d.Problem, boolInt(dedupe == chat.OneReadyPerLane))
}

// DueAccounts lists the accounts with a delivery that is due.
func (s *Store) DueAccounts(ctx context.Context, now time.Time) (accounts []string, err error) {
	err = s.read(ctx, "list accounts with deliveries", func(tx tx) error {
		return tx.accounts(func(account string) error {
			var due int64
			err := tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE state = 'ready' AND account = $1 AND calm IN (0, 1) AND due <= $2 LIMIT 1) AS next`,
				account, micros(now)).Scan(&due)
			if due > 0 {
				accounts = append(accounts, account)
			}
			return err
		})
	})
	return accounts, err
}

// accounts calls do for each account with a ready delivery. It seeks from one to
// the next in an index instead of scanning the backlog.
func (tx tx) accounts(do func(account string) error) error {
	for account := ""; ; {
		err := tx.Row(`SELECT account FROM deliveries WHERE state = 'ready' AND account > $1 ORDER BY account LIMIT 1`, account).Scan(&account)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = do(account)
		}
		if err != nil {
			return err
		}
	}
}

// Claim claims up to limit of an account's due deliveries, urgent ones first, and
// among them up to calmLimit that are not urgent. Of a lane it claims only the
// first, and only when no other of the lane is running. The claim expires after
// lease, MaxClaim at most.
func (s *Store) Claim(ctx context.Context, account string, limit, calmLimit int, now time.Time, lease time.Duration) (claimed []chat.Delivery, err error) {
	err = s.write(ctx, "claim deliveries", func(tx tx) error {
		claimed = claimed[:0]
		// In two statements, because one would scan all that are postponed.
		if err := tx.claim(&claimed, account, true, limit, now, lease); err != nil {
			return err
		}
		return tx.claim(&claimed, account, false, min(calmLimit, limit-len(claimed)), now, lease)
	})
	return claimed, err
}

func (tx tx) claim(claimed *[]chat.Delivery, account string, urgent bool, n int, now time.Time, lease time.Duration) error {
	if n <= 0 {
		return nil
	}
	// Whether a row is the first of its lane takes one index seek, however long the
	// lane is. MATERIALIZED makes the database search the rows once. Only running rows
	// have an until.
	return tx.Rows(func(row sqldb.Scanner) error {
		d, err := scanDelivery(row)
		*claimed = append(*claimed, d)
		return err
	}, `
		WITH next AS MATERIALIZED (
			SELECT d.id FROM deliveries d
			WHERE d.account = $2 AND d.state = 'ready' AND d.calm = $3 AND d.due <= $4
				AND d.id = (SELECT e.id FROM deliveries e WHERE e.lane = d.lane AND e.state <> 'failed' ORDER BY e.place, e.id LIMIT 1)
				AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.lane = d.lane AND e.state <> 'failed' AND e.until > 0 AND e.id <> d.id)
			ORDER BY d.due LIMIT $5)
		UPDATE deliveries SET state = 'running', until = $1, tries = tries + 1 WHERE state = 'ready' AND id IN (SELECT id FROM next)
		RETURNING `+deliveryColumns,
		micros(now.Add(min(lease, MaxClaim))), account, boolInt(!urgent), micros(now), int64(n))
}

// Finish deletes a delivery that is done. It changes nothing when the claim was
// lost: then the delivery runs again. A handler whose work must not be repeated
// checks its claim first.
func (s *Store) Finish(ctx context.Context, d chat.Delivery) error {
	return s.write(ctx, "finish a delivery", func(tx tx) error { return tx.finish(d) })
}

// Continue deletes a delivery and adds another one that goes on with its work, in one
// transaction. It changes nothing when the claim was lost: then the delivery runs again.
func (s *Store) Continue(ctx context.Context, d, next chat.Delivery, now time.Time) error {
	return s.write(ctx, "continue a delivery", func(tx tx) error {
		n, err := tx.Exec(`DELETE FROM deliveries WHERE `+ownClaim, claimArgs(d)...)
		if err != nil || n == 0 {
			return err
		}
		return tx.addDelivery(next, now)
	})
}

// ownClaim is the condition that a delivery is still claimed for this try, with the
// arguments of claimArgs. Each claim raises tries, so an older claim changes
// nothing (a fencing token).
const ownClaim = `id = $1 AND shop = $2 AND state = 'running' AND tries = $3`

func claimArgs(d chat.Delivery) []any { return []any{string(d.ID), string(d.Shop), int64(d.Tries)} }

func (tx tx) finish(d chat.Delivery) error {
	return tx.ExecLater(`DELETE FROM deliveries WHERE `+ownClaim, claimArgs(d)...)
}

// Postpone makes a delivery ready again, due at due, in d's lane, which may be
// another one: a status check moves out of the lane that it blocks. If its kind
// needs only one ready delivery per lane and the lane has another, that one stays,
// with this due time. Postpone changes nothing when the claim was lost.
func (s *Store) Postpone(ctx context.Context, d chat.Delivery, due time.Time, problem string) error {
	return s.write(ctx, "postpone a delivery", func(tx tx) error {
		if d.Kind.Spec().Dedupe == chat.OneReadyPerLane {
			// Tries never decreases, because it distinguishes the claims.
			other, err := tx.Exec(`
				UPDATE deliveries SET due = $4, problem = $5, tries = CASE WHEN tries < $3 THEN $3 ELSE tries END, calm = CASE WHEN calm < $7 THEN calm ELSE $7 END
				WHERE lane = $6 AND state = 'ready' AND single = 1 AND shop = $2 AND EXISTS (SELECT 1 FROM deliveries d WHERE d.id = $1 AND d.state = 'running' AND d.tries = $3)`,
				append(claimArgs(d), micros(due), problem, d.Lane, boolInt(!d.Urgent))...)
			if err != nil || other > 0 {
				return errors.Join(err, tx.finish(d))
			}
		}
		return tx.postpone(d, due, problem)
	})
}

func (tx tx) postpone(d chat.Delivery, due time.Time, problem string) error {
	return tx.ExecLater(`UPDATE deliveries SET state = 'ready', until = 0, due = $4, problem = $5, lane = $6 WHERE `+ownClaim,
		append(claimArgs(d), micros(due), problem, d.Lane)...)
}

// GiveUp marks a delivery as failed, with the reason, and lets its lane continue.
// It changes nothing when the claim was lost.
func (s *Store) GiveUp(ctx context.Context, d chat.Delivery, problem string) error {
	return s.write(ctx, "give up a delivery", func(tx tx) error {
		return tx.ExecLater(`UPDATE deliveries SET state = 'failed', until = 0, problem = $4 WHERE `+ownClaim, append(claimArgs(d), problem)...)
	})
}

// deleteDone deletes a delivery in the turn that finished it. If its kind needs only
// one delivery per lane, it also deletes the lane's failed ones, whose work is done.
func (tx tx) deleteDone(shop chat.ShopID, id chat.DeliveryID) error {
	if err := tx.ExecLater(`DELETE FROM deliveries WHERE single = 1 AND state = 'failed' AND shop = $2 AND lane = (
		SELECT d.lane FROM deliveries d WHERE d.id = $1 AND d.shop = $2 AND d.single = 1)`, string(id), string(shop)); err != nil {
		return err
	}
	return tx.ExecLater(`DELETE FROM deliveries WHERE id = $1 AND shop = $2`, string(id), string(shop))
}
