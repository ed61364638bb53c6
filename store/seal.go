package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A Seal encrypts vendors' secrets with AES-256-GCM, so that a database file
// alone does not reveal them. A value is bound to its shop and column: moved
// elsewhere it can't be decrypted.
type Seal struct{ aead cipher.AEAD }

// NewSeal makes a Seal from a key of 32 bytes.
func NewSeal(key []byte) (*Seal, error) {
	if len(key) != 32 {
		return nil, errors.New("store: the secret key must have 32 bytes")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("store: secret key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("store: secret key: %w", err)
	}
	return &Seal{aead}, nil
}

func (s *Seal) encrypt(plain chat.Secret, shop chat.ShopID, column string) string {
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nil, nil, []byte(plain), boundTo(shop, column)))
}

func (s *Seal) decrypt(sealed string, shop chat.ShopID, column string) (chat.Secret, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return "", fmt.Errorf("decode a sealed value: %w", err)
	}
	plain, err := s.aead.Open(nil, nil, raw, boundTo(shop, column))
	if err != nil {
		return "", errors.New("decrypt a sealed value: wrong secret key, or moved from another shop or column")
	}
	return chat.Secret(plain), nil
}

// boundTo returns the additional data that binds a value to its shop and column.
func boundTo(shop chat.ShopID, column string) []byte { return []byte(string(shop) + "/" + column) }

// ErrOtherKey is returned for a database that was made with another secret key.
var ErrOtherKey = errors.New("this database was made with another secret key (SIDETEXT_SECRET_KEY)")

// KeyCheck is the row of the table about with a known text that is encrypted with
// the key, to recognise it.
const KeyCheck = "key"

const keyCheckText = "sidetext"

// Verify returns ErrOtherKey unless sealed, a value of the row KeyCheck, was
// encrypted with this key.
func (s *Seal) Verify(sealed string) error {
	if _, err := s.decrypt(sealed, "", KeyCheck); err != nil {
		return ErrOtherKey
	}
	return nil
}

// checkKey refuses a wrong key at the start, instead of at the first text.
func (s *Store) checkKey(ctx context.Context) error {
	return s.db.Write(ctx, func(tx sqldb.Tx) error {
		var sealed string
		err := tx.Row(`SELECT value FROM about WHERE name = $1`, KeyCheck).Scan(&sealed)
		if errors.Is(err, sql.ErrNoRows) {
			_, err := tx.Exec(`INSERT INTO about (name, value) VALUES ($1, $2)`, KeyCheck, s.seal.encrypt(keyCheckText, "", KeyCheck))
			return err
		}
		if err != nil {
			return err
		}
		if err := s.seal.Verify(sealed); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		return nil
	})
}
