package popup

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/web"
	"sidetext/sms"
)

// An AlertQueue holds events whose alerts are still to be sent to pop-ups.
type AlertQueue chan hub.Event

const maxAlerts = 256

// NewAlertQueue makes an empty queue.
func NewAlertQueue() AlertQueue { return make(AlertQueue, maxAlerts) }

// Add adds an event, or drops it if the queue is full. It never blocks.
func (q AlertQueue) Add(e hub.Event) {
	select {
	case q <- e:
	default:
	}
}

// RunAlerts sends alerts to pop-ups until ctx ends.
func (p *Popup) RunAlerts(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-p.Alerts:
			err := cluster.Safely(ctx, p.Log, func(ctx context.Context) error { return p.sendAlert(ctx, e) })
			if err != nil && ctx.Err() == nil {
				p.Log.Warn("send alert", "shop", e.Group, "error", err)
			}
		}
	}
}

// A shopFrame reports to a pop-up what happened in a conversation of its shop.
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

// taken is the event when an agent answers.
const taken = "taken"

// alertEvent returns the event of the alert that an entry causes for all agents of the
// shop, or "". An escalation causes a second alert once it has a ticket to link to.
func alertEvent(e chat.Entry, open *chat.Escalation) string {
	switch {
	case e.Event == chat.Escalated, e.Event == chat.TicketOpened:
		if open == nil || open.Reason == chat.TakenOver {
			return "" // it is over already, or an agent has it
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

// alertOf returns the event about the alert of a turn, if the turn has one. The event
// only names the entry; the nodes read the rest from the store, where an entry that
// does not exist or is another shop's is not found.
func alertOf(t *chat.Turn) (e hub.Event, ok bool) {
	for _, entry := range t.Added {
		if alertEvent(entry, t.Escalation) != "" {
			subject := string(t.Conversation.ID) + "/" + strconv.FormatInt(entry.Seq, 10)
			e, ok = hub.Event{Kind: cluster.ShopAlert, Group: string(t.Conversation.Shop), Subject: subject}, true
		}
	}
	return e, ok
}

// sendAlert reads what happened and sends it to the shop's pop-ups on this node.
func (p *Popup) sendAlert(ctx context.Context, e hub.Event) error {
	if !p.Hub.HasGroup(e.Group) {
		return nil // no pop-up is open
	}
	ctx, cancel := context.WithTimeout(ctx, web.HandleTimeout)
	defer cancel()
	name, place, _ := strings.Cut(e.Subject, "/")
	id := chat.ConversationID(name)
	seq, _ := strconv.ParseInt(place, 10, 64) // 0, which is no entry, if it is no number
	snapshot, _, err := p.Store.Snapshot(ctx, chat.ShopID(e.Group), id, -1)
	if err != nil {
		return err
	}
	entries, err := p.Store.EntriesAfter(ctx, chat.ShopID(e.Group), id, seq-1)
	if err != nil || len(entries) == 0 || entries[0].Seq != seq {
		return err
	}
	event := alertEvent(entries[0], snapshot.Escalation)
	if event == "" {
		return nil
	}
	frame := shopFrame{
		Type: "shop", Event: event, Conversation: id, Shopper: cmp.Or(snapshot.Shopper.Name, sms.FormatPhone(snapshot.Shopper.Phone)),
		Agent: entries[0].By.Name, Ticket: p.Rooms.ticketView(snapshot.Helpdesk, snapshot.Ticket), At: entries[0].At,
	}
	if event == string(chat.Escalated) {
		// Repeated with a ticket it is still the same alert.
		frame.Why, frame.At = snapshot.Wants(), snapshot.Escalation.At
	}
	data, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	p.Hub.SendToGroup(e.Group, data)
	return nil
}
