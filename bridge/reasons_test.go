package bridge_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/sms"
)

// close closes a ticket as an agent would.
func (w *world) close(of chat.Phone, remote string) {
	w.Helper()
	w.helpdesk.changeTicket(remote, func(k *ticket) { k.open = false })
	w.ticketWebhook(of)
	w.settle()
}

// Of our tags, a ticket has those of the reasons that apply now. Tags that an agent
// added stay.
func TestTagsFollowReasons(t *testing.T) {
	t.Parallel()
	type reasons = []chat.Reason
	byHand := chat.ActionFailed // a tag that an agent may add like any other
	for name, test := range map[string]struct {
		first, second []string // texts, with a close in between
		more          func(w *world, remote string)
		want          reasons // in order of their names
	}{
		"one":                        {first: []string{unclearText}, want: reasons{chat.UnknownKeyword}},
		"a later one":                {first: []string{unclearText, "please cancel my subscription"}, want: reasons{chat.EndSubscription}},
		"three":                      {first: []string{unclearText, "cancel my subscription", "skip my next order"}, want: reasons{chat.AskedForChange, chat.EndSubscription}},
		"CANCEL":                     {first: []string{unclearText, "CANCEL"}, want: reasons{chat.CarrierOptOut}},
		"CANCEL and START":           {first: []string{unclearText, "CANCEL", "START"}, want: reasons{chat.UnknownKeyword}},
		"after a close: another":     {first: []string{"cancel my subscription"}, second: []string{unclearText}, want: reasons{chat.UnknownKeyword}},
		"after a close: the same":    {first: []string{unclearText}, second: []string{unclearText}, want: reasons{chat.UnknownKeyword}},
		"after a close: one of two":  {first: []string{unclearText, "cancel my subscription"}, second: []string{"cancel my subscription"}, want: reasons{chat.EndSubscription}},
		"after a close: nothing yet": {first: []string{unclearText, "cancel my subscription"}, second: []string{"thanks!"}, want: reasons{chat.EndSubscription}},
		"after a close: an agent":    {first: []string{"cancel my subscription"}, second: []string{}, more: func(w *world, _ string) { w.reply(jane, "Hello again") }, want: reasons{chat.EndSubscription, chat.TakenOver}},
		"an agent's tag stays": {first: []string{unclearText}, second: []string{"cancel my subscription"}, more: func(w *world, remote string) {
			w.helpdesk.changeTicket(remote, func(k *ticket) { k.tags = append(k.tags, byHand) })
		}, want: reasons{byHand, chat.EndSubscription}},
		"an agent, then a request": {first: []string{unclearText}, more: func(w *world, _ string) { w.reply(jane, "Hello"); w.receive(jane, "cancel my subscription") }, want: reasons{chat.EndSubscription}},
		"an agent's, later also ours": {first: []string{unclearText}, more: func(w *world, remote string) {
			w.helpdesk.changeTicket(remote, func(k *ticket) { k.tags = append(k.tags, chat.EndSubscription) })
			w.receive(jane, "cancel my subscription")
			w.settle()
			w.close(jane, remote)
			w.receive(jane, "skip my next order")
		}, want: reasons{chat.AskedForChange, chat.EndSubscription}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.receive(jane, test.first...)
			w.settle()
			remote, k := w.helpdesk.onlyTicket(t)
			if test.second != nil {
				w.close(jane, remote)
				w.receive(jane, test.second...)
				w.settle()
			}
			if test.more != nil {
				test.more(w, remote)
				w.settle()
			}
			got := slices.Sorted(slices.Values(k.tags))
			if want := slices.Sorted(slices.Values(test.want)); !slices.Equal(got, want) {
				t.Errorf("tags %v, want %v", got, want)
			}
			calls := len(w.helpdesk.calls)
			w.receive(jane, "one more thing about it")
			w.settle()
			if slices.Contains(w.helpdesk.calls[calls:], "tag") && w.snapshot(jane).Escalation.Reason != chat.UnknownKeyword {
				t.Error("tags were set again without a new reason")
			}
		})
	}
}

