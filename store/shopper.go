package store

import (
	"context"

	"sidetext/chat"
)

const shopperColumns = `p.id, p.shop, p.phone, p.name, p.email, ` + shopperPurchased + `, p.customer, p.directory`

// shopperPurchased is 1 for a shopper who has purchased: a list or the directory says
// so. It is 0 if p is the missing side of a join.
const shopperPurchased = `CASE WHEN p.purchased = 1 OR p.proof <> '' THEN 1 ELSE 0 END`

// shopperDest lists the scan destinations of shopperColumns.
func shopperDest(p *chat.Shopper, purchased *int64) []any {
	return []any{&p.ID, &p.Shop, &p.Phone, &p.Name, &p.Email, purchased, &p.Customer, &p.Directory}
}

func (tx tx) shopper(where string, args ...any) (p chat.Shopper, err error) {
	var purchased int64
	err = tx.Row(`SELECT `+shopperColumns+` FROM shoppers p WHERE `+where, args...).Scan(shopperDest(&p, &purchased)...)
	p.Purchased = purchased == 1
	return p, err
}

func (tx tx) addShopper(p chat.Shopper) error {
	return tx.ExecLater(`
		INSERT INTO shoppers (id, shop, phone, name, email, purchased, customer)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		string(p.ID), string(p.Shop), string(p.Phone), p.Name, p.Email, boolInt(p.Purchased), p.Customer)
}

// saveShopper writes what changed of a shopper and leaves the rest, which a turn in
// another of the shopper's conversations may have changed meanwhile.
func (tx tx) saveShopper(before, p chat.Shopper) error {
	return tx.ExecLater(`
		UPDATE shoppers SET
			name = CASE WHEN CAST($1 AS TEXT) <> $2 THEN $2 ELSE name END,
			email = CASE WHEN CAST($3 AS TEXT) <> $4 THEN $4 ELSE email END,
			purchased = CASE WHEN CAST($5 AS BIGINT) <> CAST($6 AS BIGINT) THEN CAST($6 AS BIGINT) ELSE purchased END,
			customer = CASE WHEN CAST($7 AS TEXT) <> $8 THEN $8 ELSE customer END
		WHERE id = $9 AND shop = $10`,
		before.Name, p.Name, before.Email, p.Email, boolInt(before.Purchased), boolInt(p.Purchased), before.Customer, p.Customer, string(p.ID), string(p.Shop))
}

// Shoppers counts a shop's shoppers, and those who have bought something.
func (s *Store) Shoppers(ctx context.Context, shop chat.ShopID) (all, purchased int64, err error) {
	err = s.read(ctx, "count shoppers", func(tx tx) error {
		return tx.Row(`SELECT COUNT(*), (SELECT COUNT(*) FROM shoppers p WHERE p.shop = $1 AND (p.purchased = 1 OR p.proof <> ''))
			FROM shoppers WHERE shop = $1`, string(shop)).Scan(&all, &purchased)
	})
	return all, purchased, err
}
