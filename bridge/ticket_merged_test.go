package bridge_test

import (
	"testing"
	"time"

	"sidetext/chat"
)

// checkMerged checks that the other ticket is the conversation's, that there is one
// event, and that no new ticket was created.
func (w *world) checkMerged(from, into string) {
	w.Helper()
	snapshot := w.snapshot(jane)
	if snapshot.Ticket == nil || snapshot.Ticket.Remote != into || snapshot.Ticket.Lost {
		w.Errorf("the ticket is %+v, want #%s", snapshot.Ticket, into)
	}
	n := 0
	for _, e := range snapshot.Entries {
		if e.Event == chat.TicketMerged && e.Text == "#"+from+" was merged into #"+into {
			n++
		}
		if e.Event == chat.TicketLost {
			w.Errorf("event of a lost ticket: %+v", e)
		}
	}
	if n != 1 {
		w.Errorf("%d events about the merge, want one", n)
	}
	if len(w.helpdesk.tickets) != 2 {
		w.Errorf("%d tickets, want 2", len(w.helpdesk.tickets))
	}
}

// addDelivery adds a delivery on a ticket.
func (w *world) addDelivery(d chat.Delivery) {
	w.Helper()
	now := w.time()
	d.ID, d.Shop, d.Conversation = chat.NewID[chat.DeliveryID](now), w.config.Shop.ID, w.conversation(jane)
	d.Lane, d.At, d.Due = string(d.Kind)+"/"+string(d.ID), now, now
	_, err := w.turns.Turn(w.ctx, d.Shop, d.Conversation, now, func(t *chat.Turn) error {
		d.Account = chat.HelpdeskAccount(t.Helpdesk)
		t.Deliveries = append(t.Deliveries, d)
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

// The first request that finds the ticket merged makes the remaining ticket the
// conversation's.
func TestMergedTicket(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(*world){
		"a later text":    func(w *world) { w.receive(jane, "are you there?") },
		"a webhook":       func(w *world) { w.ticketWebhook(jane) },
		"an agent's text": func(w *world) { w.reply(jane, "Have you tried oil?") },
		"a code": func(w *world) {
			remote := w.snapshot(jane).Ticket.Remote
			w.addDelivery(chat.Delivery{Kind: chat.PostCode, Ticket: remote, Payload: chat.EncodePayload(chat.CodePayload{Text: "123456 is the code."})})
		},
		"a note": func(w *world) {
			remote := w.snapshot(jane).Ticket.Remote
			w.addDelivery(chat.Delivery{Kind: chat.PostNote, Ticket: remote, Payload: chat.EncodePayload(chat.NotePayload{Text: "It did not arrive."})})
		},
		"a text, after two merges": func(w *world) {
			w.helpdesk.addOther("8", true)
			w.helpdesk.merge("9", "8")
			w.helpdesk.merge("8", "9-last")
			w.receive(jane, "are you there?")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.receive(jane, unclearText)
			w.settle()
			from, _ := w.helpdesk.onlyTicket(t)
			into := "9"
			w.helpdesk.addOther(into, true)
			if name == "a text, after two merges" {
				into = "9-last"
				w.helpdesk.addOther(into, true)
			}
			w.helpdesk.merge(from, "9")
			first(w)
			w.settle()
			if into == "9" {
				w.checkMerged(from, into)
			} else if k := w.snapshot(jane).Ticket; k.Remote != into || k.Lost {
				t.Errorf("the ticket is %+v", k)
			}
			w.receive(jane, "it is still loud")
			w.settle()
			if says := w.helpdesk.tickets[into].textCounts(); says[unclearText] != 1 || says["it is still loud"] != 1 {
				t.Errorf("the remaining ticket says %v", says)
			}
			if _, failed := w.counts(); failed != 0 {
				t.Errorf("%d deliveries failed", failed)
			}
		})
	}
}

// A closed ticket that ours was merged into is reopened for a later text; without
// one, automation takes over.
func TestMergedIntoClosedTicket(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string]bool{"with a later text": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.receive(jane, unclearText)
			w.settle()
			from, _ := w.helpdesk.onlyTicket(t)
			w.helpdesk.addOther("9", false)
			w.helpdesk.merge(from, "9")
			if texts {
				w.receive(jane, "are you there?")
			} else {
				w.ticketWebhook(jane)
			}
			w.settle()
			w.checkMerged(from, "9")
			if open := w.helpdesk.tickets["9"].open; open != texts || (w.snapshot(jane).Escalation != nil) != texts {
				t.Errorf("the ticket is open: %v, escalated: %v", open, w.snapshot(jane).Escalation != nil)
			}
		})
	}
}

// A remaining ticket that was deleted is replaced.
func TestMergedIntoDeletedTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	from, _ := w.helpdesk.onlyTicket(t)
	w.helpdesk.addOther("9", true)
	w.helpdesk.merge(from, "9")
	w.helpdesk.changeTicket("9", func(k *ticket) { k.gone = true })
	w.receive(jane, "are you there?")
	w.settle()
	if k := w.snapshot(jane).Ticket; k.Remote == from || k.Remote == "9" || k.Lost {
		t.Errorf("the ticket is %+v", k)
	}
}

// Whichever call fails, before or after its effect: the remaining ticket has each
// text once.
func TestMergedTicketSurvivesFailedCalls(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"see", "said", "append", "tag", "note"} {
		for _, after := range []bool{false, true} {
			w := newWorld(t)
			w.receive(jane, unclearText)
			w.settle()
			from, _ := w.helpdesk.onlyTicket(t)
			w.helpdesk.addOther("9", true)
			w.helpdesk.merge(from, "9")
			once := true
			fault := func(did string) error {
				if did == call && once {
					once = false
					return errUnreachable
				}
				return nil
			}
			if after {
				w.helpdesk.fail(nil, fault)
			} else {
				w.helpdesk.fail(fault, nil)
			}
			w.receive(jane, "are you there?")
			w.reply(jane, "Have you tried oil?")
			for range 5 {
				w.settle()
				w.advance(time.Minute)
			}
			w.checkMerged(from, "9")
			says := w.helpdesk.tickets["9"].textCounts()
			if says["are you there?"] != 1 || says[unclearText] != 1 {
				t.Errorf("%s fails, after its effect %v: the remaining ticket says %v", call, after, says)
			}
		}
	}
}
