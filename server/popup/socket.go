package popup

import (
	"errors"

	contrib "github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/store"
)

// Close codes of our own (RFC 6455 leaves 4000 to 4999 to applications).
const (
	closeProtocol = 4400
	closeSignedIn = 4401
	closeNotFound = 4404
)

// ErrSignedOut closes the sockets of a session that has ended.
var ErrSignedOut = &hub.Close{Code: closeSignedIn, Reason: "please sign in"}

// authorizeUpgrade lets our own page open a socket, with an agent's session. A
// browser sends cookies along from any page, so what counts is the page's origin.
func (p *Popup) authorizeUpgrade(c *fiber.Ctx) error {
	if !contrib.IsWebSocketUpgrade(c) {
		return &chat.Error{Kind: chat.KindInvalid, Code: "not_a_socket", Text: "This address is for live connections only."}
	}
	if site := c.Get("Sec-Fetch-Site"); c.Get("Origin") != p.Web.PublicURL || (site != "" && site != "same-origin") {
		return &chat.Error{Kind: chat.KindForbidden, Code: "cross_origin", Text: "Live connections are only made by Sidetext's own pages."}
	}
	if err := p.Limiter.Acquire(); err != nil {
		return err
	}
	session, err := p.Web.Session(c, store.AgentSession)
	p.Limiter.Release()
	if err != nil && !errors.Is(err, chat.ErrSignedOut) {
		return err
	}
	// A page can't read the status of a refused handshake. So without a session the
	// socket is opened to be closed with a code, and for nothing else.
	// A page that reconnects sends everything that was written meanwhile at once.
	s := &socketSession{popup: p, session: session, rate: rate.NewLimiter(10, 50), request: c.Context()}
	c.Locals(sessionKey, s)
	trimHeader(&c.Request().Header)
	return c.Next()
}

// sessionKey names the socketSession among a request's locals.
const sessionKey = "session"

// upgrade makes a socket of the request and serves it.
func (p *Popup) upgrade() fiber.Handler {
	return contrib.New(func(c *contrib.Conn) {
		s := c.Locals(sessionKey).(*socketSession)
		// The inner connection: the wrapper is recycled for another client as soon
		// as this function returns.
		s.serve(c.Conn)
	}, contrib.Config{
		Origins:         []string{p.Web.PublicURL},
		ReadBufferSize:  512,
		WriteBufferSize: 4096, // from the pool, and only while something is written
		WriteBufferPool: &p.writeBuffers,
		RecoverHandler:  func(*contrib.Conn) {}, // serve recovers; the default one tells the client what went wrong
	})
}

// trimHeader leaves of a handshake's header what upgrading needs: contrib/websocket
// keeps a copy of the rest for as long as the socket lives.
func trimHeader(header *fasthttp.RequestHeader) {
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
