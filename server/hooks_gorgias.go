package main

import (
	"context"
	"crypto/subtle"
	"errors"

	"github.com/gofiber/fiber/v2"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/sms"
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
	id, err := s.store.TicketConversation(ctx, h.Shop, hook.TicketID.String())
	if errors.Is(err, chat.ErrNotFound) {
		return c.JSON(fiber.Map{}) // most tickets of a helpdesk are not ours
	}
	if err != nil {
		return err
	}
	var news bridge.News
	if hook.Answers() {
		news.Message = hook.MessageID.String()
		news.Agent = chat.Author{Role: chat.ByAgent, ID: hook.Sender.ID.String(), Name: hook.Sender.Name}
	}
	if hook.TicketStatus == gorgias.Open || hook.TicketStatus == gorgias.Closed {
		open := hook.TicketStatus == gorgias.Open
		news.Open = &open
	}
	if news.Message != "" || news.Open != nil {
		if err := s.bridge.Hear(ctx, h.Shop, id, news); err != nil {
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
	card, err := s.card(ctx, h.Shop, id)
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

func (s *server) card(ctx context.Context, shop chat.ShopID, id chat.ConversationID) (widget.Card, error) {
	sight, _, err := s.store.Look(ctx, shop, id, 0)
	if err != nil {
		return widget.Card{}, err
	}
	launch, err := s.launcher.Token(shop, id, s.now())
	card := widget.Card{Name: sight.Shopper.Name, Phone: sms.Show(sight.Shopper.Phone), Consent: "Not opted out", State: "Automation answers", Launch: launch}
	if sight.Conversation.OptedOut {
		card.Consent = "Opted out: no SMS can be sent"
	}
	if sight.Escalation != nil {
		card.State, card.Wants = "Waiting for an agent", sight.Escalation.Wants
	}
	for i := len(sight.Entries) - 1; i >= 0; i-- {
		e := sight.Entries[i]
		if e.Way == chat.In {
			card.LastText, card.LastTextAt = e.Words(), e.At
			break
		}
		if e.Way == chat.Out && e.By.Role == chat.ByAgent && sight.Escalation != nil {
			card.State = "Waiting for the shopper"
		}
	}
	return card, err
}