// A tag that was set by a call whose answer was lost counts as ours.
func TestTagsOfLostAnswerAreOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	w.settle()
	remote, k := w.helpdesk.onlyTicket(t)
	lost := false
	w.helpdesk.fail(nil, func(call string) error {
		if call == "tag" && !lost {
			lost = true
			return errUnreachable
		}
		return nil
	})
	w.receive(jane, "cancel my subscription")
	w.settle()
	w.finishRetries()
	if !lost || !slices.Contains(k.tags, chat.EndSubscription) {
		t.Fatalf("lost %v, tags %v", lost, k.tags)
	}
	w.close(jane, remote)
	w.receive(jane, "skip my next order")
	w.settle()
	if !slices.Equal(k.tags, []chat.Reason{chat.AskedForChange}) {
		t.Errorf("tags %v", k.tags)
	}
}

// Only the first reason of an escalation is acknowledged, and a text that was not
// understood never.
func TestOneAcknowledgement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, "cancel my subscription", unclearText, "skip my next order", "where is my order", "talk to a person")
	out := 0
	for _, e := range w.snapshot(jane).Entries {
		if e.Way == chat.Out {
			out++
		}
	}
	if out != 1 {
		t.Errorf("sent %d texts, want the one acknowledgement", out)
	}
	w = newWorld(t)
	w.receive(jane, unclearText)
	if snapshot := w.snapshot(jane); snapshot.Escalation == nil || snapshot.Entries[len(snapshot.Entries)-1].Way == chat.Out {
		t.Errorf("a text that was not understood is answered or not escalated: %+v", snapshot.Entries)
	}
}

// Answers name only what works for this shopper.
func TestAnswersFitShopper(t *testing.T) {
	t.Parallel()
	const address = "help@willow.example"
	for name, test := range map[string]struct {
		email   string // the shop's
		tickets bool
		from    chat.Phone
		text    string
		has     []string
		hasNot  []string
	}{
		"an unknown phone":               {address, true, joe, unclearText, []string{"Please write to " + address}, []string{"MENU", "reply here"}},
		"an unknown phone, no address":   {"", true, joe, unclearText, []string{"website", "not answered"}, []string{"MENU", "e-mail", "@"}},
		"a customer, no tickets":         {address, false, jane, "end my subscription", []string{"Please write to " + address}, []string{"MENU"}},
		"an unknown phone's menu":        {address, true, joe, "menu", []string{"Please write to " + address}, []string{"1.", "MENU"}},
		"an unknown phone asks for help": {address, true, joe, "help please", []string{address}, []string{"MENU"}},
		"a customer with e-mail":         {address, true, jane, clearRequest, []string{"here or by e-mail"}, nil},
		"a customer without e-mail":      {address, true, ann, clearRequest, []string{"reply here."}, []string{"e-mail"}},
		"a customer's menu":              {address, true, jane, "menu", []string{"reply with a number", "1."}, nil},
		"a customer's menu, no ticket":   {address, false, jane, "menu", []string{address}, []string{"1.", "MENU"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.Shop.Settings.Email, w.config.Shop.Settings.AutoTickets = test.email, test.tickets
			customers := []chat.Shopper{{ID: chat.NewID[chat.ShopperID](noon), Phone: ann, Name: "Ann"}}
			if _, err := w.store.ImportShoppers(w.ctx, w.config.Shop.ID, customers); err != nil {
				t.Fatal(err)
			}
			w.receive(test.from, test.text)
			var texts []string
			for _, e := range w.snapshot(test.from).Entries {
				if e.Way == chat.Out {
					texts = append(texts, e.Text)
					if s := sms.Count(e.Text); s.Encoding != sms.GSM7 || s.Parts > 2 {
						t.Errorf("%q takes %d parts in %s", e.Text, s.Parts, s.Encoding)
					}
				}
			}
			if len(texts) != 1 {
				t.Fatalf("answers %q, want one", texts)
			}
			for _, text := range test.has {
				if !strings.Contains(texts[0], text) {
					t.Errorf("%q lacks %q", texts[0], text)
				}
			}
			for _, text := range test.hasNot {
				if strings.Contains(texts[0], text) {
					t.Errorf("%q has %q", texts[0], text)
				}
			}
		})
	}
}

