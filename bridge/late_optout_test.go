package bridge_test

import (
	"testing"
	"time"

	"sidetext/chat"
)

// An opt-out or opt-in that arrived late counts as if it had arrived in time: the last
// one sent decides, not the last one received.
func TestLateOptOutDoesNotUndoLaterOne(t *testing.T) {
	t.Parallel()
	type sent struct {
		text    string
		webhook bool
	}
	for name, test := range map[string]struct {
		texts    []sent // in the order in which they were sent
		optedOut bool
	}{
		"a late STOP":                                  {[]sent{{"STOP", false}}, true},
		"a late STOP, then START":                      {[]sent{{"STOP", false}, {"START", true}}, false},
		"STOP, then both late":                         {[]sent{{"STOP", true}, {"START", false}, {"STOP", false}}, true},
		"a late START, then STOP":                      {[]sent{{"START", false}, {"STOP", true}}, true},
		"STOP, a late START, STOP again":               {[]sent{{"STOP", true}, {"START", false}, {"STOP", true}}, true},
		"both late":                                    {[]sent{{"STOP", false}, {"START", false}}, false},
		"both late, in the other order":                {[]sent{{"START", false}, {"STOP", false}}, true},
		"a late STOP, then something else":             {[]sent{{"STOP", false}, {"where is it?", true}}, true},
		"STOP, then a late START":                      {[]sent{{"STOP", true}, {"START", false}}, false},
		"a late STOP, then YES, which carriers accept": {[]sent{{"STOP", false}, {"YES", true}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newCatchUpWorld(t)
			n.compare()
			for _, w := range test.texts {
				n.advance(time.Minute)
				n.sendText(jane, w.text, w.webhook)
			}
			n.advance(2 * time.Minute)
			n.compare()
			if got := n.snapshot(jane).Conversation.OptedOut; got != test.optedOut {
				t.Errorf("opted out: %v, want %v", got, test.optedOut)
			}
		})
	}
}

// A START that arrives seconds late does not undo a STOP that was sent after it.
func TestOptInThatIsSecondsLate(t *testing.T) {
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
		t.Error("a START undid a STOP that was sent after it")
	}
}

// A carrier's report that the shopper opted out, about a text from before START, is
// ignored. That also holds if START changed nothing, because the STOP before it was
// lost.
func TestOptOutReportFromBeforeStartIsIgnored(t *testing.T) {
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
		t.Errorf("opted out after START: %v", err)
	}
}
