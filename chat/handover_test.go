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
	w.hear(t, "SM1", "help")
	first := w.must(t, func(turn *chat.Turn) error {
		turn.Escalate(chat.UnknownKeyword, "", 0)
		turn.Escalate(chat.UnknownKeyword, "", 0)
		turn.Escalate(chat.AskedForPerson, "", 0)
		return nil
	})
	again := w.escalate(t)
	if !slices.Equal(events(first), []chat.Event{chat.Escalated, chat.NeedAdded}) || again.Moved() || again.Escalation.ID != first.Escalation.ID || again.Ticket.ID != first.Ticket.ID {
		t.Errorf("first %v, again %v", events(first), events(again))
	}
	if e := first.Escalation; e.Reason != chat.UnknownKeyword || e.Wants != chat.UnknownKeyword.Wants() || first.Conversation.Escalation != e.ID {
		t.Errorf("escalation %+v", e)
	}
}

func TestTickets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		within time.Duration
		after  time.Duration // the close
		lost   bool
		reuse  bool
	}{
		"within the window":     {72 * time.Hour, 71 * time.Hour, false, true},
		"at its very end":       {72 * time.Hour, 72 * time.Hour, false, true},
		"past it":               {72 * time.Hour, 72*time.Hour + 1, false, false},
		"for ever":              {-1, 10000 * time.Hour, false, true},
		"never, a moment later": {0, time.Microsecond, false, false},
		"lost":                  {-1, time.Minute, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.now.Shop.Settings.ReopenWithin = test.within
			w.hear(t, "SM1", "help")
			w.escalate(t)
			w.must(t, func(turn *chat.Turn) error {
				turn.Ticket.Remote, turn.Ticket.Mirrored = "77", turn.Conversation.Seq
				turn.TicketClosed()
				return nil
			})
			if test.lost {
				w.must(t, func(turn *chat.Turn) error { turn.Ticket.Lost = true; return nil })
			}
			old := *w.now.Ticket
			w.later(test.after)
			w.hear(t, "SM2", "help again")
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

// A ticket that never came to be passes its predecessor on.
func TestTicketBefore(t *testing.T) {
	t.Parallel()
	w := newWorld()
	turn := w.must(t, func(turn *chat.Turn) error {
		turn.Ticket = &chat.Ticket{ID: "old", Before: "76"}
		turn.NewTicket(1)
		return nil
	})
	if turn.Ticket.Before != "76" {
		t.Errorf("before it came %q", turn.Ticket.Before)
	}
}

func TestSync(t *testing.T) {
	t.Parallel()
	sync := func(turn *chat.Turn) error { turn.SyncTicket(); turn.SyncTicket(); return nil }
	w := newWorld()
	if turn := w.must(t, sync); len(turn.Deliveries) != 0 {
		t.Error("synced without a ticket")
	}
	w.hear(t, "SM1", "help")
	w.escalate(t)
	turn := w.must(t, sync)
	if len(turn.Deliveries) != 1 {
		t.Fatalf("synced %d times", len(turn.Deliveries))
	}
	if d := turn.Deliveries[0]; d.Account != "gorgias/acme" || d.Lane != "ticket/c" || d.Conversation != "c" || turn.Moved() {
		t.Errorf("delivery %+v", d)
	}
	w.now.Helpdesk = ""
	if turn := w.must(t, sync); len(turn.Deliveries) != 0 {
		t.Error("synced without a helpdesk")
	}
}

func TestHandBackCloseReopen(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.hear(t, "SM1", "help")
	nothing := w.must(t, func(turn *chat.Turn) error {
		turn.HandBack(anna, "")
		turn.TicketClosed()
		turn.TicketReopened()
		turn.OptIn()
		return nil
	})
	if nothing.Moved() {
		t.Errorf("with no person and no ticket: %v", events(nothing))
	}
	w.escalate(t)
	closed := w.must(t, func(turn *chat.Turn) error { turn.TicketClosed(); turn.TicketClosed(); return nil })
	if want := []chat.Event{chat.TicketClosed, chat.HandedBack}; !slices.Equal(events(closed), want) || closed.Ended == nil || !closed.Ended.EndedAt.Equal(w.now.At) ||
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
		t.Error("a ticket that nobody has is synced")
	}
	w.escalate(t)
	if got := w.must(t, func(turn *chat.Turn) error { turn.OptOut("STOP"); return nil }); len(got.Deliveries) != 1 {
		t.Error("the agents are not told")
	}
}

func TestHappenOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	tell := func(turn *chat.Turn) error { return turn.AddEventOnce(chat.RepliedByMail, anna, "", "gorgias:5") }
	w.must(t, tell)
	if turn, err := w.turn(tell); code(err) != "repeat" || turn.Moved() {
		t.Errorf("told twice: %v", err)
	}
}

