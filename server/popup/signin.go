package popup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/web"
	"sidetext/store"
)

// makeCode handles POST /api/code.
func (p *Popup) makeCode(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
	defer cancel()
	var in struct{ Token, Ticket, Agent string }
	if err := decode(c, &in); err != nil {
		return err
	}
	l, err := p.resolve(ctx, in.Token, in.Ticket)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(l.helpdesk.Agents, func(a chat.Agent) bool { return a.ID == in.Agent })
	if i < 0 {
		return chat.Invalid("This agent is not in the helpdesk. Please choose another name.")
	}
	if l.ticket == nil {
		return &chat.Error{Kind: chat.KindConflict, Code: "no_ticket", Text: "There is no ticket yet that the code could be posted on. Please try again in a moment."}
	}
	digits, agent, now := sixDigits(), l.helpdesk.Agents[i], p.Now()
	note := fmt.Sprintf("Sign-in code for %s: %s (valid 10 minutes, one use). If nobody requested it, ignore this note.", agent.Name, digits)
	challenge, err := p.Store.MakeCode(ctx, store.Code{Shop: l.shop.ID, Conversation: l.conversation, Agent: agent}, digits,
		chat.NewCodeDelivery(l.helpdesk, l.conversation, l.ticket.Remote, note, now), now)
	if err != nil {
		c.Set(fiber.HeaderRetryAfter, "3600") // clients use it only with 429
		return err
	}
	p.Wake()
	return c.Status(fiber.StatusAccepted).JSON(fiber.Map{"challenge": challenge, "ticket": p.Rooms.ticketView(l.helpdesk.Account, l.ticket)})
}

func sixDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // documented never to happen
	}
	return fmt.Sprintf("%06d", n)
}

// useCode handles POST /api/session.
func (p *Popup) useCode(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
	defer cancel()
	var in struct{ Challenge, Code string }
	if err := decode(c, &in); err != nil {
		return err
	}
	session, left, err := p.Store.UseCode(ctx, in.Challenge, strings.ReplaceAll(in.Code, " ", ""), p.Now())
	switch {
	case errors.Is(err, chat.ErrNotFound):
		return &chat.Error{Kind: chat.KindSignedOut, Code: "code_expired", Text: "This code can't be used any more. Please ask for a new one."}
	case errors.Is(err, chat.ErrSignedOut) && left == 0:
		return &chat.Error{Kind: chat.KindSignedOut, Code: "code_expired", Text: "That is not the code, and it can't be tried any more. Please ask for a new one."}
	case errors.Is(err, chat.ErrSignedOut):
		return &chat.Error{Kind: chat.KindSignedOut, Code: "wrong_code", Text: fmt.Sprintf("That is not the code. %s left.", tries(left))}
	case err != nil:
		return err
	}
	if err := p.Web.Cookies.SetSession(c, session, p.Now()); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"agent": agentView{session.Agent.ID, session.Agent.Name}})
}

func tries(n int) string {
	if n == 1 {
		return "One try is"
	}
	return fmt.Sprintf("%d tries are", n)
}

// endSession handles DELETE /api/session.
func (p *Popup) endSession(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
	defer cancel()
	if id, ok := p.Web.Cookies.Read(c, store.AgentSession, p.Now()); ok {
		if err := p.Store.EndSession(ctx, id, p.Now()); err != nil {
			return err
		}
		p.Events.Publish(hub.Event{Kind: cluster.SessionEnded})
	}
	p.Web.Cookies.Clear(c, store.AgentSession)
	c.Set("Clear-Site-Data", `"cache"`)
	return c.SendStatus(fiber.StatusNoContent)
}

// decode reads a JSON body. Another site's page can't send JSON without a
// preflight request, so no other type is accepted.
func decode(c *fiber.Ctx, into any) error {
	if !strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEApplicationJSON) {
		return chat.Invalid("The request should be JSON.")
	}
	if err := c.BodyParser(into); err != nil {
		return chat.Invalid("The request is not the JSON that was expected.")
	}
	return nil
}
