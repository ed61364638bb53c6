package stories

import (
	"strings"

	"sidetext/server/demo"
)

// private names what the log must never say.
func (l *logbook) private(secrets ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, secret := range secrets {
		if len(secret) > 5 { // shorter ones are found in anything
			l.secrets = append(l.secrets, secret)
		}
	}
}

// discreet makes sure, at the end of every test with a stage, that the log holds
// no word that was said, nobody's number or address, and nothing that opens a
// door.
func (s *stage) discreet() {
	s.t.Helper()
	s.log.private(demo.TwilioToken, demo.HelpdeskKey)
	for _, p := range demo.Seed().Shoppers {
		s.log.private(strings.TrimPrefix(p.Phone, "+"), p.Email, p.Name)
	}
	text := s.log.String()
	for _, secret := range s.log.secrets {
		for line := range strings.Lines(text) {
			if strings.Contains(line, secret) {
				s.t.Errorf("the log says %q: %s", secret, line)
			}
		}
	}
}
