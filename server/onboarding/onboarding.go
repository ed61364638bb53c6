package onboarding

import (
	"context"
	"log/slog"
	"time"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/server/cluster"
	"sidetext/server/helpdesk"
	"sidetext/sms/twilio"
	"sidetext/store"
)

// A Provider is where a shop's number is.
type Provider interface {
	Check(ctx context.Context, line chat.Line) error
	SetWebhook(ctx context.Context, line chat.Line, url string) error
	Inspect(ctx context.Context, line chat.Line, url string) ([]twilio.Finding, error)
}

// A Comparer compares a line's texts with its provider's list.
type Comparer interface {
	Compare(ctx context.Context, line chat.LineConfig) (settled bool, err error)
}

// Onboarding connects, checks and disconnects numbers, helpdesks, and the vendors that
// know a shop's customers.
type Onboarding struct {
	Store    *store.Store
	Jobs     *Jobs
	Accounts *gorgias.Accounts
	Twilio   Provider
	CatchUp  Comparer

	Connections ConnectionStore
	Vendors     Vendors

	Events    cluster.Events
	Wake      func() // has the courier claim deliveries
	PublicURL string
	Now       func() time.Time
	Log       *slog.Logger
}

// HookURL is an address that a line's provider calls.
func HookURL(public string, line chat.Line, what string) string {
	return public + "/hooks/" + line.Provider + "/" + line.Endpoint + "/" + what
}

// Installed reads what is installed in a helpdesk.
func Installed(h chat.Helpdesk) (helpdesk.Made, error) { return helpdesk.MadeBy(h) }
