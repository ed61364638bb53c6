package hooks

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

// twilioInbound handles POST /hooks/twilio/:endpoint/inbound. The text is
// acknowledged only after its commit.
func (h *Hooks) twilioInbound(c *fiber.Ctx) error {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), hookTimeout)
	defer cancel()
	at, err := h.verifiedLine(ctx, c)
	if err != nil {
		return err
	}
	in, err := twilio.Inbound(c.Body())
	if err == nil && in.Account == "" {
		err = errors.New("the text names no account")
	}
	if err == nil && in.Account != at.Line.Account {
		return chat.ErrNotFound
	}
	if err == nil && in.To.Canonical() != at.Line.Number.Canonical() {
		err = errors.New("the text is for another number")
	}
	if err != nil {
		h.Log.Warn("text quarantined", "shop", at.Shop.ID, "line", at.Line.ID)
		h.Metrics.HooksQuarantined.Inc()
		err = h.Store.Quarantine(ctx, at.Line, err.Error(), base64.StdEncoding.EncodeToString(c.Body()), h.Now())
	} else {
		err = h.Bridge.Receive(ctx, at, in)
	}
	if err != nil {
		return notSaved(err)
	}
	h.Metrics.WebhookCommit.Observe(time.Since(began).Seconds())
	c.Set(fiber.HeaderContentType, twilio.AckType)
	return c.SendString(twilio.Ack)
}

// twilioStatus handles POST /hooks/twilio/:endpoint/status/:token, where token
// names the attempt that the report is about; without one Twilio's own id does.
func (h *Hooks) twilioStatus(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), hookTimeout)
	defer cancel()
	at, err := h.verifiedLine(ctx, c)
	if err != nil {
		return err
	}
	report, err := twilio.Status(c.Body(), chat.AttemptID(c.Params("token")))
	if err != nil {
		h.Log.Warn("status report quarantined", "shop", at.Shop.ID, "line", at.Line.ID)
		h.Metrics.HooksQuarantined.Inc()
		err = h.Store.Quarantine(ctx, at.Line, err.Error(), base64.StdEncoding.EncodeToString(c.Body()), h.Now())
		if err != nil {
			return notSaved(err)
		}
		return c.SendStatus(fiber.StatusNoContent)
	}
	if err := h.saveReport(ctx, at.Line, report); err != nil {
		return notSaved(err)
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// saveReport saves a provider's report about a text. An unknown text may be one of
// ours whose id the provider has not returned yet.
func (h *Hooks) saveReport(ctx context.Context, line chat.Line, report chat.Report) error {
	attempt, err := h.Store.Attempt(ctx, line, report.Token, report.ID)
	if errors.Is(err, chat.ErrNotFound) {
		if kept, err := h.Store.SaveUnmatchedReport(ctx, line, report, h.Now()); kept || err != nil {
			return err
		}
		attempt, err = h.Store.Attempt(ctx, line, "", report.ID)
	}
	if err != nil {
		return err
	}
	return h.Bridge.Report(ctx, attempt, report)
}

// verifiedLine finds the line that a request is about, and verifies that the line's
// provider made it: the signature covers the public address from our settings,
// never the one in the request.
func (h *Hooks) verifiedLine(ctx context.Context, c *fiber.Ctx) (chat.LineConfig, error) {
	at, err := h.Lines.Get(ctx, c.Params("endpoint"), h.Now())
	if err != nil {
		return at, err
	}
	if at.Line.Provider != "twilio" {
		return at, chat.ErrNotFound
	}
	err = twilio.Verify(sms.Webhook{
		Method: c.Method(), URL: h.PublicURL + c.OriginalURL(), Header: func(name string) string { return c.Get(name) }, Body: c.Body(),
	}, twilio.Keys{Tokens: []chat.Secret{at.Line.Token}, Shared: []chat.Secret{at.Line.SigningKey}})
	if err != nil {
		h.refuse(ctx, at.Line, err)
		return at, err
	}
	h.clearRefusal(ctx, at.Line)
	return at, nil
}

// notSaved has a provider try again: whatever the reason, nothing was saved.
func notSaved(err error) error { return &notSavedError{err} }

type notSavedError struct{ cause error }

func (e *notSavedError) Error() string   { return "not saved: " + e.cause.Error() }
func (e *notSavedError) Unwrap() []error { return []error{chat.ErrUnavailable, e.cause} }
