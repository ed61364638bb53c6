package chat_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

func TestReceive(t *testing.T) {
	t.Parallel()
	t.Run("a text delivered twice", func(t *testing.T) {
		t.Parallel()
		w := newWorld()
		w.receive(t, "SM1", "hello")
		turn, err := w.turn(func(turn *chat.Turn) error {
			_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: "SM1", Text: "hello"})
			return err
		})
		if !errors.Is(err, chat.ErrRepeat) || turn.HasChanges() {
			t.Errorf("got %v, changes %v", err, turn.HasChanges())
		}
		// The same id from another provider is another text.
		if _, err := w.turn(func(turn *chat.Turn) error {
			_, err := turn.Receive(chat.Incoming{Provider: "telnyx", ID: "SM1", Text: "hello"})
			return err
		}); err != nil {
			t.Error(err)
		}
	})
	t.Run("invalid characters", func(t *testing.T) {
		t.Parallel()
		for in, want := range map[string]string{"a\x00b": "a\uFFFDb", "a\xff\xfeb": "a\uFFFDb", "👩‍👩‍👧 ﷽": "👩‍👩‍👧 ﷽", " \r\n": " \r\n"} {
			if got := newWorld().receive(t, "SM1", in).Added[0].Text; got != want {
				t.Errorf("%q: got %q, want %q", in, got, want)
			}
		}
	})
	for name, test := range map[string]struct {
		quiet  time.Duration
		events []chat.Event
		mode   chat.Mode
		kinds  []chat.DeliveryKind
	}{
		"a day later":        {24 * time.Hour, nil, chat.Human, []chat.DeliveryKind{chat.SyncTicket}},
		"more than a day":    {24*time.Hour + time.Microsecond, []chat.Event{chat.HandedBack}, chat.Automated, nil},
		"at the same moment": {0, nil, chat.Human, []chat.DeliveryKind{chat.SyncTicket}},
		"the clock set back": {-time.Hour, nil, chat.Human, []chat.DeliveryKind{chat.SyncTicket}},
	} {
		t.Run("during an escalation: "+name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.receive(t, "SM1", "help me")
			w.escalate(t)
			w.advance(test.quiet)
			turn := w.receive(t, "SM2", "anybody?")
			if !slices.Equal(events(turn), test.events) || turn.Conversation.Mode != test.mode || !slices.Equal(kinds(turn), test.kinds) {
				t.Errorf("got %v %v %v", events(turn), turn.Conversation.Mode, kinds(turn))
			}
			if (turn.Ended != nil) != (test.mode == chat.Automated) {
				t.Errorf("ended %+v", turn.Ended)
			}
		})
	}
}

// TestExchange: what is handed over begins with the present exchange.
func TestExchange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pause time.Duration
		texts int
		from  int64
	}{
		"without pauses":    {time.Minute, 3, 1},
		"pauses of an hour": {time.Hour, 3, 1},
		"longer pauses":     {time.Hour + 1, 3, 3},
		"a long exchange":   {time.Minute, 40, 1},
		"a very long one":   {time.Minute, 140, 41},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			for i := range test.texts {
				w.receive(t, fmt.Sprint("SM", i), "text")
				w.advance(test.pause)
			}
			if got := w.escalate(t).Escalation.From; got != test.from {
				t.Errorf("handed over from %d, want %d", got, test.from)
			}
		})
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		phone  chat.Phone
		optOut bool
		want   int
	}{
		"a number":                {"+14155550199", false, 1},
		"a number that opted out": {"+14155550199", true, 0},
		"a short code":            {"72345", false, 0},
		"an alphanumeric sender":  {"ACME", false, 0},
		"no sender":               {"", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.saved.Shopper.Phone, w.saved.Conversation.OptedOut = test.phone, test.optOut
			turn := w.must(t, func(turn *chat.Turn) error { turn.Answer("Hello."); return nil })
			if len(turn.Added) != test.want || len(turn.Deliveries) != test.want || turn.HasChanges() != (test.want > 0) {
				t.Fatalf("%d entries, %d deliveries", len(turn.Added), len(turn.Deliveries))
			}
			if test.want > 0 {
				d, e := turn.Deliveries[0], turn.Added[0]
				if d.Kind != chat.SendSMS || d.Account != "sms/twilio/AC1/+14155550100" || d.Lane != "sms/c" || d.Place != e.Seq || payload[chat.SMSPayload](d).Entry != e.Seq || d.Urgent || e.State != chat.Saved {
					t.Errorf("delivery %+v of %+v", d, e)
				}
			}
		})
	}
}

