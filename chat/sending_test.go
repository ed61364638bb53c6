package chat_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

// waitingText returns a world in which one text waits to be sent.
func waitingText(t *testing.T) (*world, chat.Delivery) {
	t.Helper()
	w := newWorld()
	return w, w.must(t, func(turn *chat.Turn) error { turn.Answer("Hello."); return nil }).Deliveries[0]
}

func TestBeginAttempt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state  chat.State
		optOut bool
		begun  bool
		after  chat.State
	}{
		"saved":               {chat.Saved, false, true, chat.Saved},
		"opted out meanwhile": {chat.Saved, true, false, chat.Failed},
		"unknown":             {chat.Unknown, false, false, chat.Unknown},
		"unknown, opted out":  {chat.Unknown, true, false, chat.Unknown},
		"queued":              {chat.Queued, false, false, chat.Queued},
		"delivered":           {chat.Delivered, true, false, chat.Delivered},
		"failed":              {chat.Failed, false, false, chat.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, d := waitingText(t)
			w.entries[0].State, w.saved.Conversation.OptedOut = test.state, test.optOut
			turn := w.must(t, func(turn *chat.Turn) error {
				try, e, err := turn.BeginAttempt(d)
				if (try != nil) != test.begun || e.Seq != payload[chat.SMSPayload](d).Entry {
					t.Errorf("begun %v, of %+v", try != nil, e)
				}
				return err
			})
			if got := w.entries[0].State; got != test.after {
				t.Errorf("state %s, want %s", got, test.after)
			}
			if done := slices.Contains(turn.Done, d.ID); done == test.begun {
				t.Errorf("done %v", done)
			}
			if len(turn.Attempts) > 0 != test.begun {
				t.Errorf("attempts %+v", turn.Attempts)
			}
			if test.after == chat.Failed && test.state != chat.Failed && *w.entries[0].Problem != chat.OptedOutProblem {
				t.Errorf("problem %+v", w.entries[0].Problem)
			}
		})
	}
	t.Run("a text that does not exist", func(t *testing.T) {
		t.Parallel()
		w, d := waitingText(t)
		d.Payload = chat.EncodePayload(chat.SMSPayload{Entry: 9})
		if _, err := w.turn(func(turn *chat.Turn) error { _, _, err := turn.BeginAttempt(d); return err }); code(err) != "not_found" {
			t.Errorf("got %v", err)
		}
	})
}

func TestReport(t *testing.T) {
	t.Parallel()
	w, d := waitingText(t)
	var try chat.Attempt
	w.must(t, func(turn *chat.Turn) error {
		a, _, err := turn.BeginAttempt(d)
		try = *a
		return err
	})
	problem := &chat.Problem{Code: "30003", Text: "The phone is off."}
	for _, step := range []struct {
		report  chat.Report
		after   chat.State
		changes bool
	}{
		{chat.Report{ID: "SM9", State: chat.Sent}, chat.Sent, true},
		{chat.Report{ID: "SM9", State: chat.Queued}, chat.Sent, false},
		{chat.Report{ID: "SM9", State: chat.Sent}, chat.Sent, false},
		{chat.Report{ID: "SM9", State: "read"}, chat.Sent, false},
		{chat.Report{ID: "SM9", State: chat.Failed, Problem: problem}, chat.Failed, true},
		{chat.Report{ID: "SM9", State: chat.Delivered}, chat.Failed, false},
		{chat.Report{ID: "SM9", State: chat.Failed, OptedOut: true}, chat.Failed, true},
		{chat.Report{ID: "SM9", State: chat.Failed, OptedOut: true}, chat.Failed, false},
	} {
		turn := w.must(t, func(turn *chat.Turn) error { return turn.Report(try, step.report) })
		if got := w.entries[0]; got.State != step.after || turn.HasChanges() != step.changes {
			t.Errorf("after %+v: %s, changes %v", step.report, got.State, turn.HasChanges())
		}
		if len(turn.Attempts) > 0 {
			if turn.Attempts[0].ID != try.ID || turn.Attempts[0].Provider != "SM9" {
				t.Errorf("attempt %+v", turn.Attempts[0])
			}
			try = turn.Attempts[0]
		}
	}
	if try.Provider != "SM9" || !w.saved.Conversation.OptedOut || *w.entries[0].Problem != *problem {
		t.Errorf("at the end %+v, %+v", try, w.entries[0])
	}
}

