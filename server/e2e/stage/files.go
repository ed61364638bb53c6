package stage

import (
	"net/http"
	"strings"

	"sidetext/pretend/gorgias"
)

// Follow opens an address as a browser does, without its fragment.
func (s *Stage) Follow(browser *http.Client, address string) *http.Response {
	s.T.Helper()
	address, _, _ = strings.Cut(address, "#")
	resp, err := browser.Get(address)
	Must(s.T, err)
	Must(s.T, resp.Body.Close())
	return resp
}

// AgentNotes returns a ticket's internal notes.
func AgentNotes(k gorgias.Ticket) string {
	var text strings.Builder
	for _, m := range k.Messages {
		if !m.Public {
			text.WriteString(BodyText(m) + "\n")
		}
	}
	return text.String()
}

// EmailedText returns what of a ticket is sent to the shopper, or quoted in it.
func EmailedText(k gorgias.Ticket) string {
	text := *k.Subject
	for _, m := range k.Messages {
		if m.Public {
			text += "\n" + *m.Subject + "\n" + BodyText(m) + "\n" + *m.BodyHTML
		}
	}
	return text
}
