package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/sms"
	"sidetext/widget"
)

// An asking is what the helpdesk says when it asks for a card. It asks at the
// moment something happens, when the event of it may not have come here yet; and
// it does not ask again until something else happens.
type asking struct {
	ticket   string // the helpdesk's id
	closed   bool   // the ticket is
	answered bool   // an agent has just answered in the helpdesk
	agent    string // the helpdesk's id of that agent
	mailed   bool   // the shopper has just written an e-mail, and not a text that we put there
}

func askedFor(c *fiber.Ctx) asking {
	is := func(name string) bool { return strings.EqualFold(said(c, name), "true") }
	return asking{
		ticket: said(c, "ticket"), closed: said(c, "status") == gorgias.Closed,
		answered: is("agent") && is("public") && said(c, "via") == gorgias.ViaHelpdesk && said(c, "channel") != gorgias.ChannelNote,
		agent:    said(c, "sender"),
		mailed:   strings.EqualFold(said(c, "agent"), "false") && is("public") && said(c, "channel") == gorgias.ChannelEmail && said(c, "via") != gorgias.ViaAPI,
	}
}

func (s *server) card(ctx context.Context, h chat.Helpdesk, id chat.ConversationID, asked asking) (widget.Card, error) {
	sight, _, err := s.store.Snapshot(ctx, h.Shop, id, 0)
	if err != nil {
		return widget.Card{}, err
	}
	if k := sight.Ticket; asked.closed && k != nil && k.Open && k.Remote == asked.ticket {
		sight.Escalation = nil // the close is news: it ends the escalation
	}
	launch, err := s.launcher.Token(h.Shop, id, s.now())
	p := sight.Shopper
	card := widget.Card{
		Name: p.Name, Phone: sms.Show(p.Phone), Email: cmp.Or(p.Email, "None known: a reply from this ticket can't be delivered"),
		Consent: "Allowed", Wants: sight.Wants(), State: cardState(sight, asked, h.Agents), Launch: launch,
	}
	switch {
	case sight.Conversation.OptedOut:
		card.Consent = "Stopped: no texts can be sent"
	case !p.Phone.Reachable():
		card.Consent = "Not possible: this sender can't be texted"
	}
	for _, e := range slices.Backward(sight.Entries) {
		if e.Way == chat.In {
			card.LastText, card.LastTextAt = e.Words(), e.At
			break
		}
	}
	return card, err
}

// cardState says who has the conversation, and who waits for whom.
func cardState(sight chat.Snapshot, asked asking, agents []chat.Agent) string {
	e := sight.Escalation
	switch {
	case e == nil && sight.Conversation.OptedOut:
		return "Texts are stopped"
	case e == nil:
		return "Automation answers"
	case e.Agent == (chat.Author{}) && !asked.answered:
		return "Waiting for an agent"
	}
	name, waits := e.Agent.Name, !asked.answered && (asked.mailed || shopperSpokeLast(sight))
	if asked.answered {
		i := slices.IndexFunc(agents, func(a chat.Agent) bool { return a.ID == asked.agent })
		if name = ""; i >= 0 {
			name = agents[i].Name
		}
	}
	if waits {
		return "With " + cmp.Or(name, "an agent") + ": the shopper waits for an answer"
	}
	return "With " + cmp.Or(name, "an agent") + ": answered"
}

// shopperSpokeLast reports whether the shopper has texted something since an
// agent last answered. Texts that stop or start texts ask nothing, and while
// texts are stopped none can be answered.
func shopperSpokeLast(sight chat.Snapshot) bool {
	if sight.Conversation.OptedOut {
		return false
	}
	var choice int64 // the revision of the opt-out or opt-in that follows
	for _, e := range slices.Backward(sight.Entries) {
		switch {
		case e.Event == chat.OptedOut || e.Event == chat.OptedIn:
			choice = e.Rev
		case e.Way == chat.In && e.Rev != choice:
			return true
		case e.Event == chat.RepliedByMail || e.Way == chat.Out && e.By.Role == chat.ByAgent:
			return false
		}
	}
	return false
}
