package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"sidetext/chat"
)

// ImportList saves the rows of a list of shoppers who have bought something, and
// returns what each row changed (see chat.ImportRow.Merge). list names the list; it
// may come in several calls, and rows may be repeated. After an error some rows
// are saved.
func (s *Store) ImportList(ctx context.Context, shop chat.ShopID, list string, rows []chat.ImportRow) (merges []chat.MergeResult, err error) {
	// In small transactions, so that texts that arrive meanwhile do not wait long.
	for chunk := range slices.Chunk(rows, 200) {
		saved, err := s.importBatch(ctx, shop, list, chunk)
		merges = append(merges, saved...)
		if err != nil {
			return merges, err
		}
	}
	return merges, nil
}

// ImportShoppers is ImportList for shoppers that are not from a file. It returns
// how many were new.
func (s *Store) ImportShoppers(ctx context.Context, shop chat.ShopID, people []chat.Shopper) (added int, err error) {
	rows := make([]chat.ImportRow, len(people))
	for i, p := range people {
		rows[i] = chat.ImportRow{ID: p.ID, Phone: p.Phone, Name: p.Name, Email: p.Email, Rank: 1}
	}
	merges, err := s.ImportList(ctx, shop, "", rows)
	for _, m := range merges {
		if m.New {
			added++
		}
	}
	return added, err
}

func (s *Store) importBatch(ctx context.Context, shop chat.ShopID, list string, rows []chat.ImportRow) (merges []chat.MergeResult, err error) {
	err = s.write(ctx, "import shoppers", func(tx tx) error {
		if err := tx.lockDirectory(shop); err != nil {
			return err
		}
		merges = merges[:0]
		for _, row := range rows {
			row.Phone = row.Phone.Canonical()
			merge, err := tx.importRow(shop, list, row)
			if err != nil {
				return err
			}
			merges = append(merges, merge)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return merges, nil
}

func (tx tx) importRow(shop chat.ShopID, list string, row chat.ImportRow) (chat.MergeResult, error) {
	known, err := tx.importedShopper(shop, row.Phone)
	if errors.Is(err, sql.ErrNoRows) {
		if err := tx.addShopper(chat.Shopper{ID: row.ID, Shop: shop, Phone: row.Phone}); err != nil {
			return chat.MergeResult{}, err
		}
		// A text from the phone may have created the shopper in between.
		known, err = tx.importedShopper(shop, row.Phone)
		if known.ID == row.ID {
			known = chat.ImportedShopper{}
		}
	}
	if err != nil {
		return chat.MergeResult{}, err
	}
	fresh, merge := row.Merge(known, list)
	if known.Directory != "" {
		fresh, merge = besideDirectory(known, row, merge)
	}
	if merge.Replaced {
		// Conversations are locked before their shopper, in the order that turns use.
		if err := tx.Lock(`SELECT c.id FROM conversations c WHERE c.shopper = $1 AND c.shop = $2`, string(fresh.ID), string(shop)); err != nil {
			return merge, err
		}
		if err := tx.ExecLater(`UPDATE conversations SET owned_from = seq + 1 WHERE shopper = $1 AND shop = $2`, string(fresh.ID), string(shop)); err != nil {
			return merge, err
		}
	}
	return merge, tx.ExecLater(`
		UPDATE shoppers SET name = $1, email = $2, purchased = 1, customer = $3, list = $4, list_line = $5, list_rank = $6,
			person = CASE WHEN CAST($9 AS BIGINT) = 1 THEN '' ELSE person END
		WHERE id = $7 AND shop = $8`,
		fresh.Name, fresh.Email, fresh.Customer, fresh.List, int64(fresh.Line), int64(fresh.Rank), string(fresh.ID), string(shop), boolInt(merge.Replaced))
}

// besideDirectory is the result of a row for a phone of which the directory knows who
// has it. The directory is as new as the shop itself, so a row adds only what is
// missing, and another person's changes nothing.
func besideDirectory(known chat.ImportedShopper, row chat.ImportRow, merge chat.MergeResult) (chat.ImportedShopper, chat.MergeResult) {
	known.Purchased = true
	if !chat.SamePerson(known.Shopper, chat.Shopper{Name: row.Name, Email: row.Email}) {
		return known, chat.MergeResult{Outranked: true}
	}
	if known.Name == "" {
		known.Name = row.Name
	}
	if known.Email == "" && row.Email != "" {
		known.Email, known.Customer = row.Email, "" // the helpdesk may have another customer with the new address
	}
	return known, chat.MergeResult{New: merge.New}
}

// importedShopper reads the shopper of a phone and the list row that named them last.
func (tx tx) importedShopper(shop chat.ShopID, phone chat.Phone) (known chat.ImportedShopper, err error) {
	var purchased, line, rank int64
	err = tx.Row(`SELECT `+shopperColumns+`, p.list, p.list_line, p.list_rank FROM shoppers p WHERE p.shop = $1 AND p.phone = $2`, string(shop), string(phone)).
		Scan(append(shopperDest(&known.Shopper, &purchased), &known.List, &line, &rank)...)
	known.Purchased, known.Line, known.Rank = purchased == 1, int(line), int(rank)
	return known, err
}
