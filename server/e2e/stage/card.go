package stage

import (
	"encoding/json"
	"strings"

	"sidetext/pretend/gorgias"
)

// CurrentCard is the card that the helpdesk has stored: the response to its
// newest request.
func (s *Stage) CurrentCard(k gorgias.Ticket) (card map[string]string) {
	for _, c := range s.World.Gorgias.Calls() {
		if c.Ticket == k.ID && c.Status == 200 && strings.Contains(c.URL, "/card?") {
			card = map[string]string{}
			_ = json.Unmarshal([]byte(c.Body), &card)
		}
	}
	return card
}

// WaitForCardField waits until a field of the stored card has this value.
func (s *Stage) WaitForCardField(k gorgias.Ticket, field, want string) {
	s.T.Helper()
	Until(s.T, "a card with "+field+" "+want, func() bool { return s.CurrentCard(k)[field] == want })
}
