package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// An opt-out outlasts the erasure of a person's data as a suppression: a keyed hash of
// the phone, from which the phone can't be found without the key.

// suppressionKey is the row of the table about with the key of these hashes, sealed. It
// is not derived from the secret key, because the hashes could not be computed again
// for another one.
const suppressionKey = "suppressions"

// loadSuppressionKey reads the key, and makes it at the first start.
func (s *Store) loadSuppressionKey(ctx context.Context) (key chat.Secret, err error) {
	err = s.db.Write(ctx, func(tx sqldb.Tx) error {
		made := s.seal.encrypt(chat.Secret(random()+random()), "", suppressionKey)
		if _, err := tx.Exec(`INSERT INTO about (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, suppressionKey, made); err != nil {
			return err
		}
		var sealed string
		if err := tx.Row(`SELECT value FROM about WHERE name = $1`, suppressionKey).Scan(&sealed); err != nil {
			return err
		}
		key, err = s.seal.decrypt(sealed, "", suppressionKey)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("store: read the key of suppressions: %w", err)
	}
	return key, nil
}

// reencryptSuppressionKey encrypts the key of the hashes with another secret key. The
// hashes stay as they are.
func (tx tx) reencryptSuppressionKey(old, to *Seal) error {
	var sealed string
	if err := tx.Row(`SELECT value FROM about WHERE name = $1`, suppressionKey).Scan(&sealed); err != nil {
		return err
	}
	key, err := old.decrypt(sealed, "", suppressionKey)
	if err != nil {
		return fmt.Errorf("the key of suppressions: %w", err)
	}
	_, err = tx.Exec(`UPDATE about SET value = $1 WHERE name = $2`, to.encrypt(key, "", suppressionKey), suppressionKey)
	return err
}

// suppressionHash returns the hash of a phone that opted out of one of a shop's lines.
func (tx tx) suppressionHash(shop chat.ShopID, line chat.LineID, phone chat.Phone) string {
	hash := hmac.New(sha256.New, []byte(tx.suppressions))
	hash.Write([]byte(string(shop) + "\n" + string(line) + "\n" + string(phone.Canonical())))
	return hex.EncodeToString(hash.Sum(nil))
}

// suppress keeps the opt-out of a phone whose data is erased.
func (tx tx) suppress(shop chat.ShopID, line chat.LineID, phone chat.Phone, now time.Time) error {
	return tx.ExecLater(`INSERT INTO suppressions (shop, line, hash, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (shop, line, hash) DO UPDATE SET at = excluded.at WHERE excluded.at > suppressions.at`,
		string(shop), string(line), tx.suppressionHash(shop, line, phone), micros(now))
}

// noLine stands in place of a line in the suppression of marketing texts.
const noLine chat.LineID = ""

// unlessSuppressed returns a consent to marketing texts, withdrawn if the phone, whose
// data was erased, had opted out: from marketing texts, at the time of the consent or
// later, or from all texts of one of the shop's lines. Then only the shopper's own START
// counts.
func (tx tx) unlessSuppressed(shop chat.ShopID, phone chat.Phone, c chat.Consent) (chat.Consent, error) {
	if c.State == chat.ConsentRevoked || c.State == chat.ConsentUnknown {
		return c, nil
	}
	lines, err := tx.texts(`SELECT id FROM lines WHERE shop = $1`, string(shop))
	if err != nil {
		return c, err
	}
	for _, line := range append(lines, string(noLine)) {
		var at int64
		err := tx.Row(`SELECT COALESCE(MAX(at), -1) FROM suppressions WHERE shop = $1 AND line = $2 AND hash = $3`,
			string(shop), line, tx.suppressionHash(shop, chat.LineID(line), phone)).Scan(&at)
		if err != nil {
			return c, err
		}
		if found := at >= 0; found && (line != string(noLine) || at >= micros(c.At)) {
			c.State, c.At = chat.ConsentRevoked, timeOf(at)
		}
	}
	return c, nil
}

// hasSuppressions reports whether a person with an opt-out was ever erased.
func (tx tx) hasSuppressions(shop chat.ShopID) (bool, error) {
	found := 0
	err := tx.Row(`SELECT COUNT(*) FROM (SELECT u.hash FROM suppressions u WHERE u.shop = $1 LIMIT 1) AS found`, string(shop)).Scan(&found)
	return found > 0, err
}

// liftSuppression deletes the suppression of a shopper who opted in again.
func (tx tx) liftSuppression(before chat.Turn, t *chat.Turn) error {
	if !before.Conversation.OptedOut || t.Conversation.OptedOut {
		return nil
	}
	c := t.Conversation
	return tx.ExecLater(`DELETE FROM suppressions WHERE shop = $1 AND line = $2 AND hash = $3`,
		string(c.Shop), string(c.Line), tx.suppressionHash(c.Shop, c.Line, t.Shopper.Phone))
}
