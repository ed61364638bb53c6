package store

import (
	"context"
	"slices"

	"sidetext/chat"
)

func (l link) shopper(where string, args ...any) (p chat.Shopper, err error) {
	var purchased int64
	err = l.row(`SELECT id, shop, phone, name, email, purchased, customer FROM shoppers WHERE `+where, args...).
		Scan(&p.ID, &p.Shop, &p.Phone, &p.Name, &p.Email, &purchased, &p.Customer)
	p.Purchased = purchased == 1
	return p, err
}

func (l link) addShopper(p chat.Shopper) error {
	_, err := l.exec(`
		INSERT INTO shoppers (id, shop, phone, name, email, purchased, customer)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		string(p.ID), string(p.Shop), string(p.Phone), p.Name, p.Email, truth(p.Purchased), p.Customer)
	return err
}

func (l link) saveShopper(p chat.Shopper) error {
	_, err := l.exec(`UPDATE shoppers SET name = $1, email = $2, purchased = $3, customer = $4 WHERE id = $5 AND shop = $6`,
		p.Name, p.Email, truth(p.Purchased), p.Customer, string(p.ID), string(p.Shop))
	return err
}

// ImportShoppers keeps shoppers who are known to have bought something. Of one
// who is there already, an empty name or e-mail leaves what is known. It returns
// how many were new. After an error some are kept; importing all again is safe.
func (s *Store) ImportShoppers(ctx context.Context, shop chat.ShopID, people []chat.Shopper) (added int, err error) {
	// A few at a time: texts that arrive meanwhile must not wait for the last.
	for some := range slices.Chunk(people, 200) {
		n, err := s.importSome(ctx, shop, some)
		if added += n; err != nil {
			return added, err
		}
	}
	return added, nil
}

func (s *Store) importSome(ctx context.Context, shop chat.ShopID, people []chat.Shopper) (added int, err error) {
	err = s.write(ctx, "import shoppers", func(l link) error {
		added = 0
		for _, p := range people {
			var there int
			if err := l.row(`SELECT COUNT(*) FROM shoppers WHERE shop = $1 AND phone = $2`, string(shop), string(p.Phone)).Scan(&there); err != nil {
				return err
			}
			added += 1 - there
			if _, err := l.exec(`
				INSERT INTO shoppers (id, shop, phone, name, email, purchased, customer) VALUES ($1, $2, $3, $4, $5, 1, '')
				ON CONFLICT (shop, phone) DO UPDATE SET purchased = 1,
					name = CASE WHEN excluded.name = '' THEN shoppers.name ELSE excluded.name END,
					email = CASE WHEN excluded.email = '' THEN shoppers.email ELSE excluded.email END`,
				string(p.ID), string(shop), string(p.Phone), p.Name, p.Email); err != nil {
				return err
			}
		}
		return nil
	})
	return added, err
}

// Shoppers counts a shop's shoppers, and those known to have bought something.
func (s *Store) Shoppers(ctx context.Context, shop chat.ShopID) (all, purchased int64, err error) {
	err = s.read(ctx, "count shoppers", func(l link) error {
		return l.row(`SELECT COUNT(*), COALESCE(SUM(purchased), 0) FROM shoppers WHERE shop = $1`, string(shop)).Scan(&all, &purchased)
	})
	return all, purchased, err
}
