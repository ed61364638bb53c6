package stage

import (
	"net/http"
	"strings"

	"github.com/fasthttp/websocket"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
)

// SignedInAgent is an agent with a session, the conversation with Jane and its
// ticket.
func (s *Stage) SignedInAgent() (*Client, chat.ConversationID, gorgias.Ticket) {
	s.T.Helper()
	s.SendText(Jane, "my grinder is loud")
	k := s.WaitForTicket(Jane)
	c := s.Client()
	return c, c.SignIn(k, "Ben Okafor"), k
}

// TryUpgrade asks for a live connection with these headers and returns the
// status.
func (c *Client) TryUpgrade(header http.Header) int {
	c.S.T.Helper()
	at, err := http.NewRequest(http.MethodGet, c.S.URL, nil)
	Must(c.S.T, err)
	for _, cookie := range c.HTTP.Jar.Cookies(at.URL) {
		header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	conn, resp, err := websocket.DefaultDialer.Dial(strings.Replace(c.S.URL, "http", "ws", 1)+"/live", header)
	if err == nil {
		_ = conn.Close()
		return http.StatusSwitchingProtocols
	}
	if resp == nil {
		c.S.T.Fatal(err)
	}
	return resp.StatusCode
}
