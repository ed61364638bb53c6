// Package directory has the use cases of the directory of customers: apply the
// webhooks of a shop's vendors, compare the vendors' lists with what is known, and
// report opt-outs to Shopify. Each is a delivery, and has a handler here.
package directory

import (
	"context"
	"log/slog"
	"time"

	"sidetext/chat"
)

// A Source reads what a vendor says about a shop's customers. Errors of Page and
// Refresh are *chat.SendError where they say what to do next.
type Source interface {
	// Parts names the vendor's lists, in the order in which they are read.
	Parts() []string
	// Page reads one page of a list: of objects that changed since then, or of all
	// if since is zero. An empty cursor is the first page, an empty next says that
	// there is no other.
	Page(ctx context.Context, c chat.Connection, part, cursor string, since time.Time) (u chat.DirectoryUpdate, next string, err error)
	// Parse reads a webhook. Of an unknown topic it returns an empty update.
	Parse(topic string, body []byte) (chat.DirectoryUpdate, error)
	// Refresh reads a customer's objects, or nothing if the vendor needs no refresh. The
	// code of the error is "gone" if there is no such customer any more.
	Refresh(ctx context.Context, c chat.Connection, customer string) (chat.DirectoryUpdate, error)
}

// A Store keeps the directory and what is needed to bring it up to date. The store
// package has the real one.
type Store interface {
	Connections
	Events
	Reconciliations
	Privacy
	// ApplyUpdate applies an update that is neither a webhook nor a page of a list.
	ApplyUpdate(ctx context.Context, shop chat.ShopID, u chat.DirectoryUpdate, now time.Time) (chat.DirectoryChange, error)
	// ShopifyCustomers lists the Shopify customers whose own phone it is.
	ShopifyCustomers(ctx context.Context, shop chat.ShopID, phone chat.Phone) (ids []string, err error)
	// Finish deletes a delivery that is done.
	Finish(ctx context.Context, d chat.Delivery) error
	// Continue deletes a delivery and adds the one that goes on with its work, in one
	// transaction.
	Continue(ctx context.Context, d, next chat.Delivery, now time.Time) error
}

// Connections are the shops' accesses to vendors. A missing one is chat.ErrNotFound.
type Connections interface {
	Connection(ctx context.Context, shop chat.ShopID, v chat.Vendor) (chat.Connection, error)
	Connections(ctx context.Context) ([]chat.Connection, error)
	SetConnectionStatus(ctx context.Context, shop chat.ShopID, v chat.Vendor, status chat.ConnectionStatus, problem chat.Problem, now time.Time) error
}

// A ConsentWriter tells Shopify that a customer wants no more texts. An error is a
// *chat.SendError where it says what to do next; its code is "gone" if there is no such
// customer any more, or the customer has no phone.
type ConsentWriter interface {
	RevokeSMSConsent(ctx context.Context, c chat.Connection, customer string, at time.Time) error
}

// A Directory runs the use cases. Its handlers may run at the same time.
type Directory struct {
	Store    Store
	Sources  map[chat.Vendor]Source
	Notices  map[chat.Vendor]NoticeReader
	Consents ConsentWriter

	ParsePhone   func(raw, country string) (chat.Phone, error)
	Country      func(context.Context, chat.ShopID) (string, error) // of phones without an address, "US"
	ShopperPhone func(context.Context, chat.ShopID, chat.ConversationID) (chat.Phone, error)

	Published func(chat.ConversationRev)                            // called when what agents see of a conversation has changed
	Recheck   func(context.Context, chat.ShopID, chat.Vendor) error // starts a check of a connection; does not wait for the vendor
	Wake      func()                                                // called after deliveries were added
	Now       func() time.Time
	Log       *slog.Logger
}

// An Engine runs handlers. The courier is the real one.
type Engine interface {
	Handle(chat.DeliveryKind, func(context.Context, chat.Delivery) error)
}

// Register gives the engine a handler for each kind of delivery of this package.
func (d *Directory) Register(e Engine) {
	e.Handle(chat.ApplyEvents, chat.Decoded(func(ctx context.Context, job chat.Delivery, _ chat.EventsPayload) error {
		return d.applyEvents(ctx, job)
	}))
	e.Handle(chat.Reconcile, chat.Decoded(d.reconcile))
	e.Handle(chat.RefreshCustomer, chat.Decoded(d.refreshCustomer))
	e.Handle(chat.WriteConsent, chat.Decoded(d.writeConsent))
}

// runTime is how long a delivery begins new work. The courier allows 45 seconds for
// all of it; what is left is done by another delivery.
const runTime = 30 * time.Second

// publish publishes what a change of the directory means for agents.
func (d *Directory) publish(change chat.DirectoryChange) {
	for _, c := range change.Conversations {
		d.Published(c)
	}
}
