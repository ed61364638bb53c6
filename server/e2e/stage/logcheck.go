package stage

import (
	"strings"

	"sidetext/server/demo"
)

// AddSecrets names texts that must not be in the log.
func (l *LogBuffer) AddSecrets(secrets ...string) {
	l.Mu.Lock()
	defer l.Mu.Unlock()
	for _, secret := range secrets {
		if len(secret) > 5 { // shorter ones are found in anything
			l.Secrets = append(l.Secrets, secret)
		}
	}
}

// CheckLog runs at the end of every test with a Stage: the log must not contain
// texts, numbers, addresses, or secrets.
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
