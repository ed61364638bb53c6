package chat_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

func TestEscalateOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.receive(t, "SM1", "help")
	first := w.must(t, func(turn *chat.Turn) error {
		turn.Escalate(chat.UnknownKeyword, "", 0)
		turn.Escalate(chat.UnknownKeyword, "", 0)
		turn.Escalate(chat.AskedForPerson, "", 0)
		return nil
	})
	again := w.escalate(t)
	if !slices.Equal(events(first), []chat.Event{chat.Escalated, chat.NeedAdded}) || again.HasChanges() || again.Escalation.ID != first.Escalation.ID || again.Ticket.ID != first.Ticket.ID {
		t.Errorf("first %v, again %v", events(first), events(again))
	}
	if e := first.Escalation; e.Reason != chat.UnknownKeyword || e.Wants != chat.UnknownKeyword.Wants() || first.Conversation.Escalation != e.ID {
		t.Errorf("escalation %+v", e)
	}
}

func TestEscalateReusesTicketWithinWindow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		within time.Duration
		after  time.Duration // the close
		lost   bool
		reuse  bool
	}{
		"within the window":   {72 * time.Hour, 71 * time.Hour, false, true},
		"at the window's end": {72 * time.Hour, 72 * time.Hour, false, true},
		"after the window":    {72 * time.Hour, 72*time.Hour + 1, false, false},
		"window without end":  {-1, 10000 * time.Hour, false, true},
		"no window":           {0, time.Microsecond, false, false},
		"ticket lost":         {-1, time.Minute, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.saved.Shop.Settings.ReopenWithin = test.within
			w.receive(t, "SM1", "help")
			w.escalate(t)
			w.must(t, func(turn *chat.Turn) error {
				turn.Ticket.Remote, turn.Ticket.Mirrored = "77", turn.Conversation.Seq
				turn.TicketClosed()
				return nil
			})
			if test.lost {
				w.must(t, func(turn *chat.Turn) error { turn.Ticket.Lost = true; return nil })
			}
			old := *w.saved.Ticket
			w.advance(test.after)
			w.receive(t, "SM2", "help again")
			turn := w.escalate(t)
			if test.reuse {
				if turn.Ticket.ID != old.ID || turn.Retired != nil {
					t.Errorf("another ticket: %+v", turn.Ticket)
				}
				return
			}
			k := turn.Ticket
			if k.ID == old.ID || k.Before != "77" || k.Remote != "" || !k.Open || k.From != turn.Escalation.From || k.Mirrored != k.From-1 || turn.Conversation.Ticket != k.ID {
				t.Errorf("the new ticket: %+v", k)
			}
			if turn.Retired == nil || !reflect.DeepEqual(*turn.Retired, old) {
				t.Errorf("retired %+v, want %+v", turn.Retired, old)
			}
		})
	}
}

// TestNewTicketKeepsPredecessor: a ticket that was never opened in the helpdesk
// passes its predecessor on.
func TestNewTicketKeepsPredecessor(t *testing.T) {
	t.Parallel()
	w := newWorld()
	turn := w.must(t, func(turn *chat.Turn) error {
		turn.Ticket = &chat.Ticket{ID: "old", Before: "76"}
		turn.NewTicket(1)
		return nil
	})
	if turn.Ticket.Before != "76" {
		t.Errorf("predecessor %q, want 76", turn.Ticket.Before)
	}
}

func TestSyncTicketOnce(t *testing.T) {
	t.Parallel()
	sync := func(turn *chat.Turn) error { turn.SyncTicket(); turn.SyncTicket(); return nil }
	w := newWorld()
	if turn := w.must(t, sync); len(turn.Deliveries) != 0 {
		t.Error("synced without a ticket")
	}
	w.receive(t, "SM1", "help")
	w.escalate(t)
	turn := w.must(t, sync)
	if len(turn.Deliveries) != 1 {
		t.Fatalf("%d deliveries, want 1", len(turn.Deliveries))
	}
	if d := turn.Deliveries[0]; d.Account != "gorgias/acme" || d.Lane != "ticket/c" || d.Conversation != "c" || turn.HasChanges() {
		t.Errorf("delivery %+v", d)
	}
	w.saved.Helpdesk = ""
	if turn := w.must(t, sync); len(turn.Deliveries) != 0 {
		t.Error("synced without a helpdesk")
	}
}

