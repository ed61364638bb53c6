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
	"sidetext/server/e2e/stage"
)

// TestOnce: a text that the provider delivers five times at once is one entry,
// answered once; a click that the browser sends twice is one SMS.
func TestOnce(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	ctx, cancel := context.WithTimeout(context.Background(), stage.Timeout)
	defer cancel()
	_, calls, err := s.World.Twilio.Deliver(ctx, twilio.Inbound{From: stage.Jane, To: demo.Number, Body: "a person please", Copies: 5})
	stage.Must(t, err)
	for _, c := range calls {
		if c.Status != http.StatusOK {
			t.Errorf("answered %d", c.Status)
		}
	}
	k := s.WaitForTicket(stage.Jane)
	agent := s.Client()
	id := agent.SignIn(k, "Anna Berg")
	first, second := agent.Open(id, 0), agent.Open(id, 0)
	for _, p := range []*stage.Popup{first, second, first} {
		p.SendFrame(map[string]any{"type": "send", "id": "one-click-only", "text": "Here I am", "seen": 1000})
	}
	if a, b := first.WaitForFrame("saved").Seq, second.WaitForFrame("saved").Seq; a != b || a != first.WaitForFrame("saved").Seq {
		t.Errorf("one click is stored at %d and %d", a, b)
	}
	stage.Until(t, "the text is delivered", func() bool {
		entries := s.Conversation(stage.Jane).Entries
		return entries[len(entries)-1].State == chat.Delivered
	})
	in, out := 0, 0
	for _, e := range s.Conversation(stage.Jane).Entries {
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

// TestOneOrder: every viewer sees the same entries without gaps, whatever comes
// at the same time; and a page that was away gets exactly what it missed.
func TestOneOrder(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "I'd like to talk to somebody")
	k := s.WaitForTicket(stage.Jane)
	agent := s.Client()
	id := agent.SignIn(k, "Chloe Martin")
	watching, away := agent.Open(id, 0), agent.Open(id, 0)
	_ = away.Conn.Close()
	known := away.Rev

	var texting sync.WaitGroup
	for n := range 30 {
		texting.Go(func() { s.SendText(stage.Jane, fmt.Sprintf("text %d", n)) })
	}
	texting.Wait()
	storedPlaces := func() []int64 { return places(s.Conversation(stage.Jane).Entries) }
	seen := places(watching.Entries)
	rev := watching.Rev
	stage.Until(t, "all of it on the screen", func() bool {
		f := watching.WaitForFrame("changed")
		if f.From > rev {
			t.Fatalf("a gap: from %d at %d", f.From, rev)
		}
		rev = f.Rev
		for _, e := range f.Entries {
			if !slices.Contains(seen, e.Seq) {
				seen = append(seen, e.Seq)
			}
		}
		return rev == s.Conversation(stage.Jane).Conversation.Rev
	})
	if !slices.Equal(seen, storedPlaces()) {
		t.Errorf("the screen shows %v, the store has %v", seen, storedPlaces())
	}
	back := agent.Open(id, known)
	if back.Reset {
		t.Error("a page that was away for a moment has to begin again")
	}
	for _, e := range back.Entries {
		if e.Rev <= known {
			t.Errorf("entry %d was known before", e.Seq)
		}
	}
	if all := append(places(away.Entries), places(back.Entries)...); len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(storedPlaces()) {
		t.Errorf("after coming back the page has %v of %v", all, storedPlaces())
	}
}

func places(entries []chat.Entry) (seqs []int64) {
	for _, e := range entries {
		seqs = append(seqs, e.Seq)
	}
	return seqs
}

// TestSilenceAfterStop: nothing is sent to a shopper who opted out, not even
// what was already waiting.
func TestSilenceAfterStop(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "somebody there?")
	k := s.WaitForTicket(stage.Jane)
	agent := s.Client()
	p := agent.Open(agent.SignIn(k, "Anna Berg"), 0)
	stage.Until(t, "the acknowledgement is out", func() bool { return len(s.World.Twilio.Accepted()) == 1 })
	s.World.Twilio.Faults.Add(wire.Fault{Act: wire.Answer, Status: http.StatusTooManyRequests, RetryAfter: 1})
	p.SendFrame(map[string]any{"type": "send", "id": "too-late-id", "text": "This must not arrive", "seen": 1000})
	p.WaitForFrame("saved")
	s.SendText(stage.Jane, "STOP")
	s.World.Twilio.Faults.Clear()
	p.SendFrame(map[string]any{"type": "send", "id": "refused-id", "text": "Nor this", "seen": 1000})
	if f := p.WaitForFrame("refused"); f.Code != "opted_out" {
		t.Errorf("refused with %q", f.Code)
	}
	stage.Until(t, "the waiting text is given up", func() bool {
		return slices.ContainsFunc(s.Conversation(stage.Jane).Entries, func(e chat.Entry) bool {
			return e.Text == "This must not arrive" && e.State == chat.Failed && e.Problem.Code == "opted_out"
		})
	})
	if sent := len(s.World.Twilio.Accepted()); sent != 1 {
		t.Errorf("%d texts were sent", sent)
	}
}

// TestSlowVendorsDelayOnlyTheirLanes: while both vendors hang, texts are still
// saved and shown; afterwards everything arrives in its place, once.
func TestSlowVendorsDelayOnlyTheirLanes(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Miguel, "a person please")
	agent := s.Client()
	p := agent.Open(agent.SignIn(s.WaitForTicket(stage.Miguel), "Anna Berg"), 0)
	s.World.Gorgias.Faults.Add(wire.Fault{Act: wire.Hang})
	s.World.Twilio.Faults.Add(wire.Fault{Act: wire.Hang})
	const texts = 40
	for n := range texts {
		s.SendText(stage.Jane, fmt.Sprintf("are you there? %d", n))
		s.SendText(stage.Miguel, fmt.Sprintf("hello %d", n))
	}
	for received := 0; received < texts; {
		for _, e := range p.WaitForFrame("changed").Entries {
			if strings.HasPrefix(e.Text, "hello ") {
				received++
			}
		}
	}
	s.World.Gorgias.Faults.Clear()
	s.World.Twilio.Faults.Clear()
	stage.Until(t, "every text in its one ticket", func() bool {
		for _, who := range []string{stage.Jane, stage.Miguel} {
			snapshot := s.Conversation(who)
			if snapshot.Ticket == nil || snapshot.Ticket.Mirrored < snapshot.Conversation.Seq-3 {
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
