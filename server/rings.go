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

// ringing is what of a turn all agents of the shop want to know, if anything. Of
// an escalation they hear again when there is a ticket to go to.
func ringing(t *chat.Turn) (e hub.Event, rings bool) {
	calls := t.Escalation != nil && t.Escalation.Reason != chat.TakenOver
	for _, entry := range t.Added {
		what := ""
		switch {
		case calls && (entry.Event == chat.Escalated || entry.Event == chat.TicketOpened):
			what = string(chat.Escalated)
		case entry.Event == chat.HandedBack:
			what = string(chat.HandedBack)
		case entry.Kind == chat.Text && entry.By.Role == chat.ByAgent:
			what = taken
		default:
			continue
		}
		e, rings = hub.Event{Kind: nodesShop, Group: string(t.Conversation.Shop), Subject: subject(what, t.Conversation.ID, entry.Seq)}, true
	}
	return e, rings
}

// subject names what happened, in which conversation, and the entry that tells of
// it: what is not there, or is another shop's, is not found.
func subject(what string, id chat.ConversationID, seq int64) string {
	return what + "/" + string(id) + "/" + strconv.FormatInt(seq, 10)
}

func readSubject(text string) (what string, id chat.ConversationID, seq int64) {
	what, rest, _ := strings.Cut(text, "/")
	conversation, place, _ := strings.Cut(rest, "/")
	seq, _ = strconv.ParseInt(place, 10, 64) // of what is no number there is no entry
	return what, chat.ConversationID(conversation), seq
}

// ring reads what happened and shows it to the shop's pop-ups on this node.
func (r *rings) ring(ctx context.Context, e hub.Event) error {
	if !r.hub.Gathered(e.Group) {
		return nil // nobody would hear it
	}
	ctx, cancel := context.WithTimeout(ctx, handleWithin)
	defer cancel()
	what, id, seq := readSubject(e.Subject)
	sight, _, err := r.store.Look(ctx, chat.ShopID(e.Group), id, -1)
	if err != nil {
		return err
	}
	entries, err := r.store.After(ctx, chat.ShopID(e.Group), id, seq-1)
	if err != nil || len(entries) == 0 || entries[0].Seq != seq {
		return err
	}
	frame := shopFrame{
		Type: "shop", Event: what, Conversation: id, Shopper: cmp.Or(sight.Shopper.Name, sms.Show(sight.Shopper.Phone)),
		Agent: entries[0].By.Name, Ticket: r.ticketView(sight.Helpdesk, sight.Ticket), At: entries[0].At,
	}
	if what == string(chat.Escalated) {
		if sight.Escalation == nil {
			return nil // it is over already
		}
		// Said again with a ticket, it is still the same call.
		frame.Why, frame.At = sight.Escalation.Wants, sight.Escalation.At
	}
	data, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	r.hub.Ring(e.Group, data)
	return nil
}