func TestHandBackCloseReopen(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.receive(t, "SM1", "help")
	nothing := w.must(t, func(turn *chat.Turn) error {
		turn.HandBack(anna, "")
		turn.TicketClosed()
		turn.TicketReopened()
		turn.OptIn()
		return nil
	})
	if nothing.HasChanges() {
		t.Errorf("without an escalation and a ticket: %v", events(nothing))
	}
	w.escalate(t)
	closed := w.must(t, func(turn *chat.Turn) error { turn.TicketClosed(); turn.TicketClosed(); return nil })
	if want := []chat.Event{chat.TicketClosed, chat.HandedBack}; !slices.Equal(events(closed), want) || closed.Ended == nil || !closed.Ended.EndedAt.Equal(w.saved.At) ||
		closed.Conversation.Mode != chat.Automated || closed.Conversation.Escalation != "" || closed.Conversation.Dialog != (chat.Dialog{}) {
		t.Errorf("closed: %v %+v", events(closed), closed.Conversation)
	}
	reopened := w.must(t, func(turn *chat.Turn) error { turn.TicketReopened(); turn.TicketReopened(); return nil })
	if want := []chat.Event{chat.TicketReopened, chat.Escalated}; !slices.Equal(events(reopened), want) || reopened.Escalation.Reason != chat.TakenOver || !reopened.Ticket.ClosedAt.IsZero() {
		t.Errorf("reopened: %v %+v", events(reopened), reopened.Escalation)
	}
	back := w.must(t, func(turn *chat.Turn) error { turn.HandBack(anna, "done"); turn.HandBack(ben, "done"); return nil })
	if want := []chat.Event{chat.HandedBack}; !slices.Equal(events(back), want) || back.Added[0].By != anna || !back.Ticket.Open {
		t.Errorf("handed back: %v", events(back))
	}
}

func TestOptOutOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	out := w.must(t, func(turn *chat.Turn) error { turn.OptOut("STOP"); turn.OptOut("STOP"); return nil })
	in := w.must(t, func(turn *chat.Turn) error { turn.OptIn(); turn.OptIn(); return nil })
	if !slices.Equal(events(out), []chat.Event{chat.OptedOut}) || !slices.Equal(events(in), []chat.Event{chat.OptedIn}) || in.Conversation.OptedOut {
		t.Errorf("got %v and %v", events(out), events(in))
	}
	if len(out.Deliveries) != 0 {
		t.Error("synced without an escalation")
	}
	w.escalate(t)
	if got := w.must(t, func(turn *chat.Turn) error { turn.OptOut("STOP"); return nil }); len(got.Deliveries) != 1 {
		t.Error("not synced during an escalation")
	}
}

func TestAddEventOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	add := func(turn *chat.Turn) error { return turn.AddEventOnce(chat.RepliedByMail, anna, "", "gorgias:5") }
	w.must(t, add)
	if turn, err := w.turn(add); code(err) != "repeat" || turn.HasChanges() {
		t.Errorf("added twice: %v", err)
	}
}

