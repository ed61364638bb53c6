package stories

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
	"sidetext/server/demo"
)

// What the README promises, each as it can be seen from outside. That what is
// accepted is kept is tested in e2e/figures.

// TestOnce: a text that the provider delivers five times at once is one entry,
// answered once; a click that the browser sends twice is one SMS.
func TestOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ctx, cancel := context.WithTimeout(context.Background(), lastResort)
	defer cancel()
	_, calls, err := s.World.Twilio.Deliver(ctx, twilio.Inbound{From: jane, To: demo.Number, Body: "a person please", Copies: 5})
	must(t, err)
	for _, c := range calls {
		if c.Status != http.StatusOK {
			t.Errorf("answered %d", c.Status)
		}
	}
	k := s.ticketOf(jane)
	agent := s.caller()
	id := agent.signIn(k, "Anna Berg")
	first, second := agent.open(id, 0), agent.open(id, 0)
	for _, p := range []*popup{first, second, first} {
		p.say(map[string]any{"type": "send", "id": "one-click-only", "text": "Here I am", "seen": 1000})
	}
	if a, b := first.wait("saved").Seq, second.wait("saved").Seq; a != b || a != first.wait("saved").Seq {
		t.Errorf("one click is kept at %d and %d", a, b)
	}
	until(t, "the text is delivered", func() bool {
		entries := s.conversation(jane).Entries
		return entries[len(entries)-1].State == chat.Delivered
	})
	in, out := 0, 0
	for _, e := range s.conversation(jane).Entries {
		switch e.Way {
		case chat.In:
			in++
		case chat.Out:
			out++
		}
	}
	if in != 1 || out != 2 || len(s.World.Twilio.Accepted()) != 2 {
		t.Errorf("%d texts in, %d out, %d sent; want 1, 2, 2", in, out, len(s.World.Twilio.Accepted()))
	}
}

// TestOneOrder: every viewer sees the same, without gaps, whatever comes at the
// same time; and a page that was away gets exactly what it missed.
func TestOneOrder(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "I'd like to talk to somebody")
	k := s.ticketOf(jane)
	agent := s.caller()
	id := agent.signIn(k, "Chloe Martin")
	watching, away := agent.open(id, 0), agent.open(id, 0)
	_ = away.conn.Close()
	known := away.Rev

	var texting sync.WaitGroup
	for n := range 30 {
		texting.Go(func() { s.text(jane, fmt.Sprintf("text %d", n)) })
	}
	texting.Wait()
	truth := func() []int64 { return places(s.conversation(jane).Entries) }
	seen := places(watching.Entries)
	rev := watching.Rev
	until(t, "all of it on the screen", func() bool {
		f := watching.wait("changed")
		if f.From > rev {
			t.Fatalf("a gap: from %d at %d", f.From, rev)
		}
		rev = f.Rev
		for _, e := range f.Entries {
			if !slices.Contains(seen, e.Seq) {
				seen = append(seen, e.Seq)
			}
		}
		return rev == s.conversation(jane).Conversation.Rev
	})
	if !slices.Equal(seen, truth()) {
		t.Errorf("the screen shows %v, the store has %v", seen, truth())
	}
	back := agent.open(id, known)
	if back.Reset {
		t.Error("a page that was away for a moment has to begin again")
	}
	for _, e := range back.Entries {
		if e.Rev <= known {
			t.Errorf("entry %d was known before", e.Seq)
		}
	}
	if all := append(places(away.Entries), places(back.Entries)...); len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(truth()) {
		t.Errorf("after coming back the page has %v of %v", all, truth())
	}
}

func places(entries []chat.Entry) (seqs []int64) {
	for _, e := range entries {
		seqs = append(seqs, e.Seq)
	}
	return seqs
}

// TestSilenceAfterStop: nothing leaves to a shopper who asked for silence, not
// even what was waiting to leave.
func TestSilenceAfterStop(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "somebody there?")
	k := s.ticketOf(jane)
	agent := s.caller()
	p := agent.open(agent.signIn(k, "Anna Berg"), 0)
	until(t, "the acknowledgement is out", func() bool { return len(s.World.Twilio.Accepted()) == 1 })
	s.World.Twilio.Faults.Ask(wire.Fault{Act: wire.Answer, Status: http.StatusTooManyRequests, RetryAfter: 1})
	p.say(map[string]any{"type": "send", "id": "too-late-id", "text": "This must not arrive", "seen": 1000})
	p.wait("saved")
	s.text(jane, "STOP")
	s.World.Twilio.Faults.Clear()
	p.say(map[string]any{"type": "send", "id": "refused-id", "text": "Nor this", "seen": 1000})
	if f := p.wait("refused"); f.Code != "opted_out" {
		t.Errorf("refused with %q", f.Code)
	}
	until(t, "the waiting text is given up", func() bool {
		return slices.ContainsFunc(s.conversation(jane).Entries, func(e chat.Entry) bool {
			return e.Text == "This must not arrive" && e.State == chat.Failed && e.Problem.Code == "opted_out"
		})
	})
	if sent := len(s.World.Twilio.Accepted()); sent != 1 {
		t.Errorf("%d texts were sent", sent)
	}
}

// TestSlowVendorsHurtNobody: with both vendors hanging, texts are still taken in
// and shown; afterwards everything arrives where it belongs, once.
func TestSlowVendorsHurtNobody(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(miguel, "a person please")
	agent := s.caller()
	p := agent.open(agent.signIn(s.ticketOf(miguel), "Anna Berg"), 0)
	s.World.Gorgias.Faults.Ask(wire.Fault{Act: wire.Hang})
	s.World.Twilio.Faults.Ask(wire.Fault{Act: wire.Hang})
	const texts = 40
	for n := range texts {
		s.text(jane, fmt.Sprintf("are you there? %d", n))
		s.text(miguel, fmt.Sprintf("hello %d", n))
	}
	for heard := 0; heard < texts; {
		for _, e := range p.wait("changed").Entries {
			if strings.HasPrefix(e.Text, "hello ") {
				heard++
			}
		}
	}
	s.World.Gorgias.Faults.Clear()
	s.World.Twilio.Faults.Clear()
	until(t, "every text in its one ticket", func() bool {
		for _, who := range []string{jane, miguel} {
			sight := s.conversation(who)
			if sight.Ticket == nil || sight.Ticket.Mirrored < sight.Conversation.Seq-3 {
				return false
			}
		}
		return true
	})
	tickets := map[string]int{}
	for _, k := range s.World.Gorgias.Tickets() {
		for _, m := range k.Messages {
			for n := range texts {
				if strings.Contains(stripped(m), fmt.Sprintf("are you there? %d\n", n)) {
					tickets[fmt.Sprintf("%d in %d", n, k.ID)]++
				}
			}
		}
	}
	if len(tickets) < texts-1 {
		t.Errorf("only %d of %d texts are in the ticket", len(tickets), texts)
	}
}
