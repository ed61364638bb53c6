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

// close has an agent close the ticket.
func (w *world) close(of chat.Phone, remote string) {
	w.Helper()
	w.desk.set(remote, func(k *ticket) { k.open = false })
	w.news(of, false)
	w.settle()
}

// The ticket's tags are the reasons that apply now: of ours no others stay, and
// what a person added is left alone.
func TestTagsFollowTheReasons(t *testing.T) {
	t.Parallel()
	type reasons = []chat.Reason
	byHand := chat.ActionFailed // a tag that an agent may add like any other
	for name, test := range map[string]struct {
		first, second []string // texts, with a close in between
		more          func(w *world, remote string)
		want          reasons // in order of their names
	}{
		"one":                        {first: []string{strange}, want: reasons{chat.UnknownKeyword}},
		"a later one":                {first: []string{strange, "please cancel my subscription"}, want: reasons{chat.EndSubscription}},
		"three":                      {first: []string{strange, "cancel my subscription", "skip my next order"}, want: reasons{chat.AskedForChange, chat.EndSubscription}},
		"CANCEL":                     {first: []string{strange, "CANCEL"}, want: reasons{chat.CarrierOptOut}},
		"CANCEL and START":           {first: []string{strange, "CANCEL", "START"}, want: reasons{chat.UnknownKeyword}},
		"after a close: another":     {first: []string{"cancel my subscription"}, second: []string{strange}, want: reasons{chat.UnknownKeyword}},
		"after a close: the same":    {first: []string{strange}, second: []string{strange}, want: reasons{chat.UnknownKeyword}},
		"after a close: one of two":  {first: []string{strange, "cancel my subscription"}, second: []string{"cancel my subscription"}, want: reasons{chat.EndSubscription}},
		"after a close: nothing yet": {first: []string{strange, "cancel my subscription"}, second: []string{"thanks!"}, want: reasons{chat.EndSubscription}},
		"after a close: an agent":    {first: []string{"cancel my subscription"}, second: []string{}, more: func(w *world, _ string) { w.reply(jane, "Hello again") }, want: reasons{chat.EndSubscription, chat.TakenOver}},
		"a person's own stays":       {first: []string{strange}, second: []string{"cancel my subscription"}, more: func(w *world, remote string) { w.desk.set(remote, func(k *ticket) { k.tags = append(k.tags, byHand) }) }, want: reasons{byHand, chat.EndSubscription}},
		"an agent, then a wish":      {first: []string{strange}, more: func(w *world, _ string) { w.reply(jane, "Hello"); w.hear(jane, "cancel my subscription") }, want: reasons{chat.EndSubscription}},
		"a person's, before it's ours": {first: []string{strange}, more: func(w *world, remote string) {
			w.desk.set(remote, func(k *ticket) { k.tags = append(k.tags, chat.EndSubscription) })
			w.hear(jane, "cancel my subscription")
			w.settle()
			w.close(jane, remote)
			w.hear(jane, "skip my next order")
		}, want: reasons{chat.AskedForChange, chat.EndSubscription}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.hear(jane, test.first...)
			w.settle()
			remote, k := w.desk.only(t)
			if test.second != nil {
				w.close(jane, remote)
				w.hear(jane, test.second...)
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
			calls := len(w.desk.calls)
			w.hear(jane, "one more thing about it")
			w.settle()
			if slices.Contains(w.desk.calls[calls:], "tag") && w.look(jane).Escalation.Reason != chat.UnknownKeyword {
				t.Error("tagged once more without a new reason")
			}
		})
	}
}

// A tag whose answer was lost is ours all the same.
func TestTagsOfATryWithoutAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	w.settle()
	remote, k := w.desk.only(t)
	lost := false
	w.desk.fail(nil, func(call string) error {
		if call == "tag" && !lost {
			lost = true
			return away
		}
		return nil
	})
	w.hear(jane, "cancel my subscription")
	w.settle()
	w.heal()
	if !lost || !slices.Contains(k.tags, chat.EndSubscription) {
		t.Fatalf("lost %v, tags %v", lost, k.tags)
	}
	w.close(jane, remote)
	w.hear(jane, "skip my next order")
	w.settle()
	if !slices.Equal(k.tags, []chat.Reason{chat.AskedForChange}) {
		t.Errorf("tags %v", k.tags)
	}
}

// No later reason is acknowledged, and a doubtful wish for silence never.
func TestOneAcknowledgement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, "cancel my subscription", strange, "skip my next order", "where is my order", "talk to a person")
	out := 0
	for _, e := range w.look(jane).Entries {
		if e.Way == chat.Out {
			out++
		}
	}
	if out != 1 {
		t.Errorf("%d texts left, want the one acknowledgement", out)
	}
	w = newWorld(t)
	w.hear(jane, strange)
	if sight := w.look(jane); sight.Escalation == nil || sight.Entries[len(sight.Entries)-1].Way == chat.Out {
		t.Errorf("what was not understood is answered, or reaches no person: %+v", sight.Entries)
	}
}

