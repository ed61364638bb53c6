package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

const privacyColumns = `id, shop, kind, topic, person, customer, email, phone, at, due, done_at, result`

// AddPrivacyRequest saves what a vendor's compliance webhook asks for. A request with
// an id that is stored is not changed.
func (s *Store) AddPrivacyRequest(ctx context.Context, r chat.PrivacyRequest) error {
	return s.write(ctx, "add a privacy request", func(tx tx) error {
		return tx.ExecLater(`INSERT INTO privacy_requests (`+privacyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`,
			r.ID, string(r.Shop), string(r.Kind), r.Topic, r.Person, r.CustomerID, r.Email, string(r.Phone), micros(r.At), micros(r.Due), micros(r.DoneAt), r.Result)
	})
}

// PrivacyRequests lists a shop's privacy requests, the newest first.
func (s *Store) PrivacyRequests(ctx context.Context, shop chat.ShopID) (found []chat.PrivacyRequest, err error) {
	err = s.read(ctx, "list privacy requests", func(tx tx) error {
		found = found[:0]
		return tx.Rows(func(row sqldb.Scanner) error {
			var r chat.PrivacyRequest
			var at, due, doneAt int64
			err := row.Scan(&r.ID, &r.Shop, &r.Kind, &r.Topic, &r.Person, &r.CustomerID, &r.Email, &r.Phone, &at, &due, &doneAt, &r.Result)
			r.At, r.Due, r.DoneAt = timeOf(at), timeOf(due), timeOf(doneAt)
			found = append(found, r)
			return err
		}, `SELECT `+privacyColumns+` FROM privacy_requests WHERE shop = $1 ORDER BY at DESC, id DESC`, string(shop))
	})
	return found, err
}

// FinishPrivacyRequest records that a request was answered. It keeps the time at which
// that was recorded first.
func (s *Store) FinishPrivacyRequest(ctx context.Context, shop chat.ShopID, id string, now time.Time) error {
	return s.write(ctx, "finish a privacy request", func(tx tx) error {
		n, err := tx.Exec(`UPDATE privacy_requests SET done_at = CASE WHEN done_at = 0 THEN $1 ELSE done_at END WHERE id = $2 AND shop = $3`, micros(now), id, string(shop))
		if err == nil && n == 0 {
			err = chat.ErrNotFound
		}
		return err
	})
}
