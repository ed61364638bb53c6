package chat_test

import (
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

// sentText returns a world in which an agent sent a text and the ticket, 77, has
// everything before it.
func sentText(t *testing.T) (w *world, sent chat.Entry) {
	t.Helper()
	w = newWorld()
	w.receive(t, "SM1", "help")
	w.escalate(t)
	w.must(t, func(turn *chat.Turn) (err error) {
		turn.Ticket.Remote, turn.Ticket.Mirrored = "77", turn.Conversation.Seq
		sent, err = turn.SendText(anna, "click-1", "On it", 100, false)
		return err
	})
	return w, sent
}

func failed(e chat.Entry) func(*chat.Turn) error {
	return func(turn *chat.Turn) error {
		return turn.Report(chat.Attempt{ID: "a", Entry: e.Seq}, chat.Report{State: chat.Failed, Problem: &chat.Problem{Code: "30003", Text: "The phone is off."}})
	}
}

// notes returns the notes among a turn's deliveries.
func notes(turn *chat.Turn) (found []chat.Delivery) {
	for _, d := range turn.Deliveries {
		if d.Kind == chat.PostNote {
			found = append(found, d)
		}
	}
	return found
}

func TestNoteWhenMirroredTextFails(t *testing.T) {
	t.Parallel()
	w, sent := sentText(t)
	w.must(t, func(turn *chat.Turn) error { return turn.MarkMirrored(sent) })
	added := notes(w.must(t, failed(sent)))
	if len(added) != 1 {
		t.Fatalf("%d notes", len(added))
	}
	d := added[0]
	if payload[chat.NotePayload](d).Text != "Anna's text “On it” did not arrive. The phone is off." || d.Ticket != "77" || d.Account != "gorgias/acme" ||
		d.Lane != "note/"+string(d.ID) || d.Conversation != "c" || d.Shop != "shop" || !d.At.Equal(noon) || d.Urgent {
		t.Errorf("the note is %+v", d)
	}
	if again := notes(w.must(t, failed(sent))); len(again) != 0 {
		t.Errorf("noted again: %+v", again)
	}
}

func TestNoNoteForUnmirroredText(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*chat.Turn, *chat.Entry){
		"a text not in the ticket yet": func(turn *chat.Turn, e *chat.Entry) { turn.Ticket.Mirrored = e.Seq - 1 },
		"a ticket opened later":        func(turn *chat.Turn, e *chat.Entry) { turn.Ticket.From = e.Seq + 1 },
		"a lost ticket":                func(turn *chat.Turn, e *chat.Entry) { turn.Ticket.Lost = true },
		"a ticket not opened yet":      func(turn *chat.Turn, e *chat.Entry) { turn.Ticket.Remote = "" },
		"no helpdesk":                  func(turn *chat.Turn, e *chat.Entry) { turn.Helpdesk = "" },
		"automation's text": func(turn *chat.Turn, e *chat.Entry) {
			turn.Answer("Menu")
			*e = turn.Added[len(turn.Added)-1]
			turn.Ticket.Mirrored = e.Seq
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, e := sentText(t)
			w.must(t, func(turn *chat.Turn) error {
				turn.Ticket.Mirrored = turn.Conversation.Seq
				change(turn, &e)
				w.saved.Helpdesk = turn.Helpdesk
				return nil
			})
			if got := notes(w.must(t, failed(e))); len(got) != 0 {
				t.Errorf("noted %+v", got)
			}
		})
	}
}

// TestTextFailsDuringSync: a text that fails while it is added to the ticket is
// noted afterwards, unless it was added as failed.
func TestTextFailsDuringSync(t *testing.T) {
	t.Parallel()
	w, sent := sentText(t)
	if early := notes(w.must(t, failed(sent))); len(early) != 0 {
		t.Fatalf("noted before the ticket has the text: %+v", early)
	}
	turn := w.must(t, func(turn *chat.Turn) error { return turn.MarkMirrored(sent) })
	if got := notes(turn); len(got) != 1 || turn.Ticket.Mirrored != sent.Seq {
		t.Errorf("noted %+v, mirrored up to %d", got, turn.Ticket.Mirrored)
	}
	w, sent = sentText(t)
	w.must(t, failed(sent))
	sent.State = chat.Failed // as the ticket has it
	if got := notes(w.must(t, func(turn *chat.Turn) error { return turn.MarkMirrored(sent) })); len(got) != 0 {
		t.Errorf("noted twice: %+v", got)
	}
}

func TestOmit(t *testing.T) {
	t.Parallel()
	w, sent := sentText(t)
	turn := w.must(t, func(turn *chat.Turn) error { turn.Omit(sent, "k-3", "Gorgias refused it."); return nil })
	if turn.Ticket.Mirrored != sent.Seq || len(turn.Deliveries) != 1 {
		t.Fatalf("%+v, %+v", turn.Ticket, turn.Deliveries)
	}
	d := turn.Deliveries[0]
	if d.Kind != chat.AddMessage || d.Ticket != "77" || payload[chat.MessagePayload](d) != (chat.MessagePayload{Entry: sent.Seq, Name: "k-3"}) || d.Problem != "Gorgias refused it." || d.Lane != "message/"+string(d.ID) {
		t.Errorf("the failed delivery is %+v", d)
	}
	if e := turn.Added[0]; e.Event != chat.NotInTicket || e.Text != "“On it” could not be added to ticket #77. Gorgias refused it." {
		t.Errorf("the event is %+v", e)
	}
	sent.Text = strings.Repeat("é", 100)
	turn = w.must(t, func(turn *chat.Turn) error { turn.Omit(sent, "k-3", "No."); return nil })
	if e := turn.Added[0]; !strings.HasPrefix(e.Text, "“"+strings.Repeat("é", 60)+"…” could") {
		t.Errorf("a long text: %q", e.Text)
	}
}

