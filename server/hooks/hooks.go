// Package hooks handles the requests of vendors: texts and status reports, events
// of the helpdesk, and the card beside a ticket.
package hooks

import (
	"context"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/metrics"
	"sidetext/store"
	"sidetext/widget"
)

// hookTimeout limits how long a vendor's request may wait for the store. It is
// below the read timeout that we ask Twilio for (sms/twilio's Fragment), so that
// Twilio gets a clear refusal and tries again.
const hookTimeout = 2 * time.Second

// A Bridge processes the texts, status reports and ticket events of vendors.
type Bridge interface {
	Receive(ctx context.Context, at chat.LineConfig, in chat.Incoming) error
	Report(ctx context.Context, a chat.Attempt, r chat.Report) error
	SyncTicket(ctx context.Context, shop chat.ShopID, id chat.ConversationID) error
}

// Hooks serves /hooks.
type Hooks struct {
	Store     *store.Store
	Bridge    Bridge
	Launcher  *widget.Launcher
	Lines     *LineCache
	Refusals  *Refusals
	Metrics   *metrics.Metrics
	PublicURL string // what vendors sign
	Now       func() time.Time
	Log       *slog.Logger
}

// Routes adds the addresses that vendors call.
func (h *Hooks) Routes(r fiber.Router) {
	r.Post("/hooks/twilio/:endpoint/inbound", h.twilioInbound)
	r.Post("/hooks/twilio/:endpoint/status/:token?", h.twilioStatus)
	r.Post("/hooks/gorgias/:endpoint/event", h.gorgiasEvent)
	r.Get("/hooks/gorgias/:endpoint/card", h.gorgiasCard)
}
