package chat_test

import (
	"testing"
	"time"

	"sidetext/chat"
)

// TestExpireAfterClockSetBack: an attempt that seems older than its text is found.
func TestExpireAfterClockSetBack(t *testing.T) {
	t.Parallel()
	w := newWorld()
	sent := w.must(t, func(turn *chat.Turn) error { turn.Answer("hello"); return nil })
	w.advance(-time.Hour)
	d := sent.Deliveries[0]
	d.Tries = 1
	w.must(t, func(turn *chat.Turn) error { _, _, err := turn.BeginAttempt(d); return err })
	w.advance(2 * time.Minute)
	w.must(t, func(turn *chat.Turn) error {
		err := turn.Expire(d)
		if len(turn.Requeued) > 0 {
			t.Error("a text that may have been sent is sent again")
		}
		return err
	})
}

// TestMarkUnknownAfterReport: a status callback came, then the response to the
// request got lost. The status is checked later.
func TestMarkUnknownAfterReport(t *testing.T) {
	t.Parallel()
	w := newWorld()
	sent := w.must(t, func(turn *chat.Turn) error { turn.Answer("hello"); return nil })
	d := sent.Deliveries[0]
	var a chat.Attempt
	w.must(t, func(turn *chat.Turn) error { x, _, err := turn.BeginAttempt(d); a = *x; return err })
	w.must(t, func(turn *chat.Turn) error { return turn.Report(a, chat.Report{ID: "SM1", State: chat.Sending}) })
	a = w.attempts[0]
	turn := w.must(t, func(turn *chat.Turn) error { return turn.MarkUnknown(a, d) })
	if len(turn.Deliveries) != 1 {
		t.Errorf("no check of a text that is %s: %v", w.entries[0].State, kinds(turn))
	}
}

// TestReportAfterLastCheck: a report of a state that is not final, after the last
// check of an unknown text, starts the checks again.
func TestReportAfterLastCheck(t *testing.T) {
	t.Parallel()
	w, attempts, _ := unknownTexts(t, 0, "hello")
	w.advance(11 * time.Minute)
	w.must(t, func(turn *chat.Turn) error { return turn.CheckFailed(attempts[0]) })
	turn := w.must(t, func(turn *chat.Turn) error {
		return turn.Report(attempts[0], chat.Report{ID: "SM1", State: chat.Sending})
	})
	if len(turn.Deliveries) != 1 {
		t.Errorf("no check of a text that is %s", w.entries[0].State)
	}
}

// TestListMatchesWholeText: a listed text that only ends with ours is another text.
func TestListMatchesWholeText(t *testing.T) {
	t.Parallel()
	// "ok" was never sent; "That is ok" was. The provider's clock is 8 s behind.
	w, attempts, _ := unknownTexts(t, 6*time.Second, "ok", "That is ok")
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(attempts[0], []chat.Record{{Report: chat.Report{ID: "SM2", State: chat.Delivered}, Text: "That is ok", At: attempts[1].At.Add(-8 * time.Second)}})
	})
	w.wantState(t, 1, chat.Unknown, "looking")
	w.advance(10 * time.Second)
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(attempts[1], []chat.Record{{Report: chat.Report{ID: "SM2", State: chat.Delivered}, Text: "That is ok", At: attempts[1].At.Add(-8 * time.Second)}})
	})
	w.wantState(t, 2, chat.Delivered, "")
}

// TestListIgnoresOtherTexts: another program sent a text from the same number.
func TestListIgnoresOtherTexts(t *testing.T) {
	t.Parallel()
	w, attempts, _ := unknownTexts(t, 0, "ok")
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(attempts[0], []chat.Record{{Report: chat.Report{ID: "SM2", State: chat.Delivered}, Text: "Reply with your size to book", At: attempts[0].At.Add(20 * time.Second)}})
	})
	w.wantState(t, 1, chat.Unknown, "looking")
}

// TestSendAgainIsFinal: no later decision replaces "sent again".
func TestSendAgainIsFinal(t *testing.T) {
	t.Parallel()
	w, attempts, _ := unknownTexts(t, 0, "hello")
	w.advance(11 * time.Minute)
	w.must(t, func(turn *chat.Turn) error { return turn.CheckFailed(attempts[0]) })
	w.must(t, func(turn *chat.Turn) error { _, err := turn.SendAgain(anna, "click0001", 1, 99, false); return err })
	w.wantState(t, 1, chat.Unknown, "again")
	_, _ = w.turn(func(turn *chat.Turn) error { return turn.CheckAgain(1) })
	w.wantState(t, 1, chat.Unknown, "again")
	_, _ = w.turn(func(turn *chat.Turn) error { return turn.KeepAsIs(ben, 1) })
	w.wantState(t, 1, chat.Unknown, "again")
	_, err := w.turn(func(turn *chat.Turn) error { _, err := turn.SendAgain(ben, "click0002", 1, 99, true); return err })
	if code(err) != "settled" {
		t.Errorf("sent a third time: %v", err)
	}
}

// TestImmediateFailureKeepsProviderID: a text that failed in the provider's response
// is linked, so that a list does not link it with another attempt.
func TestImmediateFailureKeepsProviderID(t *testing.T) {
	t.Parallel()
	w := newWorld()
	try := func(d chat.Delivery) (a chat.Attempt) {
		w.must(t, func(turn *chat.Turn) error { x, _, err := turn.BeginAttempt(d); a = *x; return err })
		return a
	}
	first := w.must(t, func(turn *chat.Turn) error {
		_, err := turn.SendText(anna, "click0001", "hello", 99, false)
		return err
	})
	a := try(smsDelivery(first))
	w.must(t, func(turn *chat.Turn) error {
		return turn.Accepted(a, smsDelivery(first), chat.Report{ID: "SM1", State: chat.Failed, Problem: &chat.Problem{Code: "30007"}})
	})
	w.advance(20 * time.Second)
	again := w.must(t, func(turn *chat.Turn) error {
		_, err := turn.SendAgain(anna, "click0002", a.Entry, 99, false)
		return err
	})
	b := try(smsDelivery(again))
	w.must(t, func(turn *chat.Turn) error { return turn.MarkUnknown(b, smsDelivery(again)) })
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(b, []chat.Record{
			{Report: chat.Report{ID: "SM1", State: chat.Failed, Problem: &chat.Problem{Code: "30007"}}, Text: "hello", At: a.At},
			{Report: chat.Report{ID: "SM2", State: chat.Delivered}, Text: "hello", At: b.At},
		})
	})
	w.wantState(t, b.Entry, chat.Delivered, "")
}

func smsDelivery(t *chat.Turn) chat.Delivery {
	for _, d := range t.Deliveries {
		if d.Kind == chat.SendSMS {
			return d
		}
	}
	return chat.Delivery{}
}
