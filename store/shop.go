package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// AddShop adds a shop with the default settings.
func (s *Store) AddShop(ctx context.Context, name string, now time.Time) (chat.Shop, error) {
	shop := chat.Shop{ID: chat.NewID[chat.ShopID](now), Name: name, Settings: chat.DefaultSettings}
	settings, err := json.Marshal(shop.Settings)
	if err != nil {
		return shop, err
	}
	return shop, s.write(ctx, "add a shop", func(tx tx) error {
		_, err := tx.Exec(`INSERT INTO shops (id, name, settings, made_at) VALUES ($1, $2, $3, $4)`,
			string(shop.ID), shop.Name, string(settings), micros(now))
		return err
	})
}

// Shops lists all shops, oldest first. It is for the operator: nothing that
// merchants or agents can reach calls it.
func (s *Store) Shops(ctx context.Context) (shops []chat.Shop, err error) {
	err = s.read(ctx, "list shops", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			shop, err := scanShop(row)
			shops = append(shops, shop)
			return err
		}, `SELECT id, name, settings FROM shops ORDER BY id`)
	})
	return shops, err
}

// Shop finds a shop.
func (s *Store) Shop(ctx context.Context, id chat.ShopID) (shop chat.Shop, err error) {
	err = s.read(ctx, "find a shop", func(tx tx) error {
		shop, err = scanShop(tx.Row(`SELECT id, name, settings FROM shops WHERE id = $1`, string(id)))
		return err
	})
	return shop, err
}

// ChangeShop changes a shop's name or settings in one transaction, so that two
// pages that are saved at the same time do not undo each other's changes.
func (s *Store) ChangeShop(ctx context.Context, id chat.ShopID, change func(*chat.Shop)) error {
	return s.write(ctx, "change a shop", func(tx tx) error {
		if err := tx.Lock(`SELECT id FROM shops WHERE id = $1`, string(id)); err != nil {
			return err
		}
		shop, err := scanShop(tx.Row(`SELECT id, name, settings FROM shops WHERE id = $1`, string(id)))
		if err != nil {
			return err
		}
		change(&shop)
		settings, err := json.Marshal(shop.Settings)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE shops SET name = $1, settings = $2 WHERE id = $3`, shop.Name, string(settings), string(id))
		return err
	})
}

func scanShop(row sqldb.Scanner) (shop chat.Shop, err error) {
	var settings string
	if err = row.Scan(&shop.ID, &shop.Name, &settings); err == nil {
		shop.Settings, err = readSettings(settings)
	}
	return shop, err
}

// readSettings parses a shop's settings. Settings that are missing in text, because
// they are newer, have their default.
func readSettings(text string) (chat.Settings, error) {
	settings := chat.DefaultSettings
	if err := json.Unmarshal([]byte(text), &settings); err != nil {
		return settings, fmt.Errorf("parse settings: %w", err)
	}
	return settings, nil
}
