package popup_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
)

// TestAgentDecidesUnknownText: an agent decides about a text whose outcome is
// unknown.
func TestAgentDecidesUnknownText(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	s.WaitUntilIdle()
	p := agent.Open(id, 0)

	left := s.UnknownText(p, id, "left as it is")
	p.SendFrame(map[string]any{"type": "leave", "id": "leave-it", "seq": left})
	if f := p.WaitForFrame("saved"); f.ID != "leave-it" {
		t.Errorf("answered %+v", f)
	}

	again := s.UnknownText(p, id, "sent again")
	once := map[string]any{"type": "again", "id": "again-it", "seq": again, "seen": 1 << 40}
	p.SendFrame(once)
	p.SendFrame(once) // a browser that came back says it once more
	second := p.WaitForFrame("saved").Seq
	if f := p.WaitForFrame("saved"); f.Seq != second {
		t.Errorf("the same wish has places %d and %d", second, f.Seq)
	}
	y := stage.SentText{Stage: s, To: stage.Jane, Text: "sent again", ID: id, Seq: second}
	if got := y.WaitForState(chat.Delivered); got.ResendOf != again {
		t.Errorf("it repeats %d, want %d", got.ResendOf, again)
	}
	p.SendFrame(map[string]any{"type": "again", "id": "again-it-more", "seq": again, "seen": 1 << 40})
	if f := p.WaitForFrame("refused"); f.Code != "settled" || f.ID != "again-it-more" {
		t.Errorf("answered %+v", f)
	}

	checked := s.UnknownText(p, id, "checked")
	p.SendFrame(map[string]any{"type": "check", "id": "check-it", "seq": checked})
	p.WaitForFrame("saved")

	entries := s.Conversation(stage.Jane).Entries
	for seq, code := range map[int64]string{left: "left", again: "again"} {
		i := slices.IndexFunc(entries, func(e chat.Entry) bool { return e.Seq == seq })
		if e := entries[i]; e.State != chat.Unknown || e.Problem.Code != code {
			t.Errorf("entry %d is %s %+v", seq, e.State, e.Problem)
		}
	}
	if n := len(y.Accepted()); n != 1 {
		t.Errorf("the provider took it %d times", n)
	}
}

// TestLostResponseIsFound: the provider took the text, its response was lost,
// and no report comes: the provider's list has it.
func TestLostResponseIsFound(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	s.WaitUntilIdle()
	p := agent.Open(id, 0)
	s.World.Twilio.SetCourse(twilio.Course{Never: true})
	s.World.Twilio.Faults.Add(wire.Fault{Act: wire.ResetAfter, Method: "POST", Path: "/Messages", Times: 1})
	p.SendFrame(map[string]any{"type": "send", "id": "lost-answer", "text": "did you get it?", "seen": 1 << 40})
	seq := p.WaitForFrame("saved").Seq
	p.SendFrame(map[string]any{"type": "send", "id": "lost-answer-next", "text": "and this?", "seen": 1 << 40})
	next := p.WaitForFrame("saved").Seq
	p.WaitForEntry(seq, chat.Unknown, "looking")
	y := stage.SentText{Stage: s, To: stage.Jane, Text: "did you get it?", ID: id, Seq: seq}
	z := stage.SentText{Stage: s, To: stage.Jane, Text: "and this?", ID: id, Seq: next}
	if len(z.Accepted()) != 0 {
		t.Error("the next text did not wait")
	}
	stage.Until(t, "both are known to have been taken", func() bool {
		found := 0
		for _, e := range s.Conversation(stage.Jane).Entries {
			if (e.Seq == seq || e.Seq == next) && (e.State == chat.Queued || e.State.Follows(chat.Queued)) {
				found++
			}
		}
		return found == 2
	})
	if len(y.Accepted()) != 1 || len(z.Accepted()) != 1 {
		t.Errorf("they were taken %d and %d times", len(y.Accepted()), len(z.Accepted()))
	}
}

// TestMissedTextIsFound: the webhook was lost; the provider's list has the
// text.
func TestMissedTextIsFound(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "a person please")
	k := s.WaitForTicket(stage.Jane)
	ctx := context.Background()
	lines, err := s.App.Store.LineConfigs(ctx, s.Shop.ID)
	stage.Must(t, err)
	for _, text := range []string{"are you there?", "hello??"} {
		_, _, err := s.World.Twilio.Deliver(ctx, twilio.Inbound{From: stage.Jane, To: demo.Number, Body: text, Missed: true, At: time.Now().Add(-time.Minute)})
		stage.Must(t, err)
	}
	stage.Until(t, "the number was compared", func() bool {
		all, err := s.App.Store.Comparisons(ctx, s.Shop.ID)
		return err == nil && !all[lines[0].Line.ID].At.IsZero()
	})
	stage.Must(t, s.App.Store.SaveComparison(ctx, lines[0].Line.ID, chat.Comparison{Until: time.Now().Add(-time.Minute)})) // as if we had been here then
	_, err = s.App.CatchUp.Compare(ctx, lines[0])
	stage.Must(t, err)
	var texts []string
	for _, e := range s.Conversation(stage.Jane).Entries {
		if e.Way == chat.In {
			texts = append(texts, e.Text)
		}
	}
	if !slices.Equal(texts, []string{"a person please", "are you there?", "hello??"}) {
		t.Errorf("stored %q", texts)
	}
	stage.Until(t, "they are in the ticket", func() bool {
		now, _ := s.World.Gorgias.Ticket(k.ID)
		return len(now.Messages) > 1
	})
}
