package chat_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

// unknownTexts returns a world with unknown texts, sent some time apart, and their
// attempts and checks.
func unknownTexts(t *testing.T, apart time.Duration, texts ...string) (w *world, attempts []chat.Attempt, checks []chat.Delivery) {
	t.Helper()
	w = newWorld()
	for i, text := range texts {
		w.advance(apart)
		sent := w.must(t, func(turn *chat.Turn) error { turn.Answer(text); return nil })
		w.must(t, func(turn *chat.Turn) error {
			a, _, err := turn.BeginAttempt(sent.Deliveries[0])
			attempts = append(attempts, *a)
			return err
		})
		turn := w.must(t, func(turn *chat.Turn) error { return turn.MarkUnknown(attempts[i], sent.Deliveries[0]) })
		checks = append(checks, turn.Deliveries...)
	}
	return w, attempts, checks
}

func (w *world) wantState(t *testing.T, seq int64, state chat.State, code string) {
	t.Helper()
	e := w.entries[seq-1]
	got := ""
	if e.Problem != nil {
		got = e.Problem.Code
	}
	if e.State != state || got != code {
		t.Errorf("entry %d is %s %q, want %s %q", seq, e.State, got, state, code)
	}
}

func TestUnknownTextBlocksLaneUntilFirstCheck(t *testing.T) {
	t.Parallel()
	w, attempts, checks := unknownTexts(t, 0, "hello")
	w.wantState(t, 1, chat.Unknown, "looking")
	d := checks[0]
	if len(checks) != 1 || d.ID != chat.DeliveryID(attempts[0].ID) || d.Kind != chat.CheckStatus || d.Lane != "sms/c" || d.Place != 1 || !d.Due.Equal(noon.Add(5*time.Second)) || d.Account != "twilio/AC1" {
		t.Errorf("checks %+v", checks)
	}
	if free := d.Released(); free.Lane == d.Lane || free.ID != d.ID {
		t.Errorf("released: %+v", free)
	}
}

func TestNextCheck(t *testing.T) {
	t.Parallel()
	a := chat.Attempt{At: noon}
	for _, test := range []struct {
		state chat.State
		age   time.Duration
		next  time.Duration // 0: none
	}{
		{chat.Unknown, 0, 5 * time.Second}, {chat.Unknown, 5 * time.Second, 30 * time.Second},
		{chat.Unknown, 31 * time.Second, 2 * time.Minute}, {chat.Unknown, 2 * time.Minute, 10 * time.Minute}, {chat.Unknown, 10 * time.Minute, 0},
		{chat.Queued, 0, time.Minute}, {chat.Sending, time.Minute, 5 * time.Minute}, {chat.Sent, 6 * time.Minute, 30 * time.Minute}, {chat.Sent, 30 * time.Minute, 0},
	} {
		at, ok := a.NextCheck(test.state, noon.Add(test.age))
		if ok != (test.next > 0) || ok && !at.Equal(noon.Add(test.next)) {
			t.Errorf("%s after %v: %v, %v", test.state, test.age, at.Sub(noon), ok)
		}
	}
}

// TestExpire: whether a text is unknown or sent again depends on whether an attempt
// of the expired try was saved.
func TestExpire(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		claims   int   // of the delivery, the last of which expired
		attempts []int // of saved attempts
		expired  bool  // and the delivery is done or claimed again
		again    bool
		state    chat.State
	}{
		"no attempt":                {1, nil, false, true, chat.Saved},
		"attempt of an earlier try": {2, []int{1}, false, true, chat.Saved},
		"attempt of this try":       {2, []int{1, 2}, false, false, chat.Unknown},
		"attempt without a try":     {1, []int{0}, false, false, chat.Unknown},
		"done by another worker":    {1, []int{1}, true, false, chat.Saved},
		"claimed by another worker": {1, nil, true, false, chat.Saved},
		"attempt of the third try":  {3, []int{3}, false, false, chat.Unknown},
		"attempt of a later try":    {1, []int{2}, false, true, chat.Saved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, d := waitingText(t)
			for i, try := range test.attempts {
				w.saveAttempt(chat.Attempt{ID: chat.AttemptID(fmt.Sprint(i)), Entry: payload[chat.SMSPayload](d).Entry, Try: try, At: noon})
			}
			d.Tries = test.claims
			if w.expired = map[chat.DeliveryID]bool{}; test.expired {
				w.expired[d.ID] = true
			}
			turn := w.must(t, func(turn *chat.Turn) error { return turn.Expire(d) })
			if again := len(turn.Requeued) == 1 && turn.Requeued[0] == d; again != test.again || w.entries[0].State != test.state {
				t.Errorf("again %v, state %s", again, w.entries[0].State)
			}
			if done := slices.Contains(turn.Done, d.ID); done != (test.state == chat.Unknown) {
				t.Errorf("done %v", done)
			}
		})
	}
}

