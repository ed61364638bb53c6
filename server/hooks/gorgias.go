package hooks

import (
	"context"
	"crypto/subtle"
	"errors"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/widget"
)

// authenticateHelpdesk finds the helpdesk that makes a request, by the random part of
// the address, and checks its secret. The response does not say which of the two is wrong.
func (h *Hooks) authenticateHelpdesk(ctx context.Context, c *fiber.Ctx) (chat.Helpdesk, error) {
	desk, err := h.Store.HelpdeskAt(ctx, c.Params("endpoint"))
	if err != nil {
		return desk, err
	}
	if subtle.ConstantTimeCompare([]byte(c.Get(widget.SecretHeader)), []byte(desk.Secret)) != 1 {
		h.Metrics.HooksRefused.Inc()
		h.Log.Warn("helpdesk request with a wrong secret", "shop", desk.Shop)
		return desk, chat.ErrNotFound
	}
	return desk, nil
}

// gorgiasEvent handles POST /hooks/gorgias/:endpoint/event: something happened
// to a ticket, perhaps one of ours.
func (h *Hooks) gorgiasEvent(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), hookTimeout)
	defer cancel()
	desk, err := h.authenticateHelpdesk(ctx, c)
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
	about, err := h.Store.TicketConversations(ctx, desk.Shop, hook.TicketID.String(), customer)
	if err != nil {
		return err
	}
	for _, id := range about { // none: most tickets of a helpdesk are not ours
		if err := h.Bridge.SyncTicket(ctx, desk.Shop, id); err != nil {
			return err
		}
	}
	return c.JSON(fiber.Map{})
}

// gorgiasCard handles GET /hooks/gorgias/:endpoint/card: what the card beside a
// ticket shows. The helpdesk stores it with the customer.
func (h *Hooks) gorgiasCard(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), hookTimeout)
	defer cancel()
	desk, err := h.authenticateHelpdesk(ctx, c)
	if err != nil {
		return err
	}
	id, err := h.Store.FindConversation(ctx, desk.Shop, chat.TicketID(param(c, "external")), param(c, "ticket"), param(c, "customer"))
	if errors.Is(err, chat.ErrNotFound) {
		return c.JSON(fiber.Map{}) // an empty answer shows no card
	}
	if err != nil {
		return err
	}
	card, err := h.card(ctx, desk, id, parseCardRequest(c))
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

// param is a query parameter that a template may have left empty.
func param(c *fiber.Ctx, name string) string {
	if v := c.Query(name); v != "None" {
		return v
	}
	return ""
}
