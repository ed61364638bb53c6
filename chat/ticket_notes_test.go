package chat_test

import (
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

// handed is a world whose agent has texted, as entry seq, and whose ticket is 77.
func handed(t *testing.T) (w *world, said chat.Entry) {
	t.Helper()
	w = newWorld()
	w.hear(t, "SM1", "help")
	w.escalate(t)
	w.must(t, func(turn *chat.Turn) (err error) {
		turn.Ticket.Remote, turn.Ticket.Mirrored = "77", turn.Conversation.Seq
		said, err = turn.SendText(anna, "click-1", "On it", 100, false)
		return err
	})
	return w, said
}

func failed(e chat.Entry) func(*chat.Turn) error {
	return func(turn *chat.Turn) error {
		return turn.Report(chat.Attempt{ID: "a", Entry: e.Seq}, chat.Report{State: chat.Failed, Problem: &chat.Problem{Code: "30003", Text: "The phone is off."}})
	}
}

// notes picks the notes among a turn's deliveries.
func notes(turn *chat.Turn) (found []chat.Delivery) {
	for _, d := range turn.Deliveries {
		if d.Kind == chat.PostNote {
			found = append(found, d)
		}
	}
	return found
}

func TestATicketIsToldWhatFailedLater(t *testing.T) {
	t.Parallel()
	w, said := handed(t)
	w.must(t, func(turn *chat.Turn) error { return turn.MarkMirrored(said) })
	told := notes(w.must(t, failed(said)))
	if len(told) != 1 {
		t.Fatalf("%d notes", len(told))
	}
	d := told[0]
	if payload[chat.NotePayload](d).Text != "Anna's text “On it” did not arrive. The phone is off." || d.Ticket != "77" || d.Account != "gorgias/acme" ||
		d.Lane != "note/"+string(d.ID) || d.Conversation != "c" || d.Shop != "shop" || !d.At.Equal(noon) || d.Urgent {
		t.Errorf("the note is %+v", d)
	}
	if again := notes(w.must(t, failed(said))); len(again) != 0 {
		t.Errorf("told again: %+v", again)
	}
}

func TestATicketIsToldOnlyOfWhatItTells(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*chat.Turn, *chat.Entry){
		"a ticket that does not tell of it yet": func(turn *chat.Turn, e *chat.Entry) { turn.Ticket.Mirrored = e.Seq - 1 },
		"a ticket that came later":              func(turn *chat.Turn, e *chat.Entry) { turn.Ticket.From = e.Seq + 1 },
		"a ticket that is lost":                 func(turn *chat.Turn, e *chat.Entry) { turn.Ticket.Lost = true },
		"a ticket that is not there yet":        func(turn *chat.Turn, e *chat.Entry) { turn.Ticket.Remote = "" },
		"no helpdesk":                           func(turn *chat.Turn, e *chat.Entry) { turn.Helpdesk = "" },
		"what automation said": func(turn *chat.Turn, e *chat.Entry) {
			turn.Answer("Menu")
			*e = turn.Added[len(turn.Added)-1]
			turn.Ticket.Mirrored = e.Seq
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, e := handed(t)
			w.must(t, func(turn *chat.Turn) error {
				turn.Ticket.Mirrored = turn.Conversation.Seq
				change(turn, &e)
				w.now.Helpdesk = turn.Helpdesk
				return nil
			})
			if got := notes(w.must(t, failed(e))); len(got) != 0 {
				t.Errorf("told %+v", got)
			}
		})
	}
}

// What fails while the ticket is being told of it is told when that is done.
func TestToldTooSoon(t *testing.T) {
	t.Parallel()
	w, said := handed(t)
	if early := notes(w.must(t, failed(said))); len(early) != 0 {
		t.Fatalf("told before the ticket tells of it: %+v", early)
	}
	turn := w.must(t, func(turn *chat.Turn) error { return turn.MarkMirrored(said) })
	if got := notes(turn); len(got) != 1 || turn.Ticket.Mirrored != said.Seq {
		t.Errorf("told %+v, up to %d", got, turn.Ticket.Mirrored)
	}
	w, said = handed(t)
	w.must(t, failed(said))
	said.State = chat.Failed // and that is what the ticket says
	if got := notes(w.must(t, func(turn *chat.Turn) error { return turn.MarkMirrored(said) })); len(got) != 0 {
		t.Errorf("told twice: %+v", got)
	}
}

func TestLeaveOut(t *testing.T) {
	t.Parallel()
	w, said := handed(t)
	turn := w.must(t, func(turn *chat.Turn) error { turn.Omit(said, "k-3", "Gorgias refused it."); return nil })
	if turn.Ticket.Mirrored != said.Seq || len(turn.Deliveries) != 1 {
		t.Fatalf("%+v, %+v", turn.Ticket, turn.Deliveries)
	}
	d := turn.Deliveries[0]
	if d.Kind != chat.AddMessage || d.Ticket != "77" || payload[chat.MessagePayload](d) != (chat.MessagePayload{Entry: said.Seq, Name: "k-3"}) || d.Problem != "Gorgias refused it." || d.Lane != "message/"+string(d.ID) {
		t.Errorf("kept as failed: %+v", d)
	}
	if e := turn.Added[0]; e.Event != chat.NotInTicket || e.Text != "“On it” could not be added to ticket #77. Gorgias refused it." {
		t.Errorf("agents see %+v", e)
	}
	said.Text = strings.Repeat("é", 100)
	turn = w.must(t, func(turn *chat.Turn) error { turn.Omit(said, "k-3", "No."); return nil })
	if e := turn.Added[0]; !strings.HasPrefix(e.Text, "“"+strings.Repeat("é", 60)+"…” could") {
		t.Errorf("a long text: %q", e.Text)
	}
}