func TestSendText(t *testing.T) {
	t.Parallel()
	type input struct {
		by     chat.Author
		id     string
		text   string
		seen   int64
		anyway bool
	}
	send := func(s input) func(*chat.Turn) error {
		return func(t *chat.Turn) error {
			_, err := t.SendText(s.by, s.id, s.text, s.seen, s.anyway)
			return err
		}
	}
	for name, test := range map[string]struct {
		before func(*testing.T, *world)
		input  input
		want   string
	}{
		"fine":                     {nil, input{anna, "1", "Hello!", 0, false}, ""},
		"empty":                    {nil, input{anna, "1", "", 0, false}, "empty"},
		"blank":                    {nil, input{anna, "1", " \t\r\n\u00a0", 0, false}, "empty"},
		"as long as can be":        {nil, input{anna, "1", strings.Repeat("é", 1600), 0, false}, ""},
		"too long":                 {nil, input{anna, "1", strings.Repeat("é", 1601), 0, false}, "too_long"},
		"pairs as long as can be":  {nil, input{anna, "1", strings.Repeat("🙂", 800), 0, false}, ""},
		"pairs count twice":        {nil, input{anna, "1", strings.Repeat("🙂", 800) + "x", 0, false}, "too_long"},
		"opted out":                {func(_ *testing.T, w *world) { w.saved.Conversation.OptedOut = true }, input{anna, "1", "Hello!", 0, false}, "opted_out"},
		"opted out, anyway":        {func(_ *testing.T, w *world) { w.saved.Conversation.OptedOut = true }, input{anna, "1", "Hello!", 0, true}, "opted_out"},
		"unreachable":              {func(_ *testing.T, w *world) { w.saved.Shopper.Phone = "72345" }, input{anna, "1", "Hello!", 0, false}, "unreachable"},
		"a colleague's unseen":     {agentTexts(ben, "0"), input{anna, "1", "Hello!", 0, false}, "newer"},
		"a colleague's seen":       {agentTexts(ben, "0"), input{anna, "1", "Hello!", 2, false}, ""},
		"seen more than there is":  {agentTexts(ben, "0"), input{anna, "1", "Hello!", 99, false}, ""},
		"seen less than nothing":   {agentTexts(ben, "0"), input{anna, "1", "Hello!", -5, false}, "newer"},
		"a colleague's, anyway":    {agentTexts(ben, "0"), input{anna, "1", "Hello!", 0, true}, ""},
		"one's own":                {agentTexts(anna, "0"), input{anna, "1", "Hello!", 0, false}, ""},
		"one's own, renamed since": {agentTexts(chat.Author{Role: chat.ByAgent, ID: "1", Name: "Ann"}, "0"), input{anna, "1", "Hello!", 0, false}, ""},
		"automation's unseen": {func(t *testing.T, w *world) {
			w.must(t, func(turn *chat.Turn) error { turn.Answer("Menu"); return nil })
		}, input{anna, "1", "Hello!", 0, false}, "newer"},
		"the shopper's unseen": {func(t *testing.T, w *world) { w.receive(t, "SM1", "and?") }, input{anna, "1", "Hello!", 0, false}, ""},
		"far behind": {func(t *testing.T, w *world) {
			for i := range 250 {
				w.receive(t, fmt.Sprint("SM", i), "and?")
			}
			agentTexts(ben, "0")(t, w)
		}, input{anna, "1", "Hello!", 1, false}, "newer"},
		"again":                   {agentTexts(anna, "1"), input{anna, "1", "Hello!", 0, false}, "repeat"},
		"again, though opted out": {func(t *testing.T, w *world) { agentTexts(anna, "1")(t, w); w.saved.Conversation.OptedOut = true }, input{anna, "1", "Hello!", 0, false}, "repeat"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			if test.before != nil {
				test.before(t, w)
			}
			turn, err := w.turn(send(test.input))
			if got := code(err); got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			if test.want != "" {
				if turn.HasChanges() || len(turn.Deliveries) > 0 {
					t.Error("a refused text left changes")
				}
				return
			}
			last := turn.Added[len(turn.Added)-1]
			if last.Text != test.input.text || last.State != chat.Saved || last.By != test.input.by || !turn.Deliveries[len(turn.Deliveries)-1].Due.Equal(w.saved.At) {
				t.Errorf("added %+v", last)
			}
			if turn.Conversation.Mode != chat.Human || turn.Escalation == nil {
				t.Error("no escalation after an agent's text")
			}
		})
	}
}

func agentTexts(by chat.Author, id string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		t.Helper()
		w.must(t, func(turn *chat.Turn) error {
			_, err := turn.SendText(by, id, "What an agent says.", turn.Conversation.Seq, false)
			return err
		})
	}
}

// TestSendTextTakesOver: an agent's first text into an automated conversation opens
// an escalation.
func TestSendTextTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.receive(t, "SM1", "menu")
	first := w.must(t, func(turn *chat.Turn) error {
		_, err := turn.SendText(anna, "1", "I can help.", 1, false)
		return err
	})
	if e := first.Escalation; e == nil || e.Reason != chat.TakenOver || e.From != 2 {
		t.Errorf("escalation %+v", e)
	}
	if got := kinds(first); !slices.Contains(got, chat.SyncTicket) || !slices.Contains(got, chat.SendSMS) || len(got) != 2 {
		t.Errorf("deliveries %v", got)
	}
	for _, d := range first.Deliveries {
		if d.Kind == chat.SendSMS && !d.Urgent {
			t.Error("an agent's text is not urgent")
		}
	}
	second := w.must(t, func(turn *chat.Turn) error {
		_, err := turn.SendText(anna, "2", "One moment.", 3, false)
		return err
	})
	if len(events(second)) != 0 || second.Escalation.ID != first.Escalation.ID {
		t.Errorf("taken over twice: %v", events(second))
	}
}
