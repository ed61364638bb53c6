package chat_test

import (
	"testing"
	"time"

	"sidetext/chat"
)

// A clock that was put right between a text and its attempt hides no attempt.
func TestLapseAfterTheClockWasPutRight(t *testing.T) {
	t.Parallel()
	w := newWorld()
	said := w.must(t, func(turn *chat.Turn) error { turn.Answer("hello"); return nil })
	w.later(-time.Hour) // the clock was wrong, and was put right
	d := said.Deliveries[0]
	d.Tries = 1
	w.must(t, func(turn *chat.Turn) error { _, _, err := turn.BeginAttempt(d); return err }) // kept, posted, killed
	w.later(2 * time.Minute)
	w.must(t, func(turn *chat.Turn) error {
		err := turn.Expire(d)
		if len(turn.Freed) > 0 {
			t.Error("a text that may have been sent is sent again by itself")
		}
		return err
	})
}

// A report came before the answer was lost: what follows is asked for.
func TestADoubtAboutWhatWasReported(t *testing.T) {
	t.Parallel()
	w := newWorld()
	said := w.must(t, func(turn *chat.Turn) error { turn.Answer("hello"); return nil })
	d := said.Deliveries[0]
	var a chat.Attempt
	w.must(t, func(turn *chat.Turn) error { x, _, err := turn.BeginAttempt(d); a = *x; return err })
	w.must(t, func(turn *chat.Turn) error { return turn.Report(a, chat.Report{ID: "SM1", State: chat.Sending}) })
	a = w.attempts[0]
	turn := w.must(t, func(turn *chat.Turn) error { return turn.MarkUnknown(a, d) })
	if len(turn.Deliveries) != 1 {
		t.Errorf("nobody asks what becomes of a text that is %s: %v", w.entries[0].State, kinds(turn))
	}
}

// The same when nobody was asking any more.
func TestAReportAfterTheLastLook(t *testing.T) {
	t.Parallel()
	w, tries, _ := doubted(t, 0, "hello")
	w.later(11 * time.Minute)
	w.must(t, func(turn *chat.Turn) error { return turn.CheckFailed(tries[0]) })
	turn := w.must(t, func(turn *chat.Turn) error { return turn.Report(tries[0], chat.Report{ID: "SM1", State: chat.Sending}) })
	if len(turn.Deliveries) != 1 {
		t.Errorf("nobody asks what becomes of a text that is %s", w.entries[0].State)
	}
}

// A text is not another one whose words end with its own …
func TestWordsWithinWords(t *testing.T) {
	t.Parallel()
	// "ok" was never sent; "That is ok" was, by a provider whose clock is 8 s behind.
	w, tries, _ := doubted(t, 6*time.Second, "ok", "That is ok")
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(tries[0], []chat.Record{{Report: chat.Report{ID: "SM2", State: chat.Delivered}, Text: "That is ok", At: tries[1].At.Add(-8 * time.Second)}})
	})
	w.is(t, 1, chat.Unknown, "looking")
	w.later(10 * time.Second)
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(tries[1], []chat.Record{{Report: chat.Report{ID: "SM2", State: chat.Delivered}, Text: "That is ok", At: tries[1].At.Add(-8 * time.Second)}})
	})
	w.is(t, 2, chat.Delivered, "")
}

// … nor one that somebody else sent from the number.
func TestSomebodyElsesWords(t *testing.T) {
	t.Parallel()
	// somebody else texts the shopper from the number, within a minute
	w, tries, _ := doubted(t, 0, "ok")
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(tries[0], []chat.Record{{Report: chat.Report{ID: "SM2", State: chat.Delivered}, Text: "Reply with your size to book", At: tries[0].At.Add(20 * time.Second)}})
	})
	w.is(t, 1, chat.Unknown, "looking")
}

// What was sent again stays so, whatever a colleague decides.
func TestNothingUndoesAgain(t *testing.T) {
	t.Parallel()
	w, tries, _ := doubted(t, 0, "hello")
	w.later(11 * time.Minute)
	w.must(t, func(turn *chat.Turn) error { return turn.CheckFailed(tries[0]) })
	w.must(t, func(turn *chat.Turn) error { _, err := turn.SendAgain(anna, "click0001", 1, 99, false); return err })
	w.is(t, 1, chat.Unknown, "again")
	_, _ = w.turn(func(turn *chat.Turn) error { return turn.CheckAgain(1) })
	w.is(t, 1, chat.Unknown, "again")
	_, _ = w.turn(func(turn *chat.Turn) error { return turn.KeepAsIs(ben, 1) })
	w.is(t, 1, chat.Unknown, "again")
	_, err := w.turn(func(turn *chat.Turn) error { _, err := turn.SendAgain(ben, "click0002", 1, 99, true); return err })
	if code(err) != "settled" {
		t.Errorf("it is sent a third time: %v", err)
	}
}

// A text that the provider took and failed at once keeps its name there.
func TestWhatFailedAtOnceIsNotAnothers(t *testing.T) {
	t.Parallel()
	w := newWorld()
	try := func(d chat.Delivery) (a chat.Attempt) {
		w.must(t, func(turn *chat.Turn) error { x, _, err := turn.BeginAttempt(d); a = *x; return err })
		return a
	}
	said := w.must(t, func(turn *chat.Turn) error {
		_, err := turn.SendText(anna, "click0001", "hello", 99, false)
		return err
	})
	a := try(sms(said))
	// as bridge.record does with a text that Twilio took and failed at once
	w.must(t, func(turn *chat.Turn) error {
		return turn.Accepted(a, sms(said), chat.Report{ID: "SM1", State: chat.Failed, Problem: &chat.Problem{Code: "30007"}})
	})
	w.later(20 * time.Second)
	again := w.must(t, func(turn *chat.Turn) error {
		_, err := turn.SendAgain(anna, "click0002", a.Entry, 99, false)
		return err
	})
	b := try(sms(again))
	w.must(t, func(turn *chat.Turn) error { return turn.MarkUnknown(b, sms(again)) })
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(b, []chat.Record{
			{Report: chat.Report{ID: "SM1", State: chat.Failed, Problem: &chat.Problem{Code: "30007"}}, Text: "hello", At: a.At},
			{Report: chat.Report{ID: "SM2", State: chat.Delivered}, Text: "hello", At: b.At},
		})
	})
	w.is(t, b.Entry, chat.Delivered, "")
}

func sms(t *chat.Turn) chat.Delivery {
	for _, d := range t.Deliveries {
		if d.Kind == chat.SendSMS {
			return d
		}
	}
	return chat.Delivery{}
}