// Nobody in the helpdesk sees the shopper until there is a ticket.
func TestOpeningIsUrgent(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.hear(t, "SM1", "help")
	urgent := func(turn *chat.Turn) bool {
		t.Helper()
		if k := kinds(turn); len(k) != 1 || k[0] != chat.SyncTicket {
			t.Fatalf("deliveries: %v", k)
		}
		return turn.Deliveries[0].Urgent
	}
	if !urgent(w.escalate(t)) || !urgent(w.hear(t, "SM2", "hello?")) {
		t.Error("opening is not urgent")
	}
	w.must(t, func(turn *chat.Turn) error { turn.Ticket.Remote = "77"; return nil })
	if urgent(w.hear(t, "SM3", "thanks")) {
		t.Error("adding to a ticket is urgent")
	}
	if !urgent(w.must(t, func(turn *chat.Turn) error { turn.SyncTicket(); turn.NewTicket(1); turn.SyncTicket(); return nil })) {
		t.Error("opening another is not urgent")
	}
}

// A ticket past its window goes on if it lacks what was said within it.
func TestTicketsThatLackTexts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		between func(t *testing.T, w *world)
		reuse   bool
	}{
		"nothing was said": {func(t *testing.T, w *world) {}, false},
		"automation dealt with it": {func(t *testing.T, w *world) {
			w.hear(t, "SM2", "menu")
			w.must(t, func(turn *chat.Turn) error { turn.Answer("1, 2, 3"); return nil })
		}, false},
		"somebody was called": {func(t *testing.T, w *world) {
			w.must(t, func(turn *chat.Turn) error {
				_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: "SM2", From: turn.Shopper.Phone, Text: "help"})
				turn.Escalate(chat.AskedForPerson, "", 0)
				return err
			})
		}, true},
		"somebody was called, and the ticket heard of it": {func(t *testing.T, w *world) {
			w.must(t, func(turn *chat.Turn) error {
				e, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: "SM2", From: turn.Shopper.Phone, Text: "help"})
				turn.Escalate(chat.AskedForPerson, "", 0)
				turn.Ticket.Mirrored = e.Seq
				return err
			})
		}, false},
		"an agent wrote": {func(t *testing.T, w *world) {
			w.must(t, func(turn *chat.Turn) error { _, err := turn.SendText(anna, "click-1", "Hello", 100, true); return err })
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.hear(t, "SM1", "help")
			w.escalate(t)
			w.must(t, func(turn *chat.Turn) error {
				turn.Ticket.Remote, turn.Ticket.Mirrored = "77", turn.Conversation.Seq
				turn.TicketClosed()
				return nil
			})
			old := w.now.Ticket.ID
			w.later(71 * time.Hour)
			test.between(t, w)
			w.must(t, func(turn *chat.Turn) error { turn.HandBack(anna, ""); return nil })
			w.later(71 * time.Hour)
			w.hear(t, "SM9", "help")
			if got := w.escalate(t).Ticket.ID == old; got != test.reuse {
				t.Errorf("the old ticket goes on: %v", got)
			}
		})
	}
}

// What nobody knows, agents who only see the ticket have to know too; and that it
// was sent after all.
func TestATicketIsToldOfDoubts(t *testing.T) {
	t.Parallel()
	w, said := handed(t)
	w.must(t, func(turn *chat.Turn) error { return turn.MarkMirrored(said) })
	var a chat.Attempt
	w.must(t, func(turn *chat.Turn) error {
		try, _, err := turn.BeginAttempt(chat.Delivery{ID: "d", Kind: chat.SendSMS, Payload: chat.EncodePayload(chat.SMSPayload{Entry: said.Seq})})
		a = *try
		return err
	})
	for _, step := range []struct {
		do   func(*chat.Turn) error
		want string
	}{
		{func(turn *chat.Turn) error { return turn.MarkUnknown(a, chat.Delivery{ID: "d"}) }, ""},
		{func(turn *chat.Turn) error { turn.At = turn.At.Add(10 * time.Minute); return turn.CheckFailed(a) }, "Anna's text “On it” may not have been sent. The carrier could not say whether this text was sent."},
		{func(turn *chat.Turn) error { return turn.CheckAgain(said.Seq) }, ""},
		{func(turn *chat.Turn) error { turn.At = turn.At.Add(20 * time.Minute); return turn.CheckFailed(a) }, ""},
		{func(turn *chat.Turn) error { return turn.KeepAsIs(anna, said.Seq) }, ""},
		{func(turn *chat.Turn) error { return turn.Report(a, chat.Report{ID: "SM1", State: chat.Sent}) }, "Anna's text “On it” was sent after all."},
		{func(turn *chat.Turn) error { return turn.Report(a, chat.Report{ID: "SM1", State: chat.Delivered}) }, ""},
	} {
		got := ""
		for _, d := range notes(w.must(t, step.do)) {
			got += payload[chat.NotePayload](d).Text
		}
		if got != step.want {
			t.Errorf("told %q, want %q", got, step.want)
		}
	}
}