// What shoppers are told is true of each of them, whatever the shop is called.
func TestAnswersPromiseNothing(t *testing.T) {
	t.Parallel()
	const address = "help@willow.example"
	for name, test := range map[string]struct {
		email   string // the shop's
		tickets bool
		from    chat.Phone
		text    string
		says    []string
		never   []string
	}{
		"a stranger":                   {address, true, joe, strange, []string{"Please write to " + address}, []string{"MENU", "reply here"}},
		"a stranger, no address":       {"", true, joe, strange, []string{"website", "not answered"}, []string{"MENU", "e-mail", "@"}},
		"a customer, no tickets":       {address, false, jane, "end my subscription", []string{"Please write to " + address}, []string{"MENU"}},
		"a stranger's menu":            {address, true, joe, "menu", []string{"Please write to " + address}, []string{"1.", "MENU"}},
		"a stranger asks for help":     {address, true, joe, "help please", []string{address}, []string{"MENU"}},
		"a customer with e-mail":       {address, true, jane, wish, []string{"here or by e-mail"}, nil},
		"a customer without e-mail":    {address, true, ann, wish, []string{"reply here."}, []string{"e-mail"}},
		"a customer's menu":            {address, true, jane, "menu", []string{"reply with a number", "1."}, nil},
		"a customer's menu, no ticket": {address, false, jane, "menu", []string{address}, []string{"1.", "MENU"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.door.Shop.Settings.Email, w.door.Shop.Settings.AutoTickets = test.email, test.tickets
			people := []chat.Shopper{{ID: chat.NewID[chat.ShopperID](noon), Phone: ann, Name: "Ann"}}
			if _, err := w.store.ImportShoppers(w.ctx, w.door.Shop.ID, people); err != nil {
				t.Fatal(err)
			}
			w.hear(test.from, test.text)
			var said []string
			for _, e := range w.look(test.from).Entries {
				if e.Way == chat.Out {
					said = append(said, e.Text)
					if s := sms.Count(e.Text); s.Encoding != sms.GSM7 || s.Parts > 2 {
						t.Errorf("%q takes %d parts in %s", e.Text, s.Parts, s.Encoding)
					}
				}
			}
			if len(said) != 1 {
				t.Fatalf("answers %q, want one", said)
			}
			for _, words := range test.says {
				if !strings.Contains(said[0], words) {
					t.Errorf("%q does not say %q", said[0], words)
				}
			}
			for _, words := range test.never {
				if strings.Contains(said[0], words) {
					t.Errorf("%q says %q", said[0], words)
				}
			}
		})
	}
}

const ann chat.Phone = "+14155550177"

// Whatever a stranger texts, one text a day leaves: more would serve only those
// who are paid for each.
func TestStrangersGetOneTextADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 20 {
		w.hear(joe, "menu", "hi", strange, "4", "end my subscription", "help me", "help please", "talk to a person", "skip my next order")
		w.pass(time.Hour)
	}
	out := 0
	for _, e := range w.look(joe).Entries {
		if e.Way == chat.Out {
			out++
		}
	}
	if out != 1 {
		t.Errorf("%d texts left in 20 hours, want 1", out)
	}
}

// The ticket says that a reply can't be delivered, where that is so.
func TestATicketWithoutAnAddress(t *testing.T) {
	t.Parallel()
	const nobody = "can't be delivered"
	for name, test := range map[string]struct {
		email string
		texts []string
		want  []string
		never string
	}{
		"with an address":               {"ann@example.com", []string{strange}, nil, nobody},
		"with an address, STOP":         {"ann@example.com", []string{strange, "STOP"}, []string{"e-mail still works"}, nobody},
		"without":                       {"", []string{strange}, []string{nobody + ". Answer with “Text via SMS”"}, "e-mail still works"},
		"without, STOP":                 {"", []string{strange, "STOP"}, []string{"No e-mail address is known, so a reply from this ticket can't be delivered"}, "e-mail still works"},
		"without, CANCEL to begin":      {"", []string{"CANCEL"}, []string{nobody + ". No texts can be sent either."}, "e-mail still works"},
		"without, a try without answer": {"", []string{strange}, []string{nobody}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			people := []chat.Shopper{{ID: chat.NewID[chat.ShopperID](noon), Phone: ann, Name: "Ann", Email: test.email}}
			if _, err := w.store.ImportShoppers(w.ctx, w.door.Shop.ID, people); err != nil {
				t.Fatal(err)
			}
			lost := false
			if strings.Contains(name, "without answer") {
				w.desk.fail(nil, func(call string) error {
					if call == "note" && !lost {
						lost = true
						return away
					}
					return nil
				})
			}
			w.hear(ann, test.texts...)
			w.settle()
			w.heal()
			_, k := w.desk.only(t)
			var notes []string
			for _, m := range k.messages {
				if m.note != "" {
					notes = append(notes, m.note)
				}
			}
			all := strings.Join(notes, "\n")
			for _, words := range test.want {
				if !strings.Contains(all, words) {
					t.Errorf("notes %q, want %q", notes, words)
				}
			}
			if test.never != "" && strings.Contains(all, test.never) {
				t.Errorf("notes %q say %q", notes, test.never)
			}
			if n := strings.Count(all, "No e-mail address is known for this shopper"); n > 1 {
				t.Errorf("said %d times", n)
			}
		})
	}
}

// An agent's e-mail makes the conversation theirs; before it nobody has it.
func TestAnAgentsEMailTakesTheConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hear(jane, strange)
	if e := w.look(jane).Escalation; e.Agent != (chat.Author{}) {
		t.Errorf("before an answer it is with %+v", e.Agent)
	}
	w.settle()
	remote, _ := w.desk.only(t)
	hear := func(message string, by chat.Author) {
		t.Helper()
		w.desk.set(remote, func(k *ticket) { k.answers = []bridge.EmailReply{{ID: message, By: by, At: w.time()}} })
		w.news(jane, true)
		w.settle()
	}
	ben := chat.Author{Role: chat.ByAgent, ID: "2", Name: "Ben"}
	hear("7", ben)
	if e := w.look(jane).Escalation; e.Agent != ben {
		t.Errorf("after an e-mail it is with %+v", e.Agent)
	}
	w.reply(jane, "Hello")
	hear("7", ben) // told twice
	if e := w.look(jane).Escalation; e.Agent != anna {
		t.Errorf("old news took it away from %+v", e.Agent)
	}
}
