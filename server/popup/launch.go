package popup

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/web"
	"sidetext/store"
	"sidetext/widget"
)

// How an agent gets from a link beside a ticket to a live conversation: the
// link's token names the conversation, and a code that is posted as an internal
// note on its ticket proves that the agent can read the ticket.

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

// A target is what a launch token leads to.
type target struct {
	shop         chat.Shop
	conversation chat.ConversationID
	helpdesk     chat.Helpdesk
	ticket       *chat.Ticket // where a code would be posted, or nil
}

// resolve reads a launch token. ticket is the helpdesk's id of the ticket that
// the link stood beside; a code is only ever posted on a ticket of the
// conversation itself.
func (p *Popup) resolve(ctx context.Context, token, ticket string) (to target, err error) {
	shop, id, err := p.Launcher.Read(token, p.Now())
	if errors.Is(err, widget.ErrLaunch) {
		return to, chat.ErrNotFound // as for a conversation that does not exist
	}
	if err != nil {
		return to, err
	}
	snapshot, _, err := p.Store.Snapshot(ctx, shop, id, -1)
	if err != nil {
		return to, err
	}
	to = target{shop: snapshot.Shop, conversation: id, ticket: snapshot.Ticket}
	if to.helpdesk, err = p.Store.Helpdesk(ctx, shop); errors.Is(err, chat.ErrNotFound) {
		return to, &chat.Error{Kind: chat.KindConflict, Code: "no_helpdesk", Text: "Gorgias is not connected to Sidetext at the moment, so no agent can be signed in. Please ask an admin of your shop to connect it again."}
	}
	if err != nil {
		return to, err
	}
	if ticket != "" && (to.ticket == nil || to.ticket.Remote != ticket) {
		beside, err := p.Store.Ticket(ctx, shop, id, ticket)
		switch {
		case errors.Is(err, chat.ErrNotFound):
			// Our ticket may have been merged into that one: have it synced.
			err = p.Bridge.SyncTicket(ctx, shop, id)
		case err == nil && !beside.Lost:
			to.ticket = &beside
		}
		if err != nil {
			return to, err
		}
	}
	if to.ticket != nil && (to.ticket.Remote == "" || to.ticket.Lost) {
		to.ticket = nil
	}
	return to, nil
}

// launch handles POST /api/launch.
func (p *Popup) launch(c *fiber.Ctx) error {
	// Pages that /live refused ask here for the reason: after a restart thousands at
	// once.
	if err := p.Limiter.Acquire(); err != nil {
		return err
	}
	defer p.Limiter.Release()
	ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
	defer cancel()
	var in struct{ Token, Ticket string }
	if err := decode(c, &in); err != nil {
		return err
	}
	to, err := p.resolve(ctx, in.Token, in.Ticket)
	if err != nil {
		return err
	}
	out := launchAnswer{Conversation: to.conversation, Shop: to.shop.Name}
	session, err := p.Web.Session(c, store.AgentSession)
	if err == nil && session.Shop == to.shop.ID {
		out.SignedIn, out.Agent = true, &agentView{session.Agent.ID, session.Agent.Name}
		return c.JSON(out)
	}
	if err != nil && !errors.Is(err, chat.ErrSignedOut) {
		return err
	}
	if id, ok := p.Web.Cookies.Read(c, store.AgentSession, p.Now()); ok {
		if out.SignedOut, err = p.Store.SessionEndReason(ctx, id, store.AgentSession); err != nil {
			return err
		}
	}
	out.Ticket = p.Rooms.ticketView(to.helpdesk.Account, to.ticket)
	for _, a := range to.helpdesk.Agents {
		out.Agents = append(out.Agents, agentView{a.ID, a.Name})
	}
	return c.JSON(out)
}
