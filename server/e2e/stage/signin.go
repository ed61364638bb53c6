package stage

import (
	"net/http"
	"net/url"

	"sidetext/pretend/gorgias"
)

// A Refusal is an error, as a page reads it.
type Refusal struct{ Code, Text string }

// RequestCode requests a code and returns its challenge, once the code is in a
// note.
func (c *Client) RequestCode(k gorgias.Ticket) (challenge, code string) {
	t := c.S.T
	t.Helper()
	token, ticket := c.S.LaunchLink(k)
	before := len(c.S.Codes(k))
	var asked struct{ Challenge string }
	if got := c.Call("POST", "/api/code", map[string]string{"token": token, "ticket": ticket, "agent": c.S.Agents()["Ben Okafor"]}, &asked); got != 202 {
		t.Fatalf("got %d", got)
	}
	Until(t, "a code", func() bool { return len(c.S.Codes(k)) > before })
	codes := c.S.Codes(k)
	c.S.Log.AddSecrets(asked.Challenge, codes[len(codes)-1])
	return asked.Challenge, codes[len(codes)-1]
}

// Agents returns the ids of the helpdesk's agents, by name.
func (s *Stage) Agents() map[string]string {
	ids := map[string]string{}
	for _, a := range s.Helpdesk().Agents {
		ids[a.Name] = a.ID
	}
	return ids
}

// Cookie returns the session cookie, or nil.
func (c *Client) Cookie() *http.Cookie {
	at, err := url.Parse(c.S.URL)
	Must(c.S.T, err)
	for _, cookie := range c.HTTP.Jar.Cookies(at) {
		return cookie
	}
	return nil
}
