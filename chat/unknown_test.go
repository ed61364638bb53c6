package chat_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

// doubted is a world in which nobody knows what became of texts with these
// words, each sent a while after the one before.
func doubted(t *testing.T, apart time.Duration, words ...string) (w *world, tries []chat.Attempt, traces []chat.Delivery) {
	t.Helper()
	w = newWorld()
	for i, text := range words {
		w.later(apart)
		said := w.must(t, func(turn *chat.Turn) error { turn.Answer(text); return nil })
		w.must(t, func(turn *chat.Turn) error {
			a, _, err := turn.BeginAttempt(said.Deliveries[0])
			tries = append(tries, *a)
			return err
		})
		turn := w.must(t, func(turn *chat.Turn) error { return turn.MarkUnknown(tries[i], said.Deliveries[0]) })
		traces = append(traces, turn.Deliveries...)
	}
	return w, tries, traces
}

func (w *world) is(t *testing.T, seq int64, state chat.State, code string) {
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

func TestADoubtHoldsItsLaneUntilTheFirstLook(t *testing.T) {
	t.Parallel()
	w, tries, traces := doubted(t, 0, "hello")
	w.is(t, 1, chat.Unknown, "looking")
	d := traces[0]
	if len(traces) != 1 || d.ID != chat.DeliveryID(tries[0].ID) || d.Kind != chat.CheckStatus || d.Lane != "sms/c" || d.Place != 1 || !d.Due.Equal(noon.Add(5*time.Second)) || d.Account != "twilio/AC1" {
		t.Errorf("it is asked for by %+v", traces)
	}
	if free := d.Released(); free.Lane == d.Lane || free.ID != d.ID {
		t.Errorf("released, it is %+v", free)
	}
}

func TestNextLook(t *testing.T) {
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

// A lease that ended says nothing by itself: whether an attempt was kept does.
func TestLapse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		claims int // of the delivery, the last of which lapsed
		tried  []int
		lost   bool
		again  bool
		state  chat.State
	}{
		"never tried":                   {1, nil, false, true, chat.Saved},
		"tried before, not this time":   {2, []int{1}, false, true, chat.Saved},
		"tried":                         {2, []int{1, 2}, false, false, chat.Unknown},
		"tried before tries had names":  {1, []int{0}, false, false, chat.Unknown},
		"somebody else dealt with it":   {1, []int{1}, true, false, chat.Saved},
		"somebody else has it by now":   {1, nil, true, false, chat.Saved},
		"tried, and kept from then on":  {3, []int{3}, false, false, chat.Unknown},
		"tried by a later claim's name": {1, []int{2}, false, true, chat.Saved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, d := outgoing(t)
			for i, try := range test.tried {
				w.keep(chat.Attempt{ID: chat.AttemptID(fmt.Sprint(i)), Entry: payload[chat.SMSPayload](d).Entry, Try: try, At: noon})
			}
			d.Tries = test.claims
			if w.lost = map[chat.DeliveryID]bool{}; test.lost {
				w.lost[d.ID] = true
			}
			turn := w.must(t, func(turn *chat.Turn) error { return turn.Expire(d) })
			if again := len(turn.Freed) == 1 && turn.Freed[0] == d; again != test.again || w.entries[0].State != test.state {
				t.Errorf("again %v, now %s", again, w.entries[0].State)
			}
			if done := slices.Contains(turn.Done, d.ID); done != (test.state == chat.Unknown) {
				t.Errorf("done %v", done)
			}
		})
	}
}

func TestAFrozenCarrierDoesNotSend(t *testing.T) {
	t.Parallel()
	w, d := outgoing(t)
	w.lost = map[chat.DeliveryID]bool{d.ID: true}
	_, err := w.turn(func(turn *chat.Turn) error {
		try, _, err := turn.BeginAttempt(d)
		if try != nil {
			t.Error("it may send")
		}
		return err
	})
	if err != chat.ErrLapsed || len(w.attempts) != 0 {
		t.Errorf("got %v, with %d attempts", err, len(w.attempts))
	}
}

// Who was frozen between attempt and request knows that nothing was sent, also
// when everybody else doubts it by then.
func TestCertaintyEndsADoubt(t *testing.T) {
	t.Parallel()
	w, tries, traces := doubted(t, 0, "hello")
	turn := w.must(t, func(turn *chat.Turn) error {
		return turn.DelayAttempt(tries[0], chat.Delivery{ID: "d"}, chat.Problem{Code: "x"}, 0)
	})
	w.is(t, 1, chat.Failed, "not_sent")
	if !slices.Contains(turn.Done, traces[0].ID) {
		t.Error("it is still asked for")
	}
}

// record is a line of the provider's list.
func record(id, text string, after time.Duration) chat.Record {
	return chat.Record{Report: chat.Report{ID: id, State: chat.Sent}, Text: text, At: noon.Add(after)}
}

func TestTheListShowsWhatWasSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		words []string // sent 40 s apart, all in doubt
		of    int      // whose trace asks
		list  []chat.Record
		want  map[int]string // which are then known, by what name
	}{
		"one":                     {[]string{"ok"}, 0, []chat.Record{record("SM1", "ok", 41*time.Second)}, map[int]string{0: "SM1"}},
		"none":                    {[]string{"ok"}, 0, nil, nil},
		"other words":             {[]string{"ok"}, 0, []chat.Record{record("SM1", "no", 41*time.Second)}, nil},
		"other spaces":            {[]string{"ok  then\n"}, 0, []chat.Record{record("SM1", "ok then", 41*time.Second)}, map[int]string{0: "SM1"}},
		"by a clock of seconds":   {[]string{"ok", "ok"}, 1, []chat.Record{record("SM2", "ok", 79*time.Second)}, map[int]string{1: "SM2"}},
		"rewritten to fit":        {[]string{"“it’s 5 – ok”"}, 0, []chat.Record{record("SM1", `"it's 5 - ok"`, 41*time.Second)}, map[int]string{0: "SM1"}},
		"on a trial account":      {[]string{"ok"}, 0, []chat.Record{record("SM1", "ok", 41*time.Second)}, map[int]string{0: "SM1"}},
		"without a letter":        {[]string{"👍 !"}, 0, []chat.Record{record("SM1", "👎 !", 41*time.Second), record("SM2", "👍  !", 42*time.Second)}, map[int]string{0: "SM2"}},
		"long before":             {[]string{"ok"}, 0, []chat.Record{record("SM1", "ok", -21*time.Second)}, nil},
		"long after":              {[]string{"ok"}, 0, []chat.Record{record("SM1", "ok", 131*time.Second)}, nil},
		"by a clock that is slow": {[]string{"ok"}, 0, []chat.Record{record("SM1", "ok", -19*time.Second)}, map[int]string{0: "SM1"}},
		"both":                    {[]string{"ok", "ok"}, 0, []chat.Record{record("SM2", "ok", 81*time.Second), record("SM1", "ok", 41*time.Second)}, map[int]string{0: "SM1", 1: "SM2"}},
		"the first of two":        {[]string{"ok", "ok"}, 1, []chat.Record{record("SM1", "ok", 41*time.Second)}, map[int]string{0: "SM1"}},
		"the second of two":       {[]string{"ok", "ok"}, 0, []chat.Record{record("SM2", "ok", 81*time.Second)}, map[int]string{1: "SM2"}},
		"two of three":            {[]string{"ok", "no", "ok"}, 0, []chat.Record{record("SM1", "ok", 41*time.Second), record("SM2", "ok", 121*time.Second)}, map[int]string{0: "SM1", 2: "SM2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, tries, _ := doubted(t, 40*time.Second, test.words...)
			w.must(t, func(turn *chat.Turn) error { return turn.ResolveFromList(tries[test.of], test.list) })
			for i := range test.words {
				name, state := test.want[i], chat.Unknown
				if name != "" {
					state = chat.Sent
				}
				if w.entries[i].State != state || w.attempts[i].Provider != name {
					t.Errorf("text %d is %s as %q, want %q", i, w.entries[i].State, w.attempts[i].Provider, name)
				}
			}
		})
	}
}

// What another attempt has is not given away a second time, and while a text
// with the same words is on its way nothing can be said.
func TestTheListIsSharedOutOnce(t *testing.T) {
	t.Parallel()
	w, tries, _ := doubted(t, 40*time.Second, "ok")
	w.keep(chat.Attempt{ID: "other", Entry: 1, Provider: "SM1", At: noon})
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(tries[0], []chat.Record{record("SM1", "ok", 41*time.Second)})
	})
	w.is(t, 1, chat.Unknown, "looking")

	w, tries, _ = doubted(t, 40*time.Second, "ok")
	said := w.must(t, func(turn *chat.Turn) error { turn.Answer("ok"); return nil })
	w.must(t, func(turn *chat.Turn) error { _, _, err := turn.BeginAttempt(said.Deliveries[0]); return err })
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(tries[0], []chat.Record{record("SM1", "ok", 41*time.Second)})
	})
	w.is(t, 1, chat.Unknown, "looking")
}

// Absence means something only when it lasts.
func TestAListThatLacksIt(t *testing.T) {
	t.Parallel()
	w, tries, _ := doubted(t, 0, "ok")
	look := func(after time.Duration, code string) {
		t.Helper()
		w.now.At = noon.Add(after)
		w.must(t, func(turn *chat.Turn) error { return turn.ResolveFromList(w.attempts[0], nil) })
		w.is(t, 1, chat.Unknown, code)
	}
	look(5*time.Second, "looking")
	look(30*time.Second, "looking")
	look(2*time.Minute, "missing")
	// It shows up after all: evidence wins.
	w.must(t, func(turn *chat.Turn) error {
		return turn.ResolveFromList(tries[0], []chat.Record{record("SM1", "ok", 0)})
	})
	w.is(t, 1, chat.Sent, "")
}

func TestAProviderThatSaysNothing(t *testing.T) {
	t.Parallel()
	for after, code := range map[time.Duration]string{2 * time.Minute: "looking", 10 * time.Minute: "no_evidence"} {
		w, tries, _ := doubted(t, 0, "ok")
		w.now.At = noon.Add(after)
		w.must(t, func(turn *chat.Turn) error { return turn.CheckFailed(tries[0]) })
		w.is(t, 1, chat.Unknown, code)
	}
}

// A report that came before anybody could know whose it is counts once its text
// is known.
func TestStrays(t *testing.T) {
	t.Parallel()
	w, d := outgoing(t)
	w.strays = map[string][]chat.Report{"SM1": {{ID: "SM1", State: chat.Sent}, {ID: "SM1", State: chat.Delivered}}}
	var try chat.Attempt
	w.must(t, func(turn *chat.Turn) error {
		a, _, err := turn.BeginAttempt(d)
		try = *a
		return err
	})
	turn := w.must(t, func(turn *chat.Turn) error {
		return turn.Accepted(try, d, chat.Report{ID: "SM1", State: chat.Queued})
	})
	w.is(t, 1, chat.Delivered, "")
	if len(turn.HasText) != 3 || len(turn.Deliveries) != 0 {
		t.Errorf("heard %+v, and asks %+v", turn.HasText, turn.Deliveries)
	}
}
