package stories

import (
	"context"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
	"sidetext/server/demo"
)

// undecided is a text of which nobody knows whether it was sent, ten minutes
// later: the provider did nothing with the request, and could not be asked.
func (s *stage) undecided(p *popup, id chat.ConversationID, text string) (seq int64) {
	s.t.Helper()
	s.World.Twilio.Faults.Ask(wire.Fault{Act: wire.Reset, Path: "/Messages"})
	p.say(map[string]any{"type": "send", "id": "undecided-" + text, "text": text, "seen": 1 << 40})
	seq = p.wait("saved").Seq
	p.shows(seq, chat.Unknown, "looking")
	ctx := context.Background()
	_, err := s.App.Store.Turn(ctx, s.Shop.ID, id, s.App.Store.Now().Add(10*time.Minute), func(t *chat.Turn) error {
		tried, err := t.History.AttemptDetail(time.Time{})
		if err != nil {
			return err
		}
		return t.CheckFailed(tried[len(tried)-1])
	})
	must(s.t, err)
	s.World.Twilio.Faults.Clear()
	return seq
}

// shows waits until an entry is shown in a state, for a reason.
func (p *popup) shows(seq int64, state chat.State, code string) chat.Entry {
	p.t.Helper()
	for {
		for _, e := range p.wait("changed").Entries {
			got := ""
			if e.Problem != nil {
				got = e.Problem.Code
			}
			if e.Seq == seq && e.State == state && got == code {
				return e
			}
		}
	}
}

// TestAgentsDecide: what nobody knows is for an agent to say.
func TestAgentsDecide(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.settled()
	p := agent.open(id, 0)

	left := s.undecided(p, id, "left as it is")
	p.say(map[string]any{"type": "leave", "id": "leave-it", "seq": left})
	if f := p.wait("saved"); f.ID != "leave-it" {
		t.Errorf("answered %+v", f)
	}

	again := s.undecided(p, id, "sent again")
	once := map[string]any{"type": "again", "id": "again-it", "seq": again, "seen": 1 << 40}
	p.say(once)
	p.say(once) // a browser that came back says it once more
	second := p.wait("saved").Seq
	if f := p.wait("saved"); f.Seq != second {
		t.Errorf("the same wish has places %d and %d", second, f.Seq)
	}
	y := saying{s, jane, "sent again", id, second}
	if got := y.becomes(chat.Delivered); got.Again != again {
		t.Errorf("it repeats %d, want %d", got.Again, again)
	}
	p.say(map[string]any{"type": "again", "id": "again-it-more", "seq": again, "seen": 1 << 40})
	if f := p.wait("refused"); f.Code != "settled" || f.ID != "again-it-more" {
		t.Errorf("answered %+v", f)
	}

	checked := s.undecided(p, id, "checked")
	p.say(map[string]any{"type": "check", "id": "check-it", "seq": checked})
	p.wait("saved")

	entries := s.conversation(jane).Entries
	for seq, code := range map[int64]string{left: "left", again: "again"} {
		i := slices.IndexFunc(entries, func(e chat.Entry) bool { return e.Seq == seq })
		if e := entries[i]; e.State != chat.Unknown || e.Problem.Code != code {
			t.Errorf("entry %d is %s %+v", seq, e.State, e.Problem)
		}
	}
	if n := len(y.accepted()); n != 1 {
		t.Errorf("the provider took it %d times", n)
	}
}

// TestALostAnswerIsFoundOut: the provider took the text, its answer was lost, and
// no report comes: its list says so.
func TestALostAnswerIsFoundOut(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.settled()
	p := agent.open(id, 0)
	s.World.Twilio.SetCourse(twilio.Course{Never: true})
	s.World.Twilio.Faults.Ask(wire.Fault{Act: wire.ResetAfter, Method: "POST", Path: "/Messages", Times: 1})
	p.say(map[string]any{"type": "send", "id": "lost-answer", "text": "did you get it?", "seen": 1 << 40})
	seq := p.wait("saved").Seq
	p.say(map[string]any{"type": "send", "id": "lost-answer-next", "text": "and this?", "seen": 1 << 40})
	next := p.wait("saved").Seq
	p.shows(seq, chat.Unknown, "looking")
	y, z := saying{s, jane, "did you get it?", id, seq}, saying{s, jane, "and this?", id, next}
	if len(z.accepted()) != 0 {
		t.Error("the next text did not wait")
	}
	until(t, "both are known to have been taken", func() bool {
		found := 0
		for _, e := range s.conversation(jane).Entries {
			if (e.Seq == seq || e.Seq == next) && (e.State == chat.Queued || e.State.Follows(chat.Queued)) {
				found++
			}
		}
		return found == 2
	})
	if len(y.accepted()) != 1 || len(z.accepted()) != 1 {
		t.Errorf("they were taken %d and %d times", len(y.accepted()), len(z.accepted()))
	}
}

// TestATextThatNeverReachedUs: the webhook was lost, the provider's list has it.
func TestATextThatNeverReachedUs(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "a person please")
	k := s.ticketOf(jane)
	ctx := context.Background()
	doors, err := s.App.Store.LineConfigs(ctx, s.Shop.ID)
	must(t, err)
	for _, text := range []string{"are you there?", "hello??"} {
		_, _, err := s.World.Twilio.Deliver(ctx, twilio.Inbound{From: jane, To: demo.Number, Body: text, Missed: true, At: time.Now().Add(-time.Minute)})
		must(t, err)
	}
	until(t, "the number was compared", func() bool {
		all, err := s.App.Store.Comparisons(ctx, s.Shop.ID)
		return err == nil && !all[doors[0].Line.ID].At.IsZero()
	})
	must(t, s.App.Store.SaveComparison(ctx, doors[0].Line.ID, chat.Comparison{Until: time.Now().Add(-time.Minute)})) // as if we had been here then
	_, err = s.App.CatchUp.Compare(ctx, doors[0])
	must(t, err)
	var said []string
	for _, e := range s.conversation(jane).Entries {
		if e.Way == chat.In {
			said = append(said, e.Text)
		}
	}
	if !slices.Equal(said, []string{"a person please", "are you there?", "hello??"}) {
		t.Errorf("heard %q", said)
	}
	until(t, "they are in the ticket", func() bool {
		now, _ := s.World.Gorgias.Ticket(k.ID)
		return len(now.Messages) > 1
	})
}
