package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sidetext/chat"
	"sidetext/server/cluster"
	"sidetext/store"
)

// addFirstShop adds a shop to a new database, and prints the link to set it up. Of
// nodes that start together one does so.
func (a *App) addFirstShop(ctx context.Context, out io.Writer) error {
	lease, err := a.Store.AcquireLease(ctx, "welcome", a.Store.Now(), cluster.StoreTimeout)
	if err != nil || !lease.Held {
		return err
	}
	shops, err := a.Store.Shops(ctx)
	if err != nil || len(shops) > 0 {
		return err
	}
	shop, err := a.Store.AddShop(ctx, "Our store", a.Store.Now())
	if err != nil {
		return err
	}
	return PrintSignInLink(ctx, a.Store, a.Settings.PublicURL, shop, out)
}

// PrintSignInLink prints a link that signs a merchant of shop in, once.
func PrintSignInLink(ctx context.Context, db *store.Store, publicURL string, shop chat.Shop, out io.Writer) error {
	if publicURL == "" {
		return errors.New("SIDETEXT_PUBLIC_URL is not set, so there is no address to link to")
	}
	secret, err := db.MakeSignInLink(ctx, shop.ID, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Sign in to %s (once, within an hour):\n  %s/sign-in#%s\n", shop.Name, publicURL, secret)
	return nil
}