func TestExpiredLeasePreventsSend(t *testing.T) {
	t.Parallel()
	w, d := waitingText(t)
	w.expired = map[chat.DeliveryID]bool{d.ID: true}
	_, err := w.turn(func(turn *chat.Turn) error {
		try, _, err := turn.BeginAttempt(d)
		if try != nil {
			t.Error("an attempt has begun")
		}
		return err
	})
	if err != chat.ErrLeaseExpired || len(w.attempts) != 0 {
		t.Errorf("got %v, with %d attempts", err, len(w.attempts))
	}
}

// TestDelayAttemptResolvesUnknown: a worker that was paused between attempt and
// request knows that nothing was sent, although the text is unknown by then.
func TestDelayAttemptResolvesUnknown(t *testing.T) {
	t.Parallel()
	w, attempts, checks := unknownTexts(t, 0, "hello")
	turn := w.must(t, func(turn *chat.Turn) error {
		return turn.DelayAttempt(attempts[0], chat.Delivery{ID: "d"}, chat.Problem{Code: "x"}, 0)
	})
	w.wantState(t, 1, chat.Failed, "not_sent")
	if !slices.Contains(turn.Done, checks[0].ID) {
		t.Error("the check is not done")
	}
}

// listedText returns an item of the provider's list.
func listedText(id, text string, after time.Duration) chat.Record {
	return chat.Record{Report: chat.Report{ID: id, State: chat.Sent}, Text: text, At: noon.Add(after)}
}

func TestResolveFromList(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		texts   []string // sent 40 s apart, all unknown
		checked int      // index of the attempt that is resolved
		list    []chat.Record
		want    map[int]string // the provider's ids of the texts then known
	}{
		"one":                   {[]string{"ok"}, 0, []chat.Record{listedText("SM1", "ok", 41*time.Second)}, map[int]string{0: "SM1"}},
		"none":                  {[]string{"ok"}, 0, nil, nil},
		"other words":           {[]string{"ok"}, 0, []chat.Record{listedText("SM1", "no", 41*time.Second)}, nil},
		"other spaces":          {[]string{"ok  then\n"}, 0, []chat.Record{listedText("SM1", "ok then", 41*time.Second)}, map[int]string{0: "SM1"}},
		"time in whole seconds": {[]string{"ok", "ok"}, 1, []chat.Record{listedText("SM2", "ok", 79*time.Second)}, map[int]string{1: "SM2"}},
		"changed punctuation":   {[]string{"“it’s 5 – ok”"}, 0, []chat.Record{listedText("SM1", `"it's 5 - ok"`, 41*time.Second)}, map[int]string{0: "SM1"}},
		"on a trial account":    {[]string{"ok"}, 0, []chat.Record{listedText("SM1", "ok", 41*time.Second)}, map[int]string{0: "SM1"}},
		"no letters":            {[]string{"👍 !"}, 0, []chat.Record{listedText("SM1", "👎 !", 41*time.Second), listedText("SM2", "👍  !", 42*time.Second)}, map[int]string{0: "SM2"}},
		"long before":           {[]string{"ok"}, 0, []chat.Record{listedText("SM1", "ok", -21*time.Second)}, nil},
		"long after":            {[]string{"ok"}, 0, []chat.Record{listedText("SM1", "ok", 131*time.Second)}, nil},
		"the clock is slow":     {[]string{"ok"}, 0, []chat.Record{listedText("SM1", "ok", -19*time.Second)}, map[int]string{0: "SM1"}},
		"both":                  {[]string{"ok", "ok"}, 0, []chat.Record{listedText("SM2", "ok", 81*time.Second), listedText("SM1", "ok", 41*time.Second)}, map[int]string{0: "SM1", 1: "SM2"}},
		"the first of two":      {[]string{"ok", "ok"}, 1, []chat.Record{listedText("SM1", "ok", 41*time.Second)}, map[int]string{0: "SM1"}},
		"the second of two":     {[]string{"ok", "ok"}, 0, []chat.Record{listedText("SM2", "ok", 81*time.Second)}, map[int]string{1: "SM2"}},
		"two of three":          {[]string{"ok", "no", "ok"}, 0, []chat.Record{listedText("SM1", "ok", 41*time.Second), listedText("SM2", "ok", 121*time.Second)}, map[int]string{0: "SM1", 2: "SM2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, attempts, _ := unknownTexts(t, 40*time.Second, test.texts...)
			w.must(t, func(turn *chat.Turn) error { return turn.ResolveFromList(attempts[test.checked], test.list) })
			for i := range test.texts {
				id, state := test.want[i], chat.Unknown
				if id != "" {
					state = chat.Sent
				}
				if w.entries[i].State != state || w.attempts[i].Provider != id {
					t.Errorf("text %d is %s with id %q, want %q", i, w.entries[i].State, w.attempts[i].Provider, id)
				}
			}
		})
	}
}

