package stage

import (
	"strings"

	"sidetext/server/demo"
)

// Private names what the log must never say.
func (l *LogBuffer) AddSecrets(secrets ...string) {
	l.Mu.Lock()
	defer l.Mu.Unlock()
	for _, secret := range secrets {
		if len(secret) > 5 { // shorter ones are found in anything
			l.Secrets = append(l.Secrets, secret)
		}
	}
}

// Discreet makes sure, at the end of every test with a stage, that the log holds
// no word that was said, nobody's number or address, and nothing that opens a
// door.
func (s *Stage) CheckLog() {
	s.T.Helper()
	s.Log.AddSecrets(demo.TwilioToken, demo.HelpdeskKey)
	for _, p := range demo.Seed().Shoppers {
		s.Log.AddSecrets(strings.TrimPrefix(p.Phone, "+"), p.Email, p.Name)
	}
	text := s.Log.String()
	for _, secret := range s.Log.Secrets {
		for line := range strings.Lines(text) {
			if strings.Contains(line, secret) {
				s.T.Errorf("the log says %q: %s", secret, line)
			}
		}
	}
}
