package store

import (
	"context"
	"time"

	"sidetext/chat"
)

// ApplyUpdate applies an update that is neither a webhook nor a page of a list. u is
// normalized.
func (s *Store) ApplyUpdate(ctx context.Context, shop chat.ShopID, u chat.DirectoryUpdate, now time.Time) (change chat.DirectoryChange, err error) {
	err = s.write(ctx, "apply an update", func(tx tx) error {
		if err := tx.Exclusive(directoryLock(shop)); err != nil {
			return err
		}
		change, err = tx.applyUpdate(shop, u, now)
		return err
	})
	if err != nil {
		return chat.DirectoryChange{}, err
	}
	return change, nil
}
