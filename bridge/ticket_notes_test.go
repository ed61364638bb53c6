package bridge_test

import (
	"maps"
	"testing"

	"sidetext/chat"
)

func TestTicketSaysThatAgentsTextFailed(t *testing.T) {
	t.Parallel()
	fails := func(w *world, seq int64) {
		err := w.bridge.Report(w.ctx, chat.Attempt{Shop: w.config.Shop.ID, Conversation: w.conversation(jane), Entry: seq},
			chat.Report{State: chat.Failed, Problem: &chat.Problem{Code: "30003", Text: "The phone is off."}})
		if err != nil {
			w.Error(err)
		}
	}
	const text, late, early = "Anna texted by SMS: On it", "Anna's text “On it” did not arrive. The phone is off.", "Anna texted by SMS (it did not arrive: The phone is off.): On it"
	for name, test := range map[string]struct {
		story func(w *world)
		want  map[string]int
	}{
		"later": {func(w *world) {
			seq := w.reply(jane, "On it")
			w.settle()
			fails(w, seq)
			fails(w, seq)
		}, map[string]int{text: 1, late: 1}},
		"while it is being added": {func(w *world) {
			seq := w.reply(jane, "On it")
			w.helpdesk.fail(func(call string) error {
				if call == "note" {
					w.helpdesk.failBefore = nil
					fails(w, seq)
				}
				return nil
			}, nil)
		}, map[string]int{text: 1, late: 1}},
		"added in a try whose answer was lost": {func(w *world) {
			seq := w.reply(jane, "On it")
			w.helpdesk.fail(nil, func(call string) error {
				if call == "note" {
					w.helpdesk.failAfter = nil
					fails(w, seq)
					return errUnreachable
				}
				return nil
			})
		}, map[string]int{text: 1, late: 1}},
		"before": {func(w *world) {
			w.helpdesk.fail(func(string) error { return errUnreachable }, nil)
			seq := w.reply(jane, "On it")
			w.settle()
			fails(w, seq)
			w.helpdesk.fail(nil, nil)
		}, map[string]int{early: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.receive(jane, unclearText)
			w.settle()
			_, k := w.helpdesk.onlyTicket(t)
			test.story(w)
			w.settle()
			w.finishRetries()
			got := k.textCounts()
			delete(got, unclearText)
			if !maps.Equal(got, test.want) {
				t.Errorf("the ticket says %v, want %v", got, test.want)
			}
		})
	}
}

// A note for a trashed ticket is dropped; for another ticket it is a failure.
func TestRefusedNoteFailsUnlessTicketIsGone(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]bool{"gone": true, "there": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.receive(jane, unclearText)
			w.settle()
			remote, _ := w.helpdesk.onlyTicket(t)
			seq := w.reply(jane, "On it")
			w.settle()
			w.helpdesk.changeTicket(remote, func(k *ticket) { k.gone = gone })
			w.helpdesk.fail(func(call string) error {
				if call == "note" {
					return errRefused
				}
				return nil
			}, nil)
			err := w.bridge.Report(w.ctx, chat.Attempt{Shop: w.config.Shop.ID, Conversation: w.conversation(jane), Entry: seq},
				chat.Report{State: chat.Failed, Problem: &chat.Problem{Code: "30003", Text: "The phone is off."}})
			if err != nil {
				t.Fatal(err)
			}
			w.settle()
			w.finishRetries()
			if n := len(w.failures()); (n == 0) != gone {
				t.Errorf("%d failures", n)
			}
		})
	}
}
