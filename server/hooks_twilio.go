package main

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/sms"
	"sidetext/sms/twilio"
)

// twilioInbound handles POST /hooks/twilio/:endpoint/inbound. The provider is
// told that the text arrived only when it is kept.
func (s *server) twilioInbound(c *fiber.Ctx) error {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), hookWithin)
	defer cancel()
	door, err := s.twilioDoor(ctx, c)
	if err != nil {
		return err
	}
	in, err := twilio.Inbound(c.Body())
	if err == nil && in.Account == "" {
		err = errors.New("the text names no account")
	}
	if err == nil && in.Account != door.Line.Account {
		return chat.ErrNotFound
	}
	if err == nil && in.To.Canonical() != door.Line.Number.Canonical() {
		err = errors.New("the text is for another number")
	}
	if err != nil {
		s.log.Warn("a well-signed text can't be read and is kept in quarantine", "shop", door.Shop.ID, "line", door.Line.ID)
		s.meter.quarantined.Inc()
		err = s.store.Quarantine(ctx, door.Line, err.Error(), base64.StdEncoding.EncodeToString(c.Body()), s.now())
	} else {
		err = s.bridge.Receive(ctx, door, in)
	}
	if err != nil {
		return notKept(err)
	}
	s.meter.commit.Observe(time.Since(began).Seconds())
	c.Set(fiber.HeaderContentType, twilio.AckType)
	return c.SendString(twilio.Ack)
}

// twilioStatus handles POST /hooks/twilio/:endpoint/status/:token, where token
// names the attempt that the news is about; without one Twilio's own id does.
func (s *server) twilioStatus(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), hookWithin)
	defer cancel()
	door, err := s.twilioDoor(ctx, c)
	if err != nil {
		return err
	}
	report, err := twilio.Status(c.Body(), chat.AttemptID(c.Params("token")))
	if err != nil {
		s.log.Warn("a well-signed report can't be read and is kept in quarantine", "shop", door.Shop.ID, "line", door.Line.ID)
		s.meter.quarantined.Inc()
		err = s.store.Quarantine(ctx, door.Line, err.Error(), base64.StdEncoding.EncodeToString(c.Body()), s.now())
		if err != nil {
			return notKept(err)
		}
		return c.SendStatus(fiber.StatusNoContent)
	}
	if err := s.heed(ctx, door.Line, report); err != nil {
		return notKept(err)
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// heed takes in what a provider says of a text. One that nobody knows may be one
// of ours whose name the provider has not told us yet.
func (s *server) heed(ctx context.Context, line chat.Line, report chat.Report) error {
	attempt, err := s.store.Attempt(ctx, line, report.Token, report.ID)
	if errors.Is(err, chat.ErrNotFound) {
		if kept, err := s.store.SaveUnmatchedReport(ctx, line, report, s.now()); kept || err != nil {
			return err
		}
		attempt, err = s.store.Attempt(ctx, line, "", report.ID)
	}
	if err != nil {
		return err
	}
	return s.bridge.Report(ctx, attempt, report)
}

// twilioDoor finds the line that a request is about, and verifies that the line's
// provider made it: the signature covers the public address from our settings,
// never what the request says of itself.
func (s *server) twilioDoor(ctx context.Context, c *fiber.Ctx) (chat.LineConfig, error) {
	door, err := s.doors.get(ctx, c.Params("endpoint"), s.now(), s.store.LineConfig)
	if err != nil {
		return door, err
	}
	if door.Line.Provider != "twilio" {
		return door, chat.ErrNotFound
	}
	err = twilio.Verify(sms.Webhook{
		Method: c.Method(), URL: s.settings.PublicURL + c.OriginalURL(), Header: func(name string) string { return c.Get(name) }, Body: c.Body(),
	}, twilio.Keys{Tokens: []chat.Secret{door.Line.Token}, Shared: []chat.Secret{door.Line.SigningKey}})
	if err != nil {
		s.refuse(ctx, door.Line, err)
		return door, err
	}
	s.verified(ctx, door.Line)
	return door, nil
}

// notKept tells a provider to try again: whatever the reason, nothing was kept.
func notKept(err error) error {
	return &keptNot{err}
}

type keptNot struct{ cause error }

func (k *keptNot) Error() string   { return "not kept: " + k.cause.Error() }
func (k *keptNot) Unwrap() []error { return []error{chat.ErrUnavailable, k.cause} }