// TestListedTextIsAssignedOnce: a listed text that is linked to an attempt is not
// assigned to another, and nothing is assigned while an attempt with the same text
// is under way.
func TestListedTextIsAssignedOnce(t *testing.T) {
	t.Parallel()
	w, attempts, _ := unknownTexts(t, 40*time.Second, "ok")
	w.saveAttempt(chat.Attempt{ID: "other", Entry: 1, Provider: "SM1", At: noon})
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(attempts[0], []chat.Record{listedText("SM1", "ok", 41*time.Second)})
	})
	w.wantState(t, 1, chat.Unknown, "looking")

	w, attempts, _ = unknownTexts(t, 40*time.Second, "ok")
	second := w.must(t, func(turn *chat.Turn) error { turn.Answer("ok"); return nil })
	w.must(t, func(turn *chat.Turn) error { _, _, err := turn.BeginAttempt(second.Deliveries[0]); return err })
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(attempts[0], []chat.Record{listedText("SM1", "ok", 41*time.Second)})
	})
	w.wantState(t, 1, chat.Unknown, "looking")
}

// TestListWithoutText: a text counts as missing only if it stays away from the list.
func TestListWithoutText(t *testing.T) {
	t.Parallel()
	w, attempts, _ := unknownTexts(t, 0, "ok")
	check := func(after time.Duration, code string) {
		t.Helper()
		w.saved.At = noon.Add(after)
		w.must(t, func(turn *chat.Turn) error { return turn.ResolveFromList(w.attempts[0], nil) })
		w.wantState(t, 1, chat.Unknown, code)
	}
	check(5*time.Second, "looking")
	check(30*time.Second, "looking")
	check(2*time.Minute, "missing")
	// It is listed after all.
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(attempts[0], []chat.Record{listedText("SM1", "ok", 0)})
	})
	w.wantState(t, 1, chat.Sent, "")
}

func TestCheckFailed(t *testing.T) {
	t.Parallel()
	for after, code := range map[time.Duration]string{2 * time.Minute: "looking", 10 * time.Minute: "no_evidence"} {
		w, attempts, _ := unknownTexts(t, 0, "ok")
		w.saved.At = noon.Add(after)
		w.must(t, func(turn *chat.Turn) error { return turn.CheckFailed(attempts[0]) })
		w.wantState(t, 1, chat.Unknown, code)
	}
}

// TestUnmatchedReports: a report that came before the response to the attempt is
// applied with the response.
func TestUnmatchedReports(t *testing.T) {
	t.Parallel()
	w, d := waitingText(t)
	w.unmatched = map[string][]chat.Report{"SM1": {{ID: "SM1", State: chat.Sent}, {ID: "SM1", State: chat.Delivered}}}
	var try chat.Attempt
	w.must(t, func(turn *chat.Turn) error {
		a, _, err := turn.BeginAttempt(d)
		try = *a
		return err
	})
	turn := w.must(t, func(turn *chat.Turn) error {
		return turn.Accepted(try, d, chat.Report{ID: "SM1", State: chat.Queued})
	})
	w.wantState(t, 1, chat.Delivered, "")
	if len(turn.Reports) != 3 || len(turn.Deliveries) != 0 {
		t.Errorf("reports %+v, deliveries %+v", turn.Reports, turn.Deliveries)
	}
}
