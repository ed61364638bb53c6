package chat_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

// undecided is a world in which one text was sent or not: the list lacks it.
func undecided(t *testing.T) *world {
	t.Helper()
	w, tries, _ := doubted(t, 0, "ok")
	w.later(10 * time.Minute)
	w.must(t, func(turn *chat.Turn) error { return turn.ResolveFromList(tries[0], nil) })
	w.is(t, 1, chat.Unknown, "missing")
	return w
}

func TestCheck(t *testing.T) {
	t.Parallel()
	w := undecided(t)
	turn := w.must(t, func(turn *chat.Turn) error { return turn.CheckAgain(1) })
	w.is(t, 1, chat.Unknown, "looking")
	if d := turn.Deliveries; len(d) != 1 || d[0].Kind != chat.CheckStatus || d[0].ID != chat.DeliveryID(w.attempts[0].ID) || !d[0].Due.Equal(turn.At) || d[0].Lane == "sms/c" {
		t.Errorf("it is asked for by %+v", d)
	}
	w.must(t, func(turn *chat.Turn) error { return turn.ResolveFromList(w.attempts[0], nil) })
	w.is(t, 1, chat.Unknown, "missing")
}

func TestLeave(t *testing.T) {
	t.Parallel()
	w := undecided(t)
	w.must(t, func(turn *chat.Turn) error { return turn.KeepAsIs(anna, 1) })
	w.is(t, 1, chat.Unknown, "left")
	w.must(t, func(turn *chat.Turn) error { return turn.ResolveFromList(w.attempts[0], nil) })
	w.is(t, 1, chat.Unknown, "left")
	w.must(t, func(turn *chat.Turn) error {
		return turn.Report(w.attempts[0], chat.Report{ID: "SM1", State: chat.Delivered})
	})
	w.is(t, 1, chat.Delivered, "")
}

func TestSayAgain(t *testing.T) {
	t.Parallel()
	again := func(w *world, by chat.Author, id string, seq int64) (*chat.Turn, error) {
		return w.turn(func(turn *chat.Turn) error {
			_, err := turn.SendAgain(by, id, seq, turn.Conversation.Seq, false)
			return err
		})
	}
	w := undecided(t)
	turn, err := again(w, anna, "click", 1)
	if err != nil {
		t.Fatal(err)
	}
	said := w.entries[len(w.entries)-1]
	if said.Again != 1 || said.Text != "ok" || said.By != anna || said.State != chat.Saved || !slices.Contains(kinds(turn), chat.SendSMS) {
		t.Errorf("said again: %+v", said)
	}
	w.is(t, 1, chat.Unknown, "again")
	if _, err := again(w, anna, "click", 1); code(err) != "repeat" {
		t.Errorf("the same click once more: %v", err)
	}
	if _, err := again(w, ben, "another", 1); code(err) != "settled" {
		t.Errorf("a colleague's click: %v", err)
	}
	// What became of the first may still become known.
	w.must(t, func(turn *chat.Turn) error {
		return turn.Report(w.attempts[0], chat.Report{ID: "SM1", State: chat.Delivered})
	})
	w.is(t, 1, chat.Delivered, "")
}

// What needs nothing can't be decided.
func TestSettled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state  chat.State
		code   string
		silent bool
		check  string // the refusals' codes
		again  string
	}{
		"still asked for": {chat.Unknown, "looking", false, "", "settled"},
		"missing":         {chat.Unknown, "missing", false, "", ""},
		"no evidence":     {chat.Unknown, "no_evidence", false, "", ""},
		"left":            {chat.Unknown, "left", false, "", ""},
		"sent again":      {chat.Unknown, "again", false, "", "settled"},
		"failed":          {chat.Failed, "30003", false, "settled", ""},
		"opted out":       {chat.Failed, "opted_out", true, "settled", "opted_out"},
		"waiting":         {chat.Saved, "", false, "settled", "settled"},
		"delivered":       {chat.Delivered, "", false, "settled", "settled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := undecided(t)
			w.entries[0].State, w.entries[0].Problem, w.now.Conversation.OptedOut = test.state, &chat.Problem{Code: test.code}, test.silent
			if _, err := w.turn(func(turn *chat.Turn) error {
				_, err := turn.SendAgain(anna, "click", 1, 1, true)
				return err
			}); code(err) != test.again {
				t.Errorf("again: %v", err)
			}
			w.entries[0].State, w.entries[0].Problem = test.state, &chat.Problem{Code: test.code}
			if _, err := w.turn(func(turn *chat.Turn) error { return turn.CheckAgain(1) }); code(err) != test.check {
				t.Errorf("check: %v", err)
			}
		})
	}
	w := newWorld()
	w.hear(t, "SM1", "hello")
	for seq, want := range map[int64]string{1: "settled", 7: "not_found"} {
		if _, err := w.turn(func(turn *chat.Turn) error { return turn.KeepAsIs(anna, seq) }); code(err) != want {
			t.Errorf("leave %d: %v", seq, err)
		}
	}
}
