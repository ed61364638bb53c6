package app

import (
	"context"
	"errors"
	"time"

	"sidetext/bridge/directory"
	"sidetext/chat"
	"sidetext/recharge"
	"sidetext/shopify"
	"sidetext/sms"
	"sidetext/store"
)

// fallbackCountry is the country of phones without an address in a shop that has no
// number yet.
const fallbackCountry = "US"

// newDirectory makes the use cases of the directory of customers. What it publishes,
// and how it has a connection checked, is set later.
func (a *App) newDirectory() *directory.Directory {
	db := a.Store
	return &directory.Directory{
		Store: directoryStore{db}, Consents: consents{a.Shopify},
		Sources: map[chat.Vendor]directory.Source{
			chat.Shopify: shopify.Directory{Accounts: a.Shopify}, chat.Recharge: recharge.Directory{Accounts: a.Recharge},
		},
		Notices:    map[chat.Vendor]directory.NoticeReader{chat.Shopify: shopifyNotice, chat.Recharge: rechargeNotice},
		ParsePhone: sms.Parse,
		Country: func(ctx context.Context, shop chat.ShopID) (string, error) {
			lines, err := db.LineConfigs(ctx, shop)
			for _, one := range lines {
				if country := sms.Country(one.Line.Number); country != "" {
					return country, nil
				}
			}
			return fallbackCountry, err
		},
		ShopperPhone: func(ctx context.Context, shop chat.ShopID, id chat.ConversationID) (chat.Phone, error) {
			snapshot, _, err := db.Snapshot(ctx, shop, id, -1) // without entries
			return snapshot.Shopper.Phone, err
		},
		Wake: a.Courier.Wake, Now: db.Now, Log: a.Log,
	}
}

// shopifyNotice reads webhooks of Shopify's that are not about customers.
func shopifyNotice(topic string, body []byte) (n directory.Notice, err error) {
	n.Uninstalled, n.ScopesChanged = shopify.IsUninstall(topic), shopify.IsScopesUpdate(topic)
	n.Privacy, _, err = shopify.ParsePrivacy(topic, body)
	return n, err
}

// rechargeNotice reads webhooks of Recharge's that are not about customers.
func rechargeNotice(topic string, _ []byte) (n directory.Notice, err error) {
	n.Uninstalled = topic == recharge.Uninstalled
	return n, nil
}

// phoneZone returns the time zone of a phone, or "" if it has no place.
func phoneZone(phone chat.Phone) string {
	if zone := sms.TimeZone(phone); zone != "UTC" {
		return zone
	}
	return ""
}

// consents writes consents to Shopify.
type consents struct{ accounts *shopify.Accounts }

func (c consents) RevokeSMSConsent(ctx context.Context, at chat.Connection, customer string, when time.Time) error {
	client, err := c.accounts.Client(at)
	var shown *chat.Error
	if errors.As(err, &shown) {
		return &chat.SendError{Outcome: chat.Rejected, WholeAccount: true, Problem: chat.Problem{Code: "token", Text: shown.Text}, Cause: err}
	}
	if err != nil {
		return err
	}
	return client.Background().RevokeSMSConsent(ctx, customer, when)
}

// A directoryStore is the store with the types of the package directory.
type directoryStore struct{ *store.Store }

func (s directoryStore) WaitingEvents(ctx context.Context, shop chat.ShopID, limit int) ([]directory.Event, error) {
	found, err := s.Store.WaitingEvents(ctx, shop, limit)
	events := make([]directory.Event, len(found))
	for i, e := range found {
		events[i] = directory.Event{ID: e.ID, VendorEvent: e.VendorEvent}
	}
	return events, err
}

func (s directoryStore) ApplyEvents(ctx context.Context, shop chat.ShopID, events []directory.AppliedEvent, now time.Time) (chat.DirectoryChange, error) {
	applied := make([]store.AppliedEvent, len(events))
	for i, e := range events {
		applied[i] = store.AppliedEvent(e)
	}
	return s.Store.ApplyEvents(ctx, shop, applied, now)
}
