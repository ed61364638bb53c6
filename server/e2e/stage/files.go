package stage

import (
	"net/http"
	"strings"

	"sidetext/pretend/gorgias"
)

// Follow goes to an address as a browser does, without what is behind the #.
func (s *Stage) Follow(browser *http.Client, address string) *http.Response {
	s.T.Helper()
	address, _, _ = strings.Cut(address, "#")
	resp, err := browser.Get(address)
	Must(s.T, err)
	Must(s.T, resp.Body.Close())
	return resp
}

// AgentNotes are a ticket's internal notes.
func AgentNotes(k gorgias.Ticket) string {
	var said strings.Builder
	for _, m := range k.Messages {
		if !m.Public {
			said.WriteString(BodyText(m) + "\n")
		}
	}
	return said.String()
}

// ReadByMail is what of a ticket is sent, or quoted in what is sent, to the shopper.
func EmailedText(k gorgias.Ticket) string {
	said := *k.Subject
	for _, m := range k.Messages {
		if m.Public {
			said += "\n" + *m.Subject + "\n" + BodyText(m) + "\n" + *m.BodyHTML
		}
	}
	return said
}