func TestMarkUnknown(t *testing.T) {
	t.Parallel()
	for state, want := range map[chat.State]chat.State{
		chat.Saved: chat.Unknown, chat.Unknown: chat.Unknown, chat.Queued: chat.Queued, chat.Delivered: chat.Delivered, chat.Failed: chat.Failed,
	} {
		w, d := waitingText(t)
		w.entries[0].State = state
		turn := w.must(t, func(turn *chat.Turn) error {
			return turn.MarkUnknown(chat.Attempt{ID: "a", Entry: payload[chat.SMSPayload](d).Entry, At: turn.At}, d)
		})
		if w.entries[0].State != want || turn.HasChanges() != (state != want) || !slices.Contains(turn.Done, d.ID) {
			t.Errorf("from %s: %s", state, w.entries[0].State)
		}
	}
}

// TestChangesOfOneTurnMerge: two reports in one turn are one change of the entry.
func TestChangesOfOneTurnMerge(t *testing.T) {
	t.Parallel()
	w, d := waitingText(t)
	rev := w.saved.Conversation.Rev
	turn := w.must(t, func(turn *chat.Turn) error {
		a, _, err := turn.BeginAttempt(d)
		if err == nil {
			err = turn.Report(*a, chat.Report{ID: "SM9", State: chat.Queued})
		}
		if err == nil {
			err = turn.Report(*a, chat.Report{ID: "SM9", State: chat.Delivered, OptedOut: true})
		}
		return err
	})
	if len(turn.Changed) != 1 || turn.Changed[0].State != chat.Delivered || turn.Conversation.Rev != rev+1 || turn.Changed[0].Rev != rev+1 {
		t.Errorf("changed %+v at %d", turn.Changed, turn.Conversation.Rev)
	}
	if s := turn.Snapshot(); len(s.Entries) != 2 || s.Entries[0].Seq != 1 || s.Entries[1].Seq != 2 || s.Conversation != turn.Conversation || s.Line.ID != "line" {
		t.Errorf("snapshot %+v", s)
	}
}

func TestValidityPeriod(t *testing.T) {
	t.Parallel()
	for role, want := range map[chat.Role]time.Duration{chat.ByAgent: 15 * time.Minute, chat.ByAutomation: time.Hour} {
		if got := (chat.Entry{By: chat.Author{Role: role}}).ValidityPeriod(); got != want {
			t.Errorf("%s: %v", role, got)
		}
	}
}

// TestRepeatedOptOutReportAfterStart: a report of an opt-out that comes again after
// START does not opt the shopper out again.
func TestRepeatedOptOutReportAfterStart(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.receive(t, "SM1", "help")
	sent := w.must(t, func(turn *chat.Turn) error {
		_, err := turn.SendText(anna, "a1", "Hi", turn.Conversation.Seq, true)
		return err
	})
	var a chat.Attempt
	w.must(t, func(turn *chat.Turn) error {
		var try *chat.Attempt
		var err error
		for _, d := range sent.Deliveries {
			if d.Kind == chat.SendSMS {
				try, _, err = turn.BeginAttempt(d)
			}
		}
		a = *try
		return err
	})
	report := func(turn *chat.Turn) error {
		return turn.Report(a, chat.Report{ID: "SMx", State: chat.Failed, Problem: &chat.Problem{Code: "21610"}, OptedOut: true})
	}
	w.must(t, report)
	w.must(t, func(turn *chat.Turn) error { turn.OptIn(); return nil })
	w.must(t, report)
	if w.saved.Conversation.OptedOut {
		t.Error("a repeated report opted the shopper out again after START")
	}
}
