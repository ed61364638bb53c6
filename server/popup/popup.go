// Package popup serves the agents' pop-up: launch and sign-in, the live connection
// with its frames, alerts, and the files of texts.
package popup

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/web"
	"sidetext/store"
	"sidetext/widget"
)

// A Bridge carries out what agents request.
type Bridge interface {
	Reply(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author, r bridge.Reply) (seq int64, err error)
	SendAgain(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author, seq int64, r bridge.Reply) (again int64, err error)
	CheckAgain(ctx context.Context, shop chat.ShopID, id chat.ConversationID, seq int64) error
	KeepAsIs(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author, seq int64) error
	HandBack(ctx context.Context, shop chat.ShopID, id chat.ConversationID, agent chat.Author) error
	SyncTicket(ctx context.Context, shop chat.ShopID, id chat.ConversationID) error
}

// Popup serves the pop-up.
type Popup struct {
	Web      *web.Web
	Store    *store.Store
	Bridge   Bridge
	Hub      *hub.Hub
	Rooms    *Rooms
	Events   cluster.Events
	Alerts   AlertQueue
	Launcher *widget.Launcher
	Limiter  Limiter
	Wake     func() // has the courier claim deliveries
	Now      func() time.Time
	Log      *slog.Logger

	sockets      sync.WaitGroup // handlers of open sockets
	writeBuffers sync.Pool      // shared by all sockets: an idle one needs none
}

// Routes adds the addresses of the pop-up.
func (p *Popup) Routes(r fiber.Router) {
	r.Get("/popup", web.Page("popup/index.html"))
	r.Post("/api/launch", p.Web.SameOrigin, p.launch)
	r.Post("/api/code", p.Web.SameOrigin, p.makeCode)
	r.Post("/api/session", p.Web.SameOrigin, p.useCode)
	r.Delete("/api/session", p.Web.SameOrigin, p.endSession)
	r.Get("/api/media/:id", p.media)
	r.Get("/files/:id", p.file)
	r.Get("/live", p.authorizeUpgrade, p.upgrade())
}

// Wait waits until the handlers of all sockets have returned.
func (p *Popup) Wait() { p.sockets.Wait() }