func TestHandedOver(t *testing.T) {
	t.Parallel()
	receive := func(id, text string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) { w.receive(t, id, text); w.advance(time.Minute) }
	}
	// receiveAndEscalate does both in one turn, as the bridge does.
	receiveAndEscalate := func(id, text string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			w.must(t, func(turn *chat.Turn) error {
				_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: id, Text: text})
				turn.Escalate(chat.AskedForPerson, "", 0)
				return err
			})
		}
	}
	answer := func(text string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			w.must(t, func(turn *chat.Turn) error { turn.Answer(text); return nil })
		}
	}
	back := func(t *testing.T, w *world) {
		w.must(t, func(turn *chat.Turn) error { turn.HandBack(anna, ""); return nil })
	}
	pause := func(_ *testing.T, w *world) { w.advance(2 * time.Hour) }
	closed := func(t *testing.T, w *world) {
		w.must(t, func(turn *chat.Turn) error { turn.TicketClosed(); return nil })
	}
	reopened := func(t *testing.T, w *world) {
		w.must(t, func(turn *chat.Turn) error { turn.TicketReopened(); return nil })
	}
	for name, test := range map[string]struct {
		steps []func(*testing.T, *world)
		from  int64 // the first entry of the snapshot
		want  []string
	}{
		"nothing":         {nil, 1, nil},
		"automation only": {[]func(*testing.T, *world){receive("1", "menu"), answer("Reply 1"), receive("2", "hi")}, 1, nil},
		"the exchange that led there": {[]func(*testing.T, *world){receive("1", "menu"), answer("Reply 1"), receiveAndEscalate("2", "person"), answer("passed on"), receive("3", "thanks")}, 1,
			[]string{"menu", "Reply 1", "person", "escalated", "passed on", "thanks"}},
		"handed back without an answer": {[]func(*testing.T, *world){receive("1", "menu"), answer("Reply 1"), receiveAndEscalate("2", "person"), receive("3", "thanks"), back, receive("4", "menu"), answer("Reply 1")}, 1,
			[]string{"menu", "Reply 1", "person", "escalated", "thanks", "handed_back"}},
		"two hand-overs, each with its exchange": {[]func(*testing.T, *world){receive("1", "menu"), answer("Reply 1"), receiveAndEscalate("2", "5"), back, receive("3", "menu"), answer("Reply 1"), receiveAndEscalate("4", "5"), back, receive("5", "menu")}, 1,
			[]string{"menu", "Reply 1", "5", "escalated", "handed_back", "menu", "Reply 1", "5", "escalated", "handed_back"}},
		"without automation's exchange in between": {[]func(*testing.T, *world){receiveAndEscalate("1", "5"), back, receive("2", "menu"), answer("Reply 1"), pause, receive("3", "menu"), answer("Reply 2"), receiveAndEscalate("4", "6"), back}, 1,
			[]string{"5", "escalated", "handed_back", "menu", "Reply 2", "6", "escalated", "handed_back"}},
		"reopened without a text since": {[]func(*testing.T, *world){receive("1", "menu"), answer("Reply 1"), pause, receiveAndEscalate("2", "6"), closed, reopened, back}, 1,
			[]string{"6", "escalated", "ticket_closed", "handed_back", "escalated", "handed_back"}},
		"taken over, handed back": {[]func(*testing.T, *world){receive("1", "menu"), answer("Reply 1"), agentTexts(anna, "1"), back, receive("2", "menu")}, 1,
			[]string{"escalated", "What an agent says.", "handed_back"}},
		"escalated twice": {[]func(*testing.T, *world){receiveAndEscalate("1", "one"), back, receive("2", "menu"), answer("Reply 1"), receiveAndEscalate("3", "two")}, 1,
			[]string{"one", "escalated", "handed_back", "menu", "Reply 1", "two", "escalated"}},
		"from the middle of an escalation": {[]func(*testing.T, *world){receiveAndEscalate("1", "one"), receive("2", "two"), receive("3", "three"), back, receive("4", "menu")}, 3,
			[]string{"two", "three", "handed_back"}},
		"only the entries loaded": {[]func(*testing.T, *world){receiveAndEscalate("1", "one"), receive("2", "two")}, 3, []string{"two"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			for _, step := range test.steps {
				step(t, w)
			}
			entries, _ := w.After(test.from-1, 1000)
			var got []string
			for _, e := range (chat.Snapshot{Escalation: w.saved.Escalation, Spans: w.spans, Entries: entries}).HandedOver() {
				if e.Kind == chat.EventEntry {
					got = append(got, string(e.Event))
				} else {
					got = append(got, e.Text)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
