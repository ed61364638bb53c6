package stage

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
)

// A Client is an HTTP client with cookies, which makes requests as our pages
// do.
type Client struct {
	S    *Stage
	HTTP *http.Client
}

// Client makes a client without cookies.
func (s *Stage) Client() *Client {
	jar, err := cookiejar.New(nil)
	Must(s.T, err)
	return &Client{s, &http.Client{Jar: jar, Timeout: Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Call makes a request as one of our pages does; the response's JSON goes into
// out.
func (c *Client) Call(method, path string, in, out any) int {
	c.S.T.Helper()
	body, err := json.Marshal(in)
	Must(c.S.T, err)
	req, err := http.NewRequest(method, c.S.URL+path, strings.NewReader(string(body)))
	Must(c.S.T, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Origin", c.S.URL)
	resp, err := c.HTTP.Do(req)
	Must(c.S.T, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	Must(c.S.T, err)
	if out != nil && len(data) > 0 {
		Must(c.S.T, json.Unmarshal(data, out))
	}
	return resp.StatusCode
}

// LaunchLink waits for the link of the card beside a ticket, and returns its
// parameters.
func (s *Stage) LaunchLink(k gorgias.Ticket) (token, ticket string) {
	s.T.Helper()
	link := ""
	Until(s.T, "the card with its link", func() bool {
		for _, card := range s.World.Gorgias.Sidebar(k.ID, 0) {
			for _, l := range card.Links {
				link = l.URL
			}
		}
		return strings.Contains(link, "#t=ey")
	})
	_, fragment, _ := strings.Cut(link, "#")
	values, err := url.ParseQuery(fragment)
	Must(s.T, err)
	return values.Get("t"), values.Get("ticket")
}

var SixDigits = regexp.MustCompile(`\b\d{6}\b`)

// SignIn signs an agent in, with the link of a ticket's card and the code in
// its note. It returns the conversation that the link leads to.
func (c *Client) SignIn(k gorgias.Ticket, agent string) chat.ConversationID {
	t := c.S.T
	t.Helper()
	token, ticket := c.S.LaunchLink(k)
	var launch LaunchAnswer
	if status := c.Call("POST", "/api/launch", map[string]string{"token": token, "ticket": ticket}, &launch); status != 200 {
		t.Fatalf("launch responded with %d", status)
	}
	who := ""
	for _, a := range launch.Agents {
		if a.Name == agent {
			who = a.ID
		}
	}
	before := len(c.S.Codes(k))
	var asked struct{ Challenge string }
	if status := c.Call("POST", "/api/code", map[string]string{"token": token, "ticket": ticket, "agent": who}, &asked); status != 202 {
		t.Fatalf("code responded with %d", status)
	}
	Until(t, "the code in a note", func() bool { return len(c.S.Codes(k)) > before })
	codes := c.S.Codes(k)
	if status := c.Call("POST", "/api/session", map[string]string{"challenge": asked.Challenge, "code": codes[len(codes)-1]}, nil); status != 200 {
		t.Fatalf("session responded with %d", status)
	}
	return launch.Conversation
}

// Codes returns the codes in a ticket's internal notes, oldest first.
func (s *Stage) Codes(k gorgias.Ticket) (codes []string) {
	now, _ := s.World.Gorgias.Ticket(k.ID)
	for _, m := range now.Messages {
		if m.Channel == "internal-note" {
			if code := SixDigits.FindString(BodyText(m)); code != "" {
				codes = append(codes, code)
			}
		}
	}
	return codes
}
