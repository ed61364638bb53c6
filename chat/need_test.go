package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sidetext/chat"
)

// snapshot returns the conversation's snapshot, without entries.
func (w *world) snapshot() chat.Snapshot {
	return chat.Snapshot{Shopper: w.saved.Shopper, Conversation: w.saved.Conversation, Escalation: w.saved.Escalation, Ticket: w.saved.Ticket}
}

// TestLaterNeeds: a later need is added once, with an event, and nothing is texted.
func TestLaterNeeds(t *testing.T) {
	t.Parallel()
	cancel := chat.Need{Reason: chat.CarrierOptOut, Wants: "Texted CANCEL. May mean the subscription"}
	skip := chat.Need{Reason: chat.AskedForChange, Wants: "Skip my next order"}
	swap := chat.Need{Reason: chat.AskedForChange, Wants: "Swap products"}
	plain := func(r chat.Reason) chat.Need { return chat.Need{Reason: r} }
	for name, test := range map[string]struct {
		needs   []chat.Need // the first opens the escalation
		events  int         // of the later ones
		reasons []chat.Reason
		wants   string
	}{
		"another need":          {[]chat.Need{plain(chat.UnknownKeyword), plain(chat.EndSubscription)}, 1, []chat.Reason{chat.EndSubscription}, "End the subscription"},
		"the same need":         {[]chat.Need{plain(chat.EndSubscription), plain(chat.EndSubscription)}, 0, []chat.Reason{chat.EndSubscription}, "End the subscription"},
		"not understood, later": {[]chat.Need{plain(chat.EndSubscription), plain(chat.UnknownKeyword)}, 0, []chat.Reason{chat.EndSubscription}, "End the subscription"},
		"an agent, later":       {[]chat.Need{plain(chat.EndSubscription), plain(chat.TakenOver)}, 0, []chat.Reason{chat.EndSubscription}, "End the subscription"},
		"an agent, first":       {[]chat.Need{plain(chat.TakenOver), plain(chat.OrderStatus)}, 1, []chat.Reason{chat.TakenOver, chat.OrderStatus}, "Know where an order is"},
		"an agent, alone":       {[]chat.Need{plain(chat.TakenOver)}, 0, []chat.Reason{chat.TakenOver}, ""},
		"two changes, one tag":  {[]chat.Need{skip, swap, skip}, 1, []chat.Reason{chat.AskedForChange}, "Swap products; Skip my next order"},
		"CANCEL":                {[]chat.Need{plain(chat.UnknownKeyword), cancel}, 1, []chat.Reason{chat.UnknownKeyword}, "Texted CANCEL. May mean the subscription: ask by e-mail"},
		"possible opt-out":      {[]chat.Need{plain(chat.OrderStatus), plain(chat.MaybeOptOut)}, 1, []chat.Reason{chat.OrderStatus, chat.MaybeOptOut}, "Perhaps no more texts: ask by e-mail; Know where an order is"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.saved.Shopper.Email = "jane@example.com"
			w.receive(t, "SM1", "help")
			var added []chat.Entry
			for i, n := range test.needs {
				turn := w.must(t, func(turn *chat.Turn) error { turn.Escalate(n.Reason, n.Wants, 0); return nil })
				if i > 0 {
					added = append(added, turn.Added...)
				}
			}
			if len(added) != test.events {
				t.Errorf("events %+v, want %d", added, test.events)
			}
			for _, e := range added {
				if e.Event != chat.NeedAdded || e.Text == "" || e.Way != "" {
					t.Errorf("added %+v", e)
				}
			}
			if got := w.snapshot().Reasons(); !slices.Equal(got, test.reasons) {
				t.Errorf("reasons %v, want %v", got, test.reasons)
			}
			if got := w.snapshot().Wants(); got != test.wants {
				t.Errorf("wants %q, want %q", got, test.wants)
			}
		})
	}
}

// TestNeedsFollowOptOut: an opt-out settles the need to ask about it.
func TestNeedsFollowOptOut(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.receive(t, "SM1", "hm")
	w.must(t, func(turn *chat.Turn) error {
		turn.Escalate(chat.MaybeOptOut, "", 0)
		turn.Escalate(chat.EndSubscription, "", 0)
		return nil
	})
	reasons := func(want ...chat.Reason) {
		t.Helper()
		if got := w.snapshot().Reasons(); !slices.Equal(got, want) {
			t.Errorf("reasons %v, want %v", got, want)
		}
	}
	reasons(chat.MaybeOptOut, chat.EndSubscription)
	w.must(t, func(turn *chat.Turn) error {
		turn.OptOut("Texted CANCEL.")
		turn.Escalate(chat.CarrierOptOut, "", 0)
		return nil
	})
	reasons(chat.EndSubscription, chat.CarrierOptOut)
	w.must(t, func(turn *chat.Turn) error { turn.OptIn(); return nil })
	reasons(chat.MaybeOptOut, chat.EndSubscription)
	if got := w.snapshot().Wants(); !strings.Contains(got, "It may mean the subscription (no e-mail address is known to ask)") {
		t.Errorf("after START the meaning of CANCEL is missing: %q", got)
	}
}

func TestNeedsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.receive(t, "SM1", "hm")
	for n := range 100 {
		w.must(t, func(turn *chat.Turn) error { turn.Escalate(chat.AskedForChange, fmt.Sprint(n), 0); return nil })
	}
	if n := len(w.saved.Escalation.Needs()); n != 20 {
		t.Errorf("%d needs, want 20", n)
	}
}

// TestEscalationAgent: an escalation has an agent after an answer by text or e-mail.
func TestEscalationAgent(t *testing.T) {
	t.Parallel()
	ben := chat.Author{Role: chat.ByAgent, ID: "2", Name: "Ben"}
	w := newWorld()
	w.receive(t, "SM1", "hm")
	if got := w.escalate(t).Escalation.Agent; got != (chat.Author{}) {
		t.Errorf("before an answer: agent %+v", got)
	}
	w.must(t, func(turn *chat.Turn) error { turn.AgentReplied(ben); return nil })
	if got := w.saved.Escalation.Agent; got != ben {
		t.Errorf("after an e-mail: agent %+v", got)
	}
	say := func(id string) *chat.Turn {
		return w.must(t, func(turn *chat.Turn) error { _, err := turn.SendText(anna, id, "Hello", 1000, false); return err })
	}
	if got := say("1").Escalation.Agent; got != anna {
		t.Errorf("after a text: agent %+v", got)
	}
	w.must(t, func(turn *chat.Turn) error { turn.HandBack(anna, ""); return nil })
	takeOver := say("2")
	if e := takeOver.Added[0]; e.Event != chat.Escalated || e.By != anna || e.Text != "" || takeOver.Escalation.Agent != anna {
		t.Errorf("take-over: %+v", e)
	}
}
