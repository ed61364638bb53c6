package bridge_test

import (
	"fmt"
	"testing"

	"sidetext/chat"
	"sidetext/keyword"
	"sidetext/keyword/corpus"
)

// TestOptOutCorpusIsNotAnswered receives each text of the corpus that is an opt-out or may
// be one. None is answered by SMS; a clear one opts out, a possible one escalates.
func TestOptOutCorpusIsNotAnswered(t *testing.T) {
	t.Parallel()
	texts, err := corpus.Load("../keyword/testdata")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.config.Shop.Settings.MustHaveBought = false
	for i, text := range texts {
		if text.Silence == keyword.None || text.Text == "" {
			continue
		}
		from := chat.Phone(fmt.Sprintf("+1415556%04d", i))
		w.receive(from, text.Text)
		snapshot := w.snapshot(from)
		for _, e := range snapshot.Entries {
			if e.Way == chat.Out {
				t.Errorf("%q: answered by SMS", text.Text)
			}
		}
		if out := snapshot.Conversation.OptedOut; text.Sent == "" && out != (text.Silence == keyword.Clear) {
			t.Errorf("%q: opted out: %v", text.Text, out)
		}
		if text.Silence == keyword.Possible && text.Sent == "" && snapshot.Escalation == nil {
			t.Errorf("%q: not escalated", text.Text)
		}
	}
}

// A waiting answer is not sent after a text that may be an opt-out.
func TestPossibleOptOutCancelsWaitingAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, "menu")
	w.receive(jane, "please cancel")
	w.settle()
	if n := len(w.sender.accepted); n != 0 {
		t.Errorf("sent %d texts, want none", n)
	}
	seq := w.reply(jane, "Do you mean your subscription?") // an agent may still text
	w.settle()
	w.wantState(jane, seq, chat.Queued, "")
}
