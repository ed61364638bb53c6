package bridge_test

import (
	"fmt"
	"testing"

	"sidetext/chat"
	"sidetext/keyword"
	"sidetext/keyword/corpus"
)

// TestCorpusBringsNoSMS takes a turn with each text of the corpus that asks for
// silence, surely or perhaps: no SMS answers it, a clear wish opts out, and a
// doubtful one calls a person.
func TestCorpusBringsNoSMS(t *testing.T) {
	t.Parallel()
	texts, err := corpus.Load("../keyword/testdata")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.door.Shop.Settings.MustHaveBought = false
	for i, text := range texts {
		if text.Silence == keyword.None || text.Text == "" {
			continue
		}
		from := chat.Phone(fmt.Sprintf("+1415556%04d", i))
		w.hear(from, text.Text)
		sight := w.look(from)
		for _, e := range sight.Entries {
			if e.Way == chat.Out {
				t.Errorf("%q is answered by SMS", text.Text)
			}
		}
		if out := sight.Conversation.OptedOut; text.Sent == "" && out != (text.Silence == keyword.Clear) {
			t.Errorf("%q: opted out is %v", text.Text, out)
		}
		if text.Silence == keyword.Possible && text.Sent == "" && sight.Escalation == nil {
			t.Errorf("%q reaches no person", text.Text)
		}
	}
}

// An answer that still waits when a doubtful text comes does not leave any more.
func TestNothingWaitingLeavesAfterADoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, "menu")
	w.hear(jane, "please cancel")
	w.settle()
	if n := len(w.sender.taken); n != 0 {
		t.Errorf("%d texts left", n)
	}
	seq := w.reply(jane, "Do you mean your subscription?") // an agent may decide so
	w.settle()
	w.is(jane, seq, chat.Queued, "")
}
