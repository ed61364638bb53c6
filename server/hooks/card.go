package hooks

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/sms"
	"sidetext/widget"
)

// A cardRequest has the parameters with which the helpdesk fetches a card. It does so
// when a ticket changes, possibly before the event about the change arrives here, and
// not again until the next change.
type cardRequest struct {
	ticket   string // the helpdesk's id
	closed   bool   // the ticket is
	answered bool   // an agent has just answered in the helpdesk
	agent    string // the helpdesk's id of that agent
	mailed   bool   // the shopper has just written an e-mail, and not a text that we put there
}

func parseCardRequest(c *fiber.Ctx) cardRequest {
	is := func(name string) bool { return strings.EqualFold(param(c, name), "true") }
	return cardRequest{
		ticket: param(c, "ticket"), closed: param(c, "status") == gorgias.Closed,
		answered: is("agent") && is("public") && param(c, "via") == gorgias.ViaHelpdesk && param(c, "channel") != gorgias.ChannelNote,
		agent:    param(c, "sender"),
		mailed:   strings.EqualFold(param(c, "agent"), "false") && is("public") && param(c, "channel") == gorgias.ChannelEmail && param(c, "via") != gorgias.ViaAPI,
	}
}

func (h *Hooks) card(ctx context.Context, desk chat.Helpdesk, id chat.ConversationID, asked cardRequest) (widget.Card, error) {
	snapshot, _, err := h.Store.Snapshot(ctx, desk.Shop, id, 0)
	if err != nil {
		return widget.Card{}, err
	}
	if k := snapshot.Ticket; asked.closed && k != nil && k.Open && k.Remote == asked.ticket {
		snapshot.Escalation = nil // our own state is older: closing ends the escalation
	}
	launch, err := h.Launcher.Token(desk.Shop, id, h.Now())
	p := snapshot.Shopper
	card := widget.Card{
		Name: p.Name, Phone: sms.FormatPhone(p.Phone), Email: cmp.Or(p.Email, "None known: a reply from this ticket can't be delivered"),
		Consent: "Allowed", Wants: snapshot.Wants(), State: cardState(snapshot, asked, desk.Agents), Launch: launch,
	}
	switch {
	case snapshot.Conversation.OptedOut:
		card.Consent = "Stopped: no texts can be sent"
	case !p.Phone.Reachable():
		card.Consent = "Not possible: this sender can't be texted"
	}
	known := p.Profile()
	card.ShowProfile(known, h.Now(), zoneOf(known.TimeZone, snapshot.Shop.Settings.TimeZone, sms.TimeZone(snapshot.Line.Number)))
	for _, e := range slices.Backward(snapshot.Entries) {
		if e.Way == chat.In {
			card.LastText, card.LastTextAt = e.Summary(), e.At
			break
		}
	}
	return card, err
}

// zoneOf returns the first of the time zones that is known.
func zoneOf(names ...string) *time.Location {
	for _, name := range names {
		if zone, err := time.LoadLocation(name); err == nil && name != "" {
			return zone
		}
	}
	return time.UTC
}

// cardState says who has the conversation, and who waits for an answer.
func cardState(snapshot chat.Snapshot, asked cardRequest, agents []chat.Agent) string {
	e := snapshot.Escalation
	switch {
	case e == nil && snapshot.Conversation.OptedOut:
		return "Texts are stopped"
	case e == nil:
		return "Automation answers"
	case e.Agent == (chat.Author{}) && !asked.answered:
		return "Waiting for an agent"
	}
	name, waits := e.Agent.Name, !asked.answered && (asked.mailed || shopperSpokeLast(snapshot))
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
func shopperSpokeLast(snapshot chat.Snapshot) bool {
	if snapshot.Conversation.OptedOut {
		return false
	}
	var choice int64 // the revision of the opt-out or opt-in that follows
	for _, e := range slices.Backward(snapshot.Entries) {
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