const ann chat.Phone = "+14155550177"

// An unknown phone gets one answer a day, whatever it texts: more would only pay
// senders who profit from each text.
func TestUnknownPhoneGetsOneTextADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 20 {
		w.receive(joe, "menu", "hi", unclearText, "4", "end my subscription", "help me", "help please", "talk to a person", "skip my next order")
		w.advance(time.Hour)
	}
	out := 0
	for _, e := range w.snapshot(joe).Entries {
		if e.Way == chat.Out {
			out++
		}
	}
	if out != 1 {
		t.Errorf("sent %d texts in 20 hours, want 1", out)
	}
}

// A ticket without an e-mail address has a note that replies can't be delivered.
func TestTicketWithoutEmailAddress(t *testing.T) {
	t.Parallel()
	const undeliverable = "can't be delivered"
	for name, test := range map[string]struct {
		email string
		texts []string
		want  []string
		never string
	}{
		"with an address":          {"ann@example.com", []string{unclearText}, nil, undeliverable},
		"with an address, STOP":    {"ann@example.com", []string{unclearText, "STOP"}, []string{"e-mail still works"}, undeliverable},
		"without":                  {"", []string{unclearText}, []string{undeliverable + ". Answer with “Text via SMS”"}, "e-mail still works"},
		"without, STOP":            {"", []string{unclearText, "STOP"}, []string{"No e-mail address is known, so a reply from this ticket can't be delivered"}, "e-mail still works"},
		"without, CANCEL to begin": {"", []string{"CANCEL"}, []string{undeliverable + ". No texts can be sent either."}, "e-mail still works"},
		"without, lost answer":     {"", []string{unclearText}, []string{undeliverable}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			customers := []chat.Shopper{{ID: chat.NewID[chat.ShopperID](noon), Phone: ann, Name: "Ann", Email: test.email}}
			if _, err := w.store.ImportShoppers(w.ctx, w.config.Shop.ID, customers); err != nil {
				t.Fatal(err)
			}
			lost := false
			if strings.Contains(name, "lost answer") {
				w.helpdesk.fail(nil, func(call string) error {
					if call == "note" && !lost {
						lost = true
						return errUnreachable
					}
					return nil
				})
			}
			w.receive(ann, test.texts...)
			w.settle()
			w.finishRetries()
			_, k := w.helpdesk.onlyTicket(t)
			var notes []string
			for _, m := range k.messages {
				if m.note != "" {
					notes = append(notes, m.note)
				}
			}
			all := strings.Join(notes, "\n")
			for _, text := range test.want {
				if !strings.Contains(all, text) {
					t.Errorf("notes %q, want %q", notes, text)
				}
			}
			if test.never != "" && strings.Contains(all, test.never) {
				t.Errorf("notes %q have %q", notes, test.never)
			}
			if n := strings.Count(all, "No e-mail address is known for this shopper"); n > 1 {
				t.Errorf("the note is there %d times", n)
			}
		})
	}
}

// An agent who replies by e-mail takes over the escalation.
func TestEmailReplyTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receive(jane, unclearText)
	if e := w.snapshot(jane).Escalation; e.Agent != (chat.Author{}) {
		t.Errorf("before a reply: agent %+v", e.Agent)
	}
	w.settle()
	remote, _ := w.helpdesk.onlyTicket(t)
	receive := func(message string, by chat.Author) {
		t.Helper()
		w.helpdesk.changeTicket(remote, func(k *ticket) { k.replies = []bridge.EmailReply{{ID: message, By: by, At: w.time()}} })
		w.ticketWebhook(jane)
		w.settle()
	}
	ben := chat.Author{Role: chat.ByAgent, ID: "2", Name: "Ben"}
	receive("7", ben)
	if e := w.snapshot(jane).Escalation; e.Agent != ben {
		t.Errorf("after an e-mail: agent %+v", e.Agent)
	}
	w.reply(jane, "Hello")
	receive("7", ben) // the same e-mail
	if e := w.snapshot(jane).Escalation; e.Agent != anna {
		t.Errorf("after the same e-mail again: agent %+v", e.Agent)
	}
}
