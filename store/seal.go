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
)

// A seal hides vendors' secrets from whoever gets hold of the database file:
// AES-256-GCM, bound to the shop and the column, so that a sealed value moved
// elsewhere opens no more.
type seal struct{ aead cipher.AEAD }

func newSeal(key []byte) (*seal, error) {
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
	return &seal{aead}, nil
}

func (s *seal) close(plain chat.Secret, shop chat.ShopID, column string) string {
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nil, nil, []byte(plain), bound(shop, column)))
}

func (s *seal) open(sealed string, shop chat.ShopID, column string) (chat.Secret, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return "", fmt.Errorf("open a sealed value: %w", err)
	}
	plain, err := s.aead.Open(nil, nil, raw, bound(shop, column))
	if err != nil {
		return "", errors.New("open a sealed value: this is not the secret key it was sealed under")
	}
	return chat.Secret(plain), nil
}

var errOtherKey = errors.New("this database was made with another secret key (SIDETEXT_SECRET_KEY)")

func bound(shop chat.ShopID, column string) []byte { return []byte(string(shop) + "/" + column) }

// checkKey finds out at the start, and not at the first text, that the key is
// another than the one this database was made with.
func (s *Store) checkKey(ctx context.Context) error {
	return s.writer.do(ctx, func(l link) error {
		var sealed string
		switch err := l.row(`SELECT value FROM about WHERE name = $1`, keyName).Scan(&sealed); {
		case errors.Is(err, sql.ErrNoRows):
			_, err := l.exec(`INSERT INTO about (name, value) VALUES ($1, $2)`, keyName, s.seal.close(keySays, "", keyName))
			return err
		case err != nil:
			return err
		}
		if _, err := s.seal.open(sealed, "", keyName); err != nil {
			return fmt.Errorf("store: %w", errOtherKey)
		}
		return nil
	})
}
