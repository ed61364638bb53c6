package main

import (
	"context"
	"errors"
	"strings"
	"time"

	contrib "github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/store"
)

// room names a conversation to the hub; the shop is part of the name, so that no
// mistake about a conversation can cross from one shop to another.
func room(shop chat.ShopID, id chat.ConversationID) string { return string(shop) + "/" + string(id) }

// tell shows a turn that was kept to whoever looks at its conversation.
func (s *server) tell(t *chat.Turn) {
	name, rev := room(t.Conversation.Shop, t.Conversation.ID), t.Conversation.Rev
	s.hub.PublishHint(name, rev)
	if e, rings := ringing(t); rings {
		s.tellNodes(e)
	}
	if !s.hub.HasViewers(name) {
		return
	}
	frame, err := s.changed(rev-1, t.Snapshot())
	if err != nil {
		s.log.Error("a change can't be shown", "conversation", t.Conversation.ID, "error", err)
		s.hub.Hint(name, rev)
		return
	}
	s.hub.SendUpdate(name, hub.Update{From: rev - 1, Rev: rev, Frame: frame})
	s.showed(t.Added)
}

// showed measures how long what a shopper texted took to be shown.
func (s *server) showed(entries []chat.Entry) {
	now := s.now()
	for _, e := range entries {
		if took := now.Sub(e.At); e.Way == chat.In && took < time.Minute { // older: somebody has just come
			s.meter.frame.Observe(max(took, 0).Seconds())
		}
	}
}

// look reads for the hub what a room's conversation holds beyond a revision.
func (s *server) look(ctx context.Context, name string, since int64) (hub.Update, error) {
	shop, id, _ := strings.Cut(name, "/")
	if shop == canaryShop {
		rev, err := s.store.CanaryRevision(ctx, id)
		if errors.Is(err, chat.ErrNotFound) {
			return hub.Update{}, nil // it has not flown yet
		}
		return hub.Update{From: since, Rev: rev, Frame: canaryFrame}, err
	}
	sight, reset, err := s.store.Snapshot(ctx, chat.ShopID(shop), chat.ConversationID(id), since)
	if errors.Is(err, chat.ErrNotFound) {
		return hub.Update{}, &hub.Close{Code: closeNotFound, Reason: "there is no such conversation"}
	}
	if err != nil {
		return hub.Update{}, err
	}
	if sight.Conversation.Rev == since {
		return hub.Update{}, nil // as nearly always when a beat asks
	}
	news := hub.Update{From: since, Rev: sight.Conversation.Rev}
	if !reset { // too much for one frame: viewers are told where it stands, and open anew
		news.Frame, err = s.changed(since, sight)
		s.showed(sight.Entries)
	}
	return news, err
}

// canaryFrame is what nobody but a sentry gets.
var canaryFrame = []byte("{}")

// Close codes of our own (RFC 6455 leaves 4000 to 4999 to applications).
const (
	closeProtocol = 4400
	closeSignedIn = 4401
	closeNotFound = 4404
)

// knock lets in who may open a socket: our own page, with an agent's session. A
// browser sends cookies along from any page, so its word on where the page came
// from is what counts.
func (s *server) knock(c *fiber.Ctx) error {
	if !contrib.IsWebSocketUpgrade(c) {
		return &chat.Error{Kind: chat.KindInvalid, Code: "not_a_socket", Text: "This address is for live connections only."}
	}
	if site := c.Get("Sec-Fetch-Site"); c.Get("Origin") != s.settings.PublicURL || (site != "" && site != "same-origin") {
		return &chat.Error{Kind: chat.KindForbidden, Code: "cross_origin", Text: "Live connections are only made by Sidetext's own pages."}
	}
	if err := s.opening.pass(); err != nil {
		return err
	}
	session, err := s.session(c, store.AgentSession)
	s.opening.leave()
	if err != nil && !errors.Is(err, chat.ErrSignedOut) {
		return err
	}
	// A page can't read the status of a refused handshake. So who isn't signed
	// in is let in to be told, and to nothing else.
	// A page that comes back says everything that was written meanwhile at once.
	v := &visitor{server: s, session: session, pace: rate.NewLimiter(10, 50), request: c.Context()}
	c.Locals("visitor", v)
	lighten(&c.Request().Header)
	return c.Next()
}

// upgrade makes a socket of the request and serves it.
func (s *server) upgrade() fiber.Handler {
	return contrib.New(func(c *contrib.Conn) {
		v := c.Locals("visitor").(*visitor)
		// The inner connection: the wrapper is recycled for a stranger as soon
		// as this function returns.
		v.serve(c.Conn)
	}, contrib.Config{
		Origins:         []string{s.settings.PublicURL},
		ReadBufferSize:  512,
		WriteBufferSize: 4096, // from the pool, and only while something is written
		WriteBufferPool: &writeBuffers,
		RecoverHandler:  func(*contrib.Conn) {}, // serve recovers; the default one tells the client what went wrong
	})
}

// lighten leaves of a handshake's header what upgrading needs: contrib/websocket
// keeps a copy of everything for as long as the socket lives.
func lighten(header *fasthttp.RequestHeader) {
	var rest []string
	for name := range header.All() {
		switch n := string(name); n {
		case fiber.HeaderConnection, fiber.HeaderUpgrade, fiber.HeaderOrigin, "Sec-Websocket-Key", "Sec-Websocket-Version":
		default:
			rest = append(rest, n)
		}
	}
	for _, name := range rest {
		header.Del(name)
	}
}
