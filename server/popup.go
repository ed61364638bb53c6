package main

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
	"sidetext/store"
	"sidetext/widget"
)

// How an agent gets from a link beside a ticket to a live conversation: the
// link's token names the conversation, and a code that is posted as an internal
// note on its ticket proves that whoever asks can read the ticket.

type agentView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type launchAnswer struct {
	Conversation chat.ConversationID `json:"conversation"`
	Shop         string              `json:"shop"`
	SignedIn     bool                `json:"signed_in"`
	Agent        *agentView          `json:"agent"`
	Ticket       *ticketView         `json:"ticket,omitempty"`
	Agents       []agentView         `json:"agents,omitempty"`
	SignedOut    string              `json:"signed_out,omitempty"` // why the agent was signed out, in words for them
}

// launched is what a launch token leads to.
type launched struct {
	shop         chat.Shop
	conversation chat.ConversationID
	helpdesk     chat.Helpdesk
	ticket       *chat.Ticket // where a code would be posted, or nil
}

// follow reads a launch token. ticket is the helpdesk's id of the ticket that
// the link stood beside; a code is only ever posted on a ticket of the
// conversation itself.
func (s *server) follow(ctx context.Context, token, ticket string) (l launched, err error) {
	shop, id, err := s.launcher.Read(token, s.now())
	if errors.Is(err, widget.ErrLaunch) {
		return l, chat.ErrNotFound // as of a conversation that is not there
	}
	if err != nil {
		return l, err
	}
	sight, _, err := s.store.Snapshot(ctx, shop, id, -1)
	if err != nil {
		return l, err
	}
	l = launched{shop: sight.Shop, conversation: id, ticket: sight.Ticket}
	if l.helpdesk, err = s.store.Helpdesk(ctx, shop); errors.Is(err, chat.ErrNotFound) {
		return l, &chat.Error{Kind: chat.KindConflict, Code: "no_helpdesk", Text: "Gorgias is not connected to Sidetext at the moment, so no agent can be signed in. Please ask an admin of your shop to connect it again."}
	}
	if err != nil {
		return l, err
	}
	if ticket != "" && (l.ticket == nil || l.ticket.Remote != ticket) {
		beside, err := s.store.Ticket(ctx, shop, id, ticket)
		switch {
		case errors.Is(err, chat.ErrNotFound):
			// Ours may have been merged into the one on the screen: find out.
			err = s.bridge.MarkHeard(ctx, shop, id)
		case err == nil && !beside.Lost:
			l.ticket = &beside
		}
		if err != nil {
			return l, err
		}
	}
	if l.ticket != nil && (l.ticket.Remote == "" || l.ticket.Lost) {
		l.ticket = nil
	}
	return l, nil
}

// launch handles POST /api/launch.
func (s *server) launch(c *fiber.Ctx) error {
	// A page that is turned away from /live asks here why: thousands at once.
	if err := s.opening.pass(); err != nil {
		return err
	}
	defer s.opening.leave()
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	var in struct{ Token, Ticket string }
	if err := decode(c, &in); err != nil {
		return err
	}
	l, err := s.follow(ctx, in.Token, in.Ticket)
	if err != nil {
		return err
	}
	out := launchAnswer{Conversation: l.conversation, Shop: l.shop.Name}
	session, err := s.session(c, store.AgentSession)
	if err == nil && session.Shop == l.shop.ID {
		out.SignedIn, out.Agent = true, &agentView{session.Agent.ID, session.Agent.Name}
		return c.JSON(out)
	}
	if err != nil && !errors.Is(err, chat.ErrSignedOut) {
		return err
	}
	if id, ok := s.cookies.read(c, store.AgentSession, s.now()); ok {
		if out.SignedOut, err = s.store.WhyEnded(ctx, id, store.AgentSession); err != nil {
			return err
		}
	}
	out.Ticket = s.ticketView(l.helpdesk.Account, l.ticket)
	for _, a := range l.helpdesk.Agents {
		out.Agents = append(out.Agents, agentView{a.ID, a.Name})
	}
	return c.JSON(out)
}

// makeCode handles POST /api/code.
func (s *server) makeCode(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	var in struct{ Token, Ticket, Agent string }
	if err := decode(c, &in); err != nil {
		return err
	}
	l, err := s.follow(ctx, in.Token, in.Ticket)
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
	digits, agent, now := sixDigits(), l.helpdesk.Agents[i], s.now()
	id := chat.NewID[chat.DeliveryID](now)
	challenge, err := s.store.MakeCode(ctx, store.Code{Shop: l.shop.ID, Conversation: l.conversation, Agent: agent}, digits, chat.Delivery{
		ID: id, Shop: l.shop.ID, Kind: chat.PostCode, Account: chat.HelpdeskAccount(l.helpdesk.Account), Lane: "code/" + string(id),
		Conversation: l.conversation, Ticket: l.ticket.Remote, Due: now, Urgent: true,
		Payload: chat.EncodePayload(chat.CodePayload{
			Text: fmt.Sprintf("%s is the code with which %s can text this shopper from Sidetext. It works once, for 10 minutes. Nobody asked for it? Then ignore this note.", digits, agent.Name),
		}),
	}, now)
	if err != nil {
		c.Set(fiber.HeaderRetryAfter, "3600") // of use only with 429
		return err
	}
	s.courier.Wake()
	return c.Status(fiber.StatusAccepted).JSON(fiber.Map{"challenge": challenge, "ticket": s.ticketView(l.helpdesk.Account, l.ticket)})
}

func sixDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // documented never to happen
	}
	return fmt.Sprintf("%06d", n)
}

// useCode handles POST /api/session.
func (s *server) useCode(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	var in struct{ Challenge, Code string }
	if err := decode(c, &in); err != nil {
		return err
	}
	session, left, err := s.store.UseCode(ctx, in.Challenge, strings.ReplaceAll(in.Code, " ", ""), s.now())
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
	if err := s.cookies.give(c, session, s.now()); err != nil {
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
func (s *server) endSession(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	if id, ok := s.cookies.read(c, store.AgentSession, s.now()); ok {
		if err := s.store.EndSession(ctx, id, s.now()); err != nil {
			return err
		}
		s.tellNodes(hub.Event{Kind: nodesSession})
	}
	s.cookies.take(c, store.AgentSession)
	c.Set("Clear-Site-Data", `"cache"`)
	return c.SendStatus(fiber.StatusNoContent)
}

// decode reads a JSON body. A form can't be sent as JSON by another site's page
// without asking first, so nothing else is taken.
func decode(c *fiber.Ctx, into any) error {
	if !strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEApplicationJSON) {
		return chat.Invalid("The request should be JSON.")
	}
	if err := c.BodyParser(into); err != nil {
		return chat.Invalid("The request is not the JSON that was expected.")
	}
	return nil
}
