package stage

import (
	"context"
	"time"

	"sidetext/pretend/twilio"
	"sidetext/server/demo"
)

// Deliver has a new phone send a text once, and returns the status of the
// webhook.
func (s *Stage) Deliver(text string) (phone string, status int) {
	s.T.Helper()
	phone = NewPhone()
	s.Log.AddSecrets(phone[1:], text)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, calls, err := s.World.Twilio.Deliver(ctx, twilio.Inbound{From: phone, To: demo.Number, Body: text})
	Must(s.T, err)
	return phone, calls[len(calls)-1].Status
}

// RefusalWords are parts of the console's texts about a refusal, by its code.
var RefusalWords = map[string]string{
	"no_shared_key":       "there is none here, so they are refused",
	"wrong_shared_key":    "the signature does not match the signing key here",
	"signature_algorithm": "an algorithm that is not known here",
}
