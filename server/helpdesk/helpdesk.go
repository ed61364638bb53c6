// Package helpdesk is Gorgias as the bridge's Helpdesk.
package helpdesk

import (
	"context"
	"encoding/json"
	"fmt"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/widget"
)

// A Store knows the shops and their helpdesks.
type Store interface {
	Shop(ctx context.Context, id chat.ShopID) (chat.Shop, error)
	Helpdesk(ctx context.Context, shop chat.ShopID) (chat.Helpdesk, error)
}

// A Finder finds the helpdesk that a delivery is for. It is the bridge's
// Helpdesks.
type Finder struct {
	Store    Store
	Accounts *gorgias.Accounts
	// FileLinks returns the addresses at which agents find a conversation's files.
	FileLinks func(chat.Snapshot) (func(chat.Media) string, error)
}

// Helpdesk returns the helpdesk of d's shop while the shop is connected to d's
// account. A delivery that is not urgent leaves most of the account's rate limit
// to the others.
func (f Finder) Helpdesk(ctx context.Context, d chat.Delivery) (bridge.Helpdesk, error) {
	h, err := f.Store.Helpdesk(ctx, d.Shop)
	if err != nil {
		return nil, err
	}
	if chat.HelpdeskAccount(h.Account) != d.Account {
		return nil, chat.ErrNotFound
	}
	client, err := f.Accounts.Client(h.Account, h.Username, h.Key)
	if err != nil {
		return nil, err
	}
	if !d.Urgent {
		client = client.Background()
	}
	shop, err := f.Store.Shop(ctx, d.Shop)
	if err != nil {
		return nil, err
	}
	made, err := MadeBy(h)
	return &desk{api: client, made: made, tag: shop.Settings.Tag, files: f.FileLinks}, err
}

// Made is what we installed in a connected helpdesk.
type Made struct {
	Widget  widget.Installation `json:"widget"`
	Me      gorgias.ID          `json:"me"` // the key's owner, who is the author of our notes
	Support gorgias.Mailbox     `json:"support"`
	Version string              `json:"version,omitempty"` // of the plan that was carried out
}

// MadeBy reads what we installed in h.
func MadeBy(h chat.Helpdesk) (m Made, err error) {
	if err = json.Unmarshal(h.Made, &m); err != nil {
		err = fmt.Errorf("decode installation: %w", err)
	}
	return m, err
}