func TestHandedOver(t *testing.T) {
	t.Parallel()
	hear := func(id, text string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) { w.hear(t, id, text); w.later(time.Minute) }
	}
	// heard is what the bridge does: the text and the call for a person in one turn.
	heard := func(id, text string) func(*testing.T, *world) {
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
	pause := func(_ *testing.T, w *world) { w.later(2 * time.Hour) }
	closed := func(t *testing.T, w *world) {
		w.must(t, func(turn *chat.Turn) error { turn.TicketClosed(); return nil })
	}
	reopened := func(t *testing.T, w *world) {
		w.must(t, func(turn *chat.Turn) error { turn.TicketReopened(); return nil })
	}
	for name, test := range map[string]struct {
		steps []func(*testing.T, *world)
		from  int64 // entries before it are not asked for
		want  []string
	}{
		"nothing":         {nil, 1, nil},
		"automation only": {[]func(*testing.T, *world){hear("1", "menu"), answer("Reply 1"), hear("2", "hi")}, 1, nil},
		"the exchange that led there": {[]func(*testing.T, *world){hear("1", "menu"), answer("Reply 1"), heard("2", "person"), answer("passed on"), hear("3", "thanks")}, 1,
			[]string{"menu", "Reply 1", "person", "escalated", "passed on", "thanks"}},
		"handed back before anybody looked": {[]func(*testing.T, *world){hear("1", "menu"), answer("Reply 1"), heard("2", "person"), hear("3", "thanks"), back, hear("4", "menu"), answer("Reply 1")}, 1,
			[]string{"menu", "Reply 1", "person", "escalated", "thanks", "handed_back"}},
		"each hand-over with its own exchange": {[]func(*testing.T, *world){hear("1", "menu"), answer("Reply 1"), heard("2", "5"), back, hear("3", "menu"), answer("Reply 1"), heard("4", "5"), back, hear("5", "menu")}, 1,
			[]string{"menu", "Reply 1", "5", "escalated", "handed_back", "menu", "Reply 1", "5", "escalated", "handed_back"}},
		"not what automation did in between": {[]func(*testing.T, *world){heard("1", "5"), back, hear("2", "menu"), answer("Reply 1"), pause, hear("3", "menu"), answer("Reply 2"), heard("4", "6"), back}, 1,
			[]string{"5", "escalated", "handed_back", "menu", "Reply 2", "6", "escalated", "handed_back"}},
		"reopened with nothing said since": {[]func(*testing.T, *world){hear("1", "menu"), answer("Reply 1"), pause, heard("2", "6"), closed, reopened, back}, 1,
			[]string{"6", "escalated", "ticket_closed", "handed_back", "escalated", "handed_back"}},
		"taken over, handed back": {[]func(*testing.T, *world){hear("1", "menu"), answer("Reply 1"), said(anna, "1"), back, hear("2", "menu")}, 1,
			[]string{"escalated", "What an agent says.", "handed_back"}},
		"twice": {[]func(*testing.T, *world){heard("1", "one"), back, hear("2", "menu"), answer("Reply 1"), heard("3", "two")}, 1,
			[]string{"one", "escalated", "handed_back", "menu", "Reply 1", "two", "escalated"}},
		"from the middle of it": {[]func(*testing.T, *world){heard("1", "one"), hear("2", "two"), hear("3", "three"), back, hear("4", "menu")}, 3,
			[]string{"two", "three", "handed_back"}},
		"only what came before": {[]func(*testing.T, *world){heard("1", "one"), hear("2", "two")}, 3, []string{"two"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			for _, step := range test.steps {
				step(t, w)
			}
			entries, _ := w.After(test.from-1, 1000)
			var got []string
			for _, e := range (chat.Snapshot{Escalation: w.now.Escalation, Spans: w.spans, Entries: entries}).HandedOver() {
				if e.Kind == chat.Happened {
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
