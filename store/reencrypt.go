package store

import (
	"context"
	"errors"
	"fmt"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// sealedColumns are the columns with sealed values. Their tables have a column shop.
var sealedColumns = []struct{ table, column string }{
	{"lines", "token"}, {"lines", "signing_key"}, {"helpdesks", "api_key"}, {"helpdesks", "secret"},
	{"connections", "token"}, {"connections", "secret"}, {"connections", "former_secret"},
}

// Reencrypt encrypts every sealed value with another key, all or none, and returns
// how many there are. The Store itself keeps the old key: close it afterwards.
func (s *Store) Reencrypt(ctx context.Context, to *Seal) (n int, err error) {
	err = s.write(ctx, "encrypt with another key", func(tx tx) error {
		n = 0
		for _, c := range sealedColumns {
			count, err := tx.reencrypt(s.seal, to, c.table, c.column)
			if err != nil {
				return err
			}
			n += count
		}
		if err := tx.reencryptSuppressionKey(s.seal, to); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE about SET value = $1 WHERE name = $2`, to.encrypt(keyCheckText, "", KeyCheck), KeyCheck)
		return err
	})
	return n, err
}

// reencrypt encrypts the values of one column and skips empty ones. A value that
// the old key does not decrypt is an error: encrypted with the new key it would
// look valid.
func (tx tx) reencrypt(old, to *Seal, table, column string) (n int, err error) {
	type value struct {
		shop   chat.ShopID
		sealed string
	}
	var all []value
	if err := tx.Rows(func(row sqldb.Scanner) error {
		var v value
		err := row.Scan(&v.shop, &v.sealed)
		all = append(all, v)
		return err
	}, `SELECT shop, `+column+` FROM `+table+` WHERE `+column+` <> ''`); err != nil {
		return 0, err
	}
	for _, v := range all {
		plain, err := old.decrypt(v.sealed, v.shop, table+"."+column)
		if err != nil {
			return 0, fmt.Errorf("%s.%s of shop %s: %w", table, column, string(v.shop), err)
		}
		// No two sealed values are equal, so this changes one row.
		changed, err := tx.Exec(`UPDATE `+table+` SET `+column+` = $1 WHERE shop = $2 AND `+column+` = $3`,
			to.encrypt(plain, v.shop, table+"."+column), string(v.shop), v.sealed)
		if err == nil && changed != 1 {
			err = errors.New("changed concurrently")
		}
		if err != nil {
			return 0, err
		}
	}
	return len(all), nil
}
