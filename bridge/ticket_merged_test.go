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
	snapshot := w.look(jane)
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
	if len(w.desk.tickets) != 2 {
		w.Errorf("%d tickets, want 2", len(w.desk.tickets))
	}
}

// post adds a delivery on a ticket.
func (w *world) post(d chat.Delivery) {
	w.Helper()
	now := w.time()
	d.ID, d.Shop, d.Conversation = chat.NewID[chat.DeliveryID](now), w.door.Shop.ID, w.conversation(jane)
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
		"a later text":    func(w *world) { w.hear(jane, "are you there?") },
		"a webhook":       func(w *world) { w.news(jane, true) },
		"an agent's text": func(w *world) { w.reply(jane, "Have you tried oil?") },
		"a code": func(w *world) {
			remote := w.look(jane).Ticket.Remote
			w.post(chat.Delivery{Kind: chat.PostCode, Ticket: remote, Payload: chat.EncodePayload(chat.CodePayload{Text: "123456 is the code."})})
		},
		"a note": func(w *world) {
			remote := w.look(jane).Ticket.Remote
			w.post(chat.Delivery{Kind: chat.PostNote, Ticket: remote, Payload: chat.EncodePayload(chat.NotePayload{Text: "It did not arrive."})})
		},
		"a text, after two merges": func(w *world) {
			w.desk.addOther("8", true)
			w.desk.merge("9", "8")
			w.desk.merge("8", "9-last")
			w.hear(jane, "are you there?")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.hear(jane, strange)
			w.settle()
			from, _ := w.desk.only(t)
			into := "9"
			w.desk.addOther(into, true)
			if name == "a text, after two merges" {
				into = "9-last"
				w.desk.addOther(into, true)
			}
			w.desk.merge(from, "9")
			first(w)
			w.settle()
			if into == "9" {
				w.checkMerged(from, into)
			} else if k := w.look(jane).Ticket; k.Remote != into || k.Lost {
				t.Errorf("the ticket is %+v", k)
			}
			w.hear(jane, "it is still loud")
			w.settle()
			if says := w.desk.tickets[into].says(); says[strange] != 1 || says["it is still loud"] != 1 {
				t.Errorf("the remaining ticket says %v", says)
			}
			if _, failed := w.left(); failed != 0 {
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
			w.hear(jane, strange)
			w.settle()
			from, _ := w.desk.only(t)
			w.desk.addOther("9", false)
			w.desk.merge(from, "9")
			if texts {
				w.hear(jane, "are you there?")
			} else {
				w.news(jane, false)
			}
			w.settle()
			w.checkMerged(from, "9")
			if open := w.desk.tickets["9"].open; open != texts || (w.look(jane).Escalation != nil) != texts {
				t.Errorf("the ticket is open: %v, escalated: %v", open, w.look(jane).Escalation != nil)
			}
		})
	}
}

// A remaining ticket that was deleted is replaced.
func TestMergedIntoDeletedTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	from, _ := w.desk.only(t)
	w.desk.addOther("9", true)
	w.desk.merge(from, "9")
	w.desk.set("9", func(k *ticket) { k.gone = true })
	w.hear(jane, "are you there?")
	w.settle()
	if k := w.look(jane).Ticket; k.Remote == from || k.Remote == "9" || k.Lost {
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
			w.hear(jane, strange)
			w.settle()
			from, _ := w.desk.only(t)
			w.desk.addOther("9", true)
			w.desk.merge(from, "9")
			once := true
			fault := func(did string) error {
				if did == call && once {
					once = false
					return away
				}
				return nil
			}
			if after {
				w.desk.fail(nil, fault)
			} else {
				w.desk.fail(fault, nil)
			}
			w.hear(jane, "are you there?")
			w.reply(jane, "Have you tried oil?")
			for range 5 {
				w.settle()
				w.pass(time.Minute)
			}
			w.checkMerged(from, "9")
			says := w.desk.tickets["9"].says()
			if says["are you there?"] != 1 || says[strange] != 1 {
				t.Errorf("%s fails, after its effect %v: the remaining ticket says %v", call, after, says)
			}
		}
	}
}