// TestOpeningTicketIsUrgent: until there is a ticket, no agent sees the shopper.
func TestOpeningTicketIsUrgent(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.receive(t, "SM1", "help")
	urgent := func(turn *chat.Turn) bool {
		t.Helper()
		if k := kinds(turn); len(k) != 1 || k[0] != chat.SyncTicket {
			t.Fatalf("deliveries: %v", k)
		}
		return turn.Deliveries[0].Urgent
	}
	if !urgent(w.escalate(t)) || !urgent(w.receive(t, "SM2", "hello?")) {
		t.Error("opening the ticket is not urgent")
	}
	w.must(t, func(turn *chat.Turn) error { turn.Ticket.Remote = "77"; return nil })
	if urgent(w.receive(t, "SM3", "thanks")) {
		t.Error("adding to a ticket is urgent")
	}
	if !urgent(w.must(t, func(turn *chat.Turn) error { turn.SyncTicket(); turn.NewTicket(1); turn.SyncTicket(); return nil })) {
		t.Error("opening another ticket is not urgent")
	}
}

// TestTicketWithMissingTextsIsReused: a ticket is reused after its window if it
// lacks texts from within.
func TestTicketWithMissingTextsIsReused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		between func(t *testing.T, w *world)
		reuse   bool
	}{
		"no texts": {func(t *testing.T, w *world) {}, false},
		"answered by automation": {func(t *testing.T, w *world) {
			w.receive(t, "SM2", "menu")
			w.must(t, func(turn *chat.Turn) error { turn.Answer("1, 2, 3"); return nil })
		}, false},
		"escalated": {func(t *testing.T, w *world) {
			w.must(t, func(turn *chat.Turn) error {
				_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: "SM2", From: turn.Shopper.Phone, Text: "help"})
				turn.Escalate(chat.AskedForPerson, "", 0)
				return err
			})
		}, true},
		"escalated, in the ticket": {func(t *testing.T, w *world) {
			w.must(t, func(turn *chat.Turn) error {
				e, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: "SM2", From: turn.Shopper.Phone, Text: "help"})
				turn.Escalate(chat.AskedForPerson, "", 0)
				turn.Ticket.Mirrored = e.Seq
				return err
			})
		}, false},
		"an agent texted": {func(t *testing.T, w *world) {
			w.must(t, func(turn *chat.Turn) error { _, err := turn.SendText(anna, "click-1", "Hello", 100, true); return err })
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.receive(t, "SM1", "help")
			w.escalate(t)
			w.must(t, func(turn *chat.Turn) error {
				turn.Ticket.Remote, turn.Ticket.Mirrored = "77", turn.Conversation.Seq
				turn.TicketClosed()
				return nil
			})
			old := w.saved.Ticket.ID
			w.advance(71 * time.Hour)
			test.between(t, w)
			w.must(t, func(turn *chat.Turn) error { turn.HandBack(anna, ""); return nil })
			w.advance(71 * time.Hour)
			w.receive(t, "SM9", "help")
			if got := w.escalate(t).Ticket.ID == old; got != test.reuse {
				t.Errorf("the ticket is reused: %v", got)
			}
		})
	}
}

// TestNotesAboutUnknownText: agents who only see the ticket learn that a text may
// not have been sent, once, and that it was sent after all.
func TestNotesAboutUnknownText(t *testing.T) {
	t.Parallel()
	w, sent := sentText(t)
	w.must(t, func(turn *chat.Turn) error { return turn.MarkMirrored(sent) })
	var a chat.Attempt
	w.must(t, func(turn *chat.Turn) error {
		try, _, err := turn.BeginAttempt(chat.Delivery{ID: "d", Kind: chat.SendSMS, Payload: chat.EncodePayload(chat.SMSPayload{Entry: sent.Seq})})
		a = *try
		return err
	})
	for _, step := range []struct {
		do   func(*chat.Turn) error
		want string
	}{
		{func(turn *chat.Turn) error { return turn.MarkUnknown(a, chat.Delivery{ID: "d"}) }, ""},
		{func(turn *chat.Turn) error { turn.At = turn.At.Add(10 * time.Minute); return turn.CheckFailed(a) }, "Anna's text “On it” may not have been sent. The carrier could not say whether this text was sent."},
		{func(turn *chat.Turn) error { return turn.CheckAgain(sent.Seq) }, ""},
		{func(turn *chat.Turn) error { turn.At = turn.At.Add(20 * time.Minute); return turn.CheckFailed(a) }, ""},
		{func(turn *chat.Turn) error { return turn.KeepAsIs(anna, sent.Seq) }, ""},
		{func(turn *chat.Turn) error { return turn.Report(a, chat.Report{ID: "SM1", State: chat.Sent}) }, "Anna's text “On it” was sent after all."},
		{func(turn *chat.Turn) error { return turn.Report(a, chat.Report{ID: "SM1", State: chat.Delivered}) }, ""},
	} {
		got := ""
		for _, d := range notes(w.must(t, step.do)) {
			got += payload[chat.NotePayload](d).Text
		}
		if got != step.want {
			t.Errorf("noted %q, want %q", got, step.want)
		}
	}
}
