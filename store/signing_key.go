package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A Refusal is the last request to a line, signed with a shared key, that could
// not be verified. The zero Refusal is none.
type Refusal struct {
	Reason string // the code of a *chat.Error
	At     time.Time
}

// sealSigningKey encrypts a line's signing key; "" stays "".
func (s *Store) sealSigningKey(key chat.Secret, shop chat.ShopID) string {
	if key == "" {
		return ""
	}
	return s.seal.encrypt(key, shop, "lines.signing_key")
}

func (s *Store) openSigningKey(sealed string, shop chat.ShopID) (chat.Secret, error) {
	if sealed == "" {
		return "", nil
	}
	return s.seal.decrypt(sealed, shop, "lines.signing_key")
}

// SetSigningKey sets the key with which the provider may sign a line's requests in
// place of the token; an empty key removes it. It clears the last refusal, which
// says nothing about the new key.
func (s *Store) SetSigningKey(ctx context.Context, shop chat.ShopID, line chat.LineID, key chat.Secret) error {
	return s.write(ctx, "set a line's signing key", func(tx tx) error {
		n, err := tx.Exec(`UPDATE lines SET signing_key = $1, refused = '', refused_at = 0 WHERE id = $2 AND shop = $3`,
			s.sealSigningKey(key, shop), string(line), string(shop))
		if err == nil && n == 0 {
			err = chat.ErrNotFound
		}
		return err
	})
}

// SaveRefusal replaces the last refusal of a request to a line.
func (s *Store) SaveRefusal(ctx context.Context, line chat.Line, refusal Refusal) error {
	return s.write(ctx, "save a refusal", func(tx tx) error {
		n, err := tx.Exec(`UPDATE lines SET refused = $1, refused_at = $2 WHERE id = $3 AND shop = $4`,
			refusal.Reason, micros(refusal.At), string(line.ID), string(line.Shop))
		if err == nil && n == 0 {
			err = chat.ErrNotFound
		}
		return err
	})
}

// ClearRefusal clears a line's last refusal if it is not later than verified, the
// time at which a request was verified.
func (s *Store) ClearRefusal(ctx context.Context, line chat.Line, verified time.Time) error {
	return s.write(ctx, "clear a refusal", func(tx tx) error {
		_, err := tx.Exec(`UPDATE lines SET refused = '', refused_at = 0 WHERE id = $1 AND shop = $2 AND refused_at <= $3`,
			string(line.ID), string(line.Shop), micros(verified))
		return err
	})
}

// Refusals returns the last refusal of each of a shop's lines that has one.
func (s *Store) Refusals(ctx context.Context, shop chat.ShopID) (found map[chat.LineID]Refusal, err error) {
	found = map[chat.LineID]Refusal{}
	err = s.read(ctx, "read refusals", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			var line chat.LineID
			var refusal Refusal
			var at int64
			err := row.Scan(&line, &refusal.Reason, &at)
			refusal.At = timeOf(at)
			found[line] = refusal
			return err
		}, `SELECT id, refused, refused_at FROM lines WHERE shop = $1 AND refused <> ''`, string(shop))
	})
	return found, err
}
