package bridge_test

import (
	"testing"
	"time"

	"sidetext/chat"
)

// mergedInto checks that another ticket is the conversation's, that agents were
// told once, and that no ticket was made for it.
func (w *world) mergedInto(from, into string) {
	w.Helper()
	sight := w.look(jane)
	if sight.Ticket == nil || sight.Ticket.Remote != into || sight.Ticket.Lost {
		w.Errorf("the ticket is %+v, want #%s", sight.Ticket, into)
	}
	n := 0
	for _, e := range sight.Entries {
		if e.Event == chat.TicketMerged && e.Text == "#"+from+" was merged into #"+into {
			n++
		}
		if e.Event == chat.TicketLost {
			w.Errorf("the ticket counts as lost: %+v", e)
		}
	}
	if n != 1 {
		w.Errorf("agents were told of the merger %d times", n)
	}
	if len(w.desk.tickets) != 2 {
		w.Errorf("there are %d tickets", len(w.desk.tickets))
	}
}

// post has something else done on a ticket.
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

// TestMergedTicket: what meets the merger first makes the remaining ticket the
// conversation's.
func TestMergedTicket(t *testing.T) {
	t.Parallel()
	for name, meets := range map[string]func(*world){
		"a later text":    func(w *world) { w.hear(jane, "are you there?") },
		"a call":          func(w *world) { w.news(jane, true) },
		"an agent's text": func(w *world) { w.reply(jane, "Have you tried oil?") },
		"a code": func(w *world) {
			remote := w.look(jane).Ticket.Remote
			w.post(chat.Delivery{Kind: chat.PostCode, Ticket: remote, Payload: chat.EncodePayload(chat.CodePayload{Text: "123456 is the code."})})
		},
		"a note": func(w *world) {
			remote := w.look(jane).Ticket.Remote
			w.post(chat.Delivery{Kind: chat.PostNote, Ticket: remote, Payload: chat.EncodePayload(chat.NotePayload{Text: "It did not arrive."})})
		},
		"a text, after another merger": func(w *world) {
			w.desk.other("8", true)
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
			w.desk.other(into, true)
			if name == "a text, after another merger" {
				into = "9-last"
				w.desk.other(into, true)
			}
			w.desk.merge(from, "9")
			meets(w)
			w.settle()
			if into == "9" {
				w.mergedInto(from, into)
			} else if k := w.look(jane).Ticket; k.Remote != into || k.Lost {
				t.Errorf("after two mergers the ticket is %+v", k)
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

// TestMergedIntoAClosedTicket opens that one again for a later text, and hands
// back to automation when nothing is left to say.
func TestMergedIntoAClosedTicket(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string]bool{"with a later text": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.hear(jane, strange)
			w.settle()
			from, _ := w.desk.only(t)
			w.desk.other("9", false)
			w.desk.merge(from, "9")
			if texts {
				w.hear(jane, "are you there?")
			} else {
				w.news(jane, false)
			}
			w.settle()
			w.mergedInto(from, "9")
			if open := w.desk.tickets["9"].open; open != texts || (w.look(jane).Escalation != nil) != texts {
				t.Errorf("the ticket is open: %v, a person has it: %v", open, w.look(jane).Escalation != nil)
			}
		})
	}
}

// TestMergedTicketThatIsGone: the remaining ticket was deleted, so another takes
// its place.
func TestMergedTicketThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	from, _ := w.desk.only(t)
	w.desk.other("9", true)
	w.desk.merge(from, "9")
	w.desk.set("9", func(k *ticket) { k.gone = true })
	w.hear(jane, "are you there?")
	w.settle()
	if k := w.look(jane).Ticket; k.Remote == from || k.Remote == "9" || k.Lost {
		t.Errorf("the ticket is %+v", k)
	}
}

// TestMergerIsKeptAcrossCrashes: each call may fail before or after it was
// carried out; every text is in the remaining ticket exactly once.
func TestMergerIsKeptAcrossCrashes(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"see", "said", "append", "tag", "note"} {
		for _, after := range []bool{false, true} {
			w := newWorld(t)
			w.hear(jane, strange)
			w.settle()
			from, _ := w.desk.only(t)
			w.desk.other("9", true)
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
			w.mergedInto(from, "9")
			says := w.desk.tickets["9"].says()
			if says["are you there?"] != 1 || says[strange] != 1 {
				t.Errorf("%s, after %v: the remaining ticket says %v", call, after, says)
			}
		}
	}
}
