package main

import (
	"context"
	"crypto/subtle"
	"errors"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/widget"
)

// helpdeskAt finds the helpdesk that calls, by the random part of the address
// and the secret it shows. Which of the two is wrong nobody learns.
func (s *server) helpdeskAt(ctx context.Context, c *fiber.Ctx) (chat.Helpdesk, error) {
	h, err := s.store.HelpdeskAt(ctx, c.Params("endpoint"))
	if err != nil {
		return h, err
	}
	if subtle.ConstantTimeCompare([]byte(c.Get(widget.SecretHeader)), []byte(h.Secret)) != 1 {
		s.meter.refused.Inc()
		s.log.Warn("a helpdesk called with a wrong secret", "shop", h.Shop)
		return h, chat.ErrNotFound
	}
	return h, nil
}

// gorgiasEvent handles POST /hooks/gorgias/:endpoint/event: something happened
// to a ticket, perhaps one of ours.
func (s *server) gorgiasEvent(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), hookWithin)
	defer cancel()
	h, err := s.helpdeskAt(ctx, c)
	if err != nil {
		return err
	}
	hook, err := gorgias.ParseHook(c.Body())
	if err != nil {
		return err
	}
	if hook.Irrelevant() {
		return c.JSON(fiber.Map{})
	}
	customer := ""
	if hook.CustomerID != 0 {
		customer = hook.CustomerID.String()
	}
	about, err := s.store.TicketConversations(ctx, h.Shop, hook.TicketID.String(), customer)
	if err != nil {
		return err
	}
	for _, id := range about { // none: most tickets of a helpdesk are not ours
		if err := s.bridge.MarkHeard(ctx, h.Shop, id); err != nil {
			return err
		}
	}
	return c.JSON(fiber.Map{})
}

// gorgiasCard handles GET /hooks/gorgias/:endpoint/card: what the card beside a
// ticket shows. The helpdesk keeps it with the customer.
func (s *server) gorgiasCard(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), hookWithin)
	defer cancel()
	h, err := s.helpdeskAt(ctx, c)
	if err != nil {
		return err
	}
	id, err := s.store.FindConversation(ctx, h.Shop, chat.TicketID(said(c, "external")), said(c, "ticket"), said(c, "customer"))
	if errors.Is(err, chat.ErrNotFound) {
		return c.JSON(fiber.Map{}) // an empty answer shows no card
	}
	if err != nil {
		return err
	}
	card, err := s.card(ctx, h, id, askedFor(c))
	if err != nil {
		return err
	}
	data, err := card.JSON()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return c.Send(data)
}

// said is a query parameter that a template may have left empty.
func said(c *fiber.Ctx, name string) string {
	if v := c.Query(name); v != "None" {
		return v
	}
	return ""
}
