package bridge_test

import (
	"sidetext/bridge"
	"sidetext/chat"
)

type ticket struct {
	id         chat.TicketID
	of         chat.ConversationID
	open       bool
	gone       bool   // trashed
	mergedInto string // the ticket that it was merged into, or empty
	replies    []bridge.EmailReply
	tags       []chat.Reason
	opening    []chat.Entry
	messages   []message
}

// A message is a note, or texts of the shopper.
type message struct {
	name   string
	note   string
	texts  []string
	quoted []chat.Entry
	before int   // texts before it, quoted or omitted
	upTo   int64 // the place of the newest text
}

// remaining returns the ticket that a ticket was merged into, or itself.
func (d *fakeHelpdesk) remaining(remote string) string {
	for d.tickets[remote] != nil && d.tickets[remote].mergedInto != "" {
		remote = d.tickets[remote].mergedInto
	}
	return remote
}

// merge merges a ticket into another, as an agent would.
func (d *fakeHelpdesk) merge(from, into string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, other := d.tickets[from], d.tickets[into]
	other.opening = append(other.opening, k.opening...)
	other.messages = append(other.messages, k.messages...)
	other.replies = append(other.replies, k.replies...)
	k.mergedInto, k.opening, k.messages = into, nil, nil
}

// addOther adds a ticket that has no texts.
func (d *fakeHelpdesk) addOther(remote string, open bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tickets[remote] = &ticket{open: open}
}

// shown returns the texts of a dialogue that are not omitted.
func shown(d chat.Dialogue) (texts []chat.Entry) {
	for _, l := range d {
		if l.Omitted == 0 {
			texts = append(texts, l.Text)
		}
	}
	return texts
}

// changeTicket changes a ticket as an agent would.
func (d *fakeHelpdesk) changeTicket(remote string, change func(*ticket)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d.tickets[remote])
}

// textCounts counts each text of the shopper and each note in a ticket.
func (k *ticket) textCounts() map[string]int {
	n := map[string]int{}
	for _, e := range k.opening {
		if e.Way == chat.In || e.By.Role == chat.ByAgent {
			n[e.Text]++
		}
	}
	for _, m := range k.messages {
		for _, text := range m.texts {
			n[text]++
		}
		if m.note != "" {
			n[m.note]++
		}
	}
	return n
}

// textCounts counts each text and note in all tickets.
func (d *fakeHelpdesk) textCounts() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]int{}
	for _, k := range d.tickets {
		for text, n := range k.textCounts() {
			all[text] += n
		}
	}
	return all
}
