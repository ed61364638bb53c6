package bridge_test

import (
	"testing"
	"time"

	"sidetext/chat"
)

// Words that came late count as if they had come in time: the last that was said
// decides, not the last that was heard.
func TestALateWordDoesNotUndoALaterOne(t *testing.T) {
	t.Parallel()
	type word struct {
		text    string
		reaches bool
	}
	for name, test := range map[string]struct {
		words  []word // in the order in which they were said
		silent bool
	}{
		"a late STOP":                       {[]word{{"STOP", false}}, true},
		"a late STOP, then START":           {[]word{{"STOP", false}, {"START", true}}, false},
		"STOP, then both late":              {[]word{{"STOP", true}, {"START", false}, {"STOP", false}}, true},
		"a late START, then STOP":           {[]word{{"START", false}, {"STOP", true}}, true},
		"STOP, a late START, STOP again":    {[]word{{"STOP", true}, {"START", false}, {"STOP", true}}, true},
		"both late":                         {[]word{{"STOP", false}, {"START", false}}, false},
		"both late, the other way":          {[]word{{"START", false}, {"STOP", false}}, true},
		"a late STOP, then something else":  {[]word{{"STOP", false}, {"where is it?", true}}, true},
		"STOP, then a late START":           {[]word{{"STOP", true}, {"START", false}}, false},
		"STOP late, YES, as carriers do it": {[]word{{"STOP", false}, {"YES", true}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newCatchUpWorld(t)
			n.compare()
			for _, w := range test.words {
				n.advance(time.Minute)
				n.sendText(jane, w.text, w.reaches)
			}
			n.advance(2 * time.Minute)
			n.compare()
			if got := n.snapshot(jane).Conversation.OptedOut; got != test.silent {
				t.Errorf("opted out: %v, want %v", got, test.silent)
			}
		})
	}
}

// The same within seconds.
func TestAWordThatIsSomeSecondsLate(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.advance(time.Minute)
	n.sendText(jane, "STOP", true)
	n.advance(time.Hour)
	n.sendText(jane, "START", false)
	n.advance(10 * time.Second)
	n.sendText(jane, "STOP", true)
	n.advance(30 * time.Second)
	n.compare()
	if !n.snapshot(jane).Conversation.OptedOut {
		t.Error("a STOP is undone by a START that was said before it")
	}
}

// The carrier's word for a text of before is no news after START, also where
// START changed nothing because the STOP before it never came.
func TestOldNewsOfAnOptOutAfterALostSTOP(t *testing.T) {
	t.Parallel()
	n := newCatchUpWorld(t)
	n.compare()
	n.sendText(jane, clearRequest, true)
	n.settle()
	out := n.sender.accepted[0]
	a, err := n.store.Attempt(n.ctx, n.config.Line, out.Token, "")
	if err != nil {
		t.Fatal(err)
	}
	n.sendText(jane, "STOP", false)
	n.sendText(jane, "START", true)
	err = n.bridge.Report(n.ctx, a, chat.Report{Token: out.Token, ID: "SM1", State: chat.Failed, Problem: &chat.Problem{Code: "21610"}, OptedOut: true})
	if err != nil || n.snapshot(jane).Conversation.OptedOut {
		t.Errorf("opted out although START came after: %v", err)
	}
}
