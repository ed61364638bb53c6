package chat_test

import (
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

// undecidedText returns a world with an unknown text that is missing from the list.
func undecidedText(t *testing.T) *world {
	t.Helper()
	w, attempts, _ := unknownTexts(t, 0, "ok")
	w.advance(10 * time.Minute)
	w.must(t, func(turn *chat.Turn) error { return turn.ResolveFromList(attempts[0], nil) })
	w.wantState(t, 1, chat.Unknown, "missing")
	return w
}

func TestCheckAgain(t *testing.T) {
	t.Parallel()
	w := undecidedText(t)
	turn := w.must(t, func(turn *chat.Turn) error { return turn.CheckAgain(1) })
	w.wantState(t, 1, chat.Unknown, "looking")
	if d := turn.Deliveries; len(d) != 1 || d[0].Kind != chat.CheckStatus || d[0].ID != chat.DeliveryID(w.attempts[0].ID) || !d[0].Due.Equal(turn.At) || d[0].Lane == "sms/c" {
		t.Errorf("check %+v", d)
	}
	w.must(t, func(turn *chat.Turn) error { return turn.ResolveFromList(w.attempts[0], nil) })
	w.wantState(t, 1, chat.Unknown, "missing")
}

func TestKeepAsIs(t *testing.T) {
	t.Parallel()
	w := undecidedText(t)
	w.must(t, func(turn *chat.Turn) error { return turn.KeepAsIs(anna, 1) })
	w.wantState(t, 1, chat.Unknown, "left")
	w.must(t, func(turn *chat.Turn) error { return turn.ResolveFromList(w.attempts[0], nil) })
	w.wantState(t, 1, chat.Unknown, "left")
	w.must(t, func(turn *chat.Turn) error {
		return turn.Report(w.attempts[0], chat.Report{ID: "SM1", State: chat.Delivered})
	})
	w.wantState(t, 1, chat.Delivered, "")
}

func TestSendAgain(t *testing.T) {
	t.Parallel()
	again := func(w *world, by chat.Author, id string, seq int64) (*chat.Turn, error) {
		return w.turn(func(turn *chat.Turn) error {
			_, err := turn.SendAgain(by, id, seq, turn.Conversation.Seq, false)
			return err
		})
	}
	w := undecidedText(t)
	turn, err := again(w, anna, "click", 1)
	if err != nil {
		t.Fatal(err)
	}
	sent := w.entries[len(w.entries)-1]
	if sent.ResendOf != 1 || sent.Text != "ok" || sent.By != anna || sent.State != chat.Saved || !slices.Contains(kinds(turn), chat.SendSMS) {
		t.Errorf("sent again: %+v", sent)
	}
	w.wantState(t, 1, chat.Unknown, "again")
	if _, err := again(w, anna, "click", 1); code(err) != "repeat" {
		t.Errorf("the same click once more: %v", err)
	}
	if _, err := again(w, ben, "another", 1); code(err) != "settled" {
		t.Errorf("a colleague's click: %v", err)
	}
	// A report about the first may still come.
	w.must(t, func(turn *chat.Turn) error {
		return turn.Report(w.attempts[0], chat.Report{ID: "SM1", State: chat.Delivered})
	})
	w.wantState(t, 1, chat.Delivered, "")
}

// TestSettledTextsAreRefused: decisions are refused for texts that need none.
func TestSettledTextsAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state  chat.State
		code   string
		optOut bool
		check  string // the codes of the refusals
		again  string
	}{
		"being checked": {chat.Unknown, "looking", false, "", "settled"},
		"missing":       {chat.Unknown, "missing", false, "", ""},
		"no evidence":   {chat.Unknown, "no_evidence", false, "", ""},
		"kept as it is": {chat.Unknown, "left", false, "", ""},
		"sent again":    {chat.Unknown, "again", false, "", "settled"},
		"failed":        {chat.Failed, "30003", false, "settled", ""},
		"opted out":     {chat.Failed, "opted_out", true, "settled", "opted_out"},
		"waiting":       {chat.Saved, "", false, "settled", "settled"},
		"delivered":     {chat.Delivered, "", false, "settled", "settled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := undecidedText(t)
			w.entries[0].State, w.entries[0].Problem, w.saved.Conversation.OptedOut = test.state, &chat.Problem{Code: test.code}, test.optOut
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
	w.receive(t, "SM1", "hello")
	for seq, want := range map[int64]string{1: "settled", 7: "not_found"} {
		if _, err := w.turn(func(turn *chat.Turn) error { return turn.KeepAsIs(anna, seq) }); code(err) != want {
			t.Errorf("keep %d: %v", seq, err)
		}
	}
}
