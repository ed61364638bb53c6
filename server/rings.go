package main

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/sms"
)

// rings tell all open pop-ups of a shop what happened in one conversation.
type rings struct {
	*server
	queue chan hub.Event
}

const ringsMost = 256

func (r *rings) init(s *server) { r.server, r.queue = s, make(chan hub.Event, ringsMost) }

// add never waits: of very many at once some are left out, as agents who are
// told of so many see no single one.
func (r *rings) add(e hub.Event) {
	select {
	case r.queue <- e:
	default:
	}
}

func (r *rings) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-r.queue:
			if err := r.safely(ctx, func(ctx context.Context) error { return r.ring(ctx, e) }); err != nil && ctx.Err() == nil {
				r.log.Warn("a shop's agents can't be told", "shop", e.Group, "error", err)
			}
		}
	}
}

// A shopFrame tells a pop-up what happened in a conversation of its shop.
type shopFrame struct {
	Type         string              `json:"type"`
	Event        string              `json:"event"`
	Conversation chat.ConversationID `json:"conversation"`
	Shopper      string              `json:"shopper"`
	Why          string              `json:"why"`
	Agent        string              `json:"agent"`
	Ticket       *ticketView         `json:"ticket"`
	At           time.Time           `json:"at"`
}

// taken is what a shop's agents are told when one of them answers.
const taken = "taken"

// telling is what an entry tells all agents of the shop, or nothing. Of an
// escalation they hear again when there is a ticket to go to.
func telling(e chat.Entry, open *chat.Escalation) string {
	switch {
	case e.Event == chat.Escalated, e.Event == chat.TicketOpened:
		if open == nil || open.Reason == chat.TakenOver {
			return "" // it is over already, or nobody was called
		}
		return string(chat.Escalated)
	case e.Event == chat.NeedAdded:
		if open == nil || open.Reason == chat.TakenOver || open.Agent != (chat.Author{}) {
			return "" // an agent has it
		}
		return string(chat.Escalated)
	case e.Event == chat.HandedBack:
		return string(chat.HandedBack)
	case e.Event == chat.RepliedByMail, e.Kind == chat.Text && e.By.Role == chat.ByAgent:
		return taken
	}
	return ""
}

// ringing is the event of a turn that all agents of the shop want to know, if
// there is one. It names the entry that tells of it, and nothing else: what is
// not there, or is another shop's, is not found.
func ringing(t *chat.Turn) (e hub.Event, rings bool) {
	for _, entry := range t.Added {
		if telling(entry, t.Escalation) != "" {
			subject := string(t.Conversation.ID) + "/" + strconv.FormatInt(entry.Seq, 10)
			e, rings = hub.Event{Kind: nodesShop, Group: string(t.Conversation.Shop), Subject: subject}, true
		}
	}
	return e, rings
}

// ring reads what happened and shows it to the shop's pop-ups on this node.
func (r *rings) ring(ctx context.Context, e hub.Event) error {
	if !r.hub.HasGroup(e.Group) {
		return nil // nobody would hear it
	}
	ctx, cancel := context.WithTimeout(ctx, handleWithin)
	defer cancel()
	name, place, _ := strings.Cut(e.Subject, "/")
	id := chat.ConversationID(name)
	seq, _ := strconv.ParseInt(place, 10, 64) // of what is no number there is no entry
	sight, _, err := r.store.Snapshot(ctx, chat.ShopID(e.Group), id, -1)
	if err != nil {
		return err
	}
	entries, err := r.store.EntriesAfter(ctx, chat.ShopID(e.Group), id, seq-1)
	if err != nil || len(entries) == 0 || entries[0].Seq != seq {
		return err
	}
	what := telling(entries[0], sight.Escalation)
	if what == "" {
		return nil
	}
	frame := shopFrame{
		Type: "shop", Event: what, Conversation: id, Shopper: cmp.Or(sight.Shopper.Name, sms.Show(sight.Shopper.Phone)),
		Agent: entries[0].By.Name, Ticket: r.ticketView(sight.Helpdesk, sight.Ticket), At: entries[0].At,
	}
	if what == string(chat.Escalated) {
		// Said again with a ticket, it is still the same call.
		frame.Why, frame.At = sight.Wants(), sight.Escalation.At
	}
	data, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	r.hub.SendToGroup(e.Group, data)
	return nil
}
