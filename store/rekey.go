package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"sidetext/chat"
)

// sealed are the columns that hold sealed values, or nothing. Each is in a table
// whose column shop names the values' owner.
var sealed = []struct{ table, column string }{
	{"lines", "token"}, {"lines", "signing_key"}, {"helpdesks", "api_key"}, {"helpdesks", "secret"},
}

// Rekey seals everything in the database that url names anew, from one key of 32
// bytes to another: all of it or nothing. It returns how many values it sealed. No
// server may be running, see Alone: it would go on with the key that it has. A
// database that has the other key by now is left as it is.
func Rekey(ctx context.Context, url string, from, to []byte, log *slog.Logger) (n int, err error) {
	fresh, err := newSeal(to)
	if err != nil {
		return 0, err
	}
	s, err := Reopen(ctx, url, from, log)
	if errors.Is(err, errOtherKey) {
		done, already := Reopen(ctx, url, to, log)
		if already != nil {
			return 0, err
		}
		return 0, done.Close()
	}
	if err != nil {
		return 0, err
	}
	err = s.write(ctx, "seal anew", func(l link) error {
		n = 0
		for _, c := range sealed {
			some, err := l.reseal(s.seal, fresh, c.table, c.column)
			if err != nil {
				return err
			}
			n += some
		}
		_, err := l.exec(`UPDATE about SET value = $1 WHERE name = $2`, fresh.close(keySays, "", keyName), keyName)
		return err
	})
	return n, errors.Join(err, s.Close())
}

// reseal seals the values of a column anew, and returns how many there were. A
// value that the old key does not open is an error: under the new key it could not
// be told from one that never was readable.
func (l link) reseal(old, fresh *seal, table, column string) (n int, err error) {
	type value struct {
		shop   chat.ShopID
		sealed string
	}
	var all []value
	if err := l.rows(func(row scanner) error {
		var v value
		err := row.Scan(&v.shop, &v.sealed)
		all = append(all, v)
		return err
	}, `SELECT shop, `+column+` FROM `+table+` WHERE `+column+` <> ''`); err != nil {
		return 0, err
	}
	for _, v := range all {
		plain, err := old.open(v.sealed, v.shop, table+"."+column)
		if err != nil {
			return 0, fmt.Errorf("%s.%s of shop %s: %w", table, column, string(v.shop), err)
		}
		// No two sealed values are alike, so this is one row.
		changed, err := l.exec(`UPDATE `+table+` SET `+column+` = $1 WHERE shop = $2 AND `+column+` = $3`,
			fresh.close(plain, v.shop, table+"."+column), string(v.shop), v.sealed)
		if err == nil && changed != 1 {
			err = errors.New("another program changes it at the same time")
		}
		if err != nil {
			return 0, err
		}
	}
	return len(all), nil
}
