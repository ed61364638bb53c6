package stories

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
)

// TestTheSameSendTwice presses the button twice, also on two sockets at once.
func TestTheSameSendTwice(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	sockets := []*popup{agent.open(id, 0), agent.open(id, 0), agent.open(id, 0)}
	send := map[string]any{"type": "send", "id": "the-very-same", "text": "only once please", "seen": sockets[0].Entries[len(sockets[0].Entries)-1].Seq}
	var sending sync.WaitGroup
	places := make([]int64, len(sockets))
	for i, p := range sockets {
		sending.Go(func() {
			for range 3 {
				if err := p.conn.WriteJSON(send); err != nil {
					t.Error(err)
				}
			}
			for range 3 {
				places[i] = p.wait("saved").Seq
			}
		})
	}
	sending.Wait()
	y := saying{s, jane, "only once please", id, places[0]}
	if got := y.becomes(chat.Delivered); got.Origin != "agent:the-very-same" || !slices.Equal(places, []int64{got.Seq, got.Seq, got.Seq}) {
		t.Errorf("it is at %v: %+v", places, got)
	}
	s.settled()
	if n := len(y.accepted()); n != 1 {
		t.Errorf("sent %d times", n)
	}
	if n := len(slices.DeleteFunc(s.conversation(jane).Entries, func(e chat.Entry) bool { return e.Text != y.text })); n != 1 {
		t.Errorf("kept %d times", n)
	}
}

// TestTwoAgents: the second has not seen what the first one answered.
func TestTwoAgents(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, k := s.agent()
	colleague := s.caller()
	colleague.signIn(k, "Chloe Martin")
	s.settled()
	p, q := agent.open(id, 0), colleague.open(id, 0)
	seen := p.Entries[len(p.Entries)-1].Seq
	q.say(map[string]any{"type": "send", "id": "chloe-first", "text": "I am on it", "seen": seen})
	place := q.wait("saved").Seq
	mine := map[string]any{"type": "send", "id": "ben-first", "text": "Me too", "seen": seen}
	p.say(mine)
	got := p.wait("refused")
	if got.Code != "newer" || got.ID != "ben-first" || got.Text == "" || !slices.Contains(seqs(got.Newer), place) || slices.ContainsFunc(got.Newer, func(e chat.Entry) bool { return e.Seq <= seen || e.Text == "Me too" }) {
		t.Errorf("refused with %+v", got)
	}
	mine["anyway"] = true
	p.say(mine)
	if seq := p.wait("saved").Seq; seq <= place {
		t.Errorf("kept at %d", seq)
	}
	for said := ""; said != "Me too"; { // the colleague sees it, and who said it
		for _, e := range q.wait("changed").Entries {
			if e.By.Name == "Ben Okafor" {
				said = e.Text
			}
		}
	}
	seen = s.conversation(jane).Conversation.Seq
	s.text(jane, "thanks both of you") // a shopper's text is no reason to refuse
	p.say(map[string]any{"type": "send", "id": "ben-second", "text": "You are welcome", "seen": seen})
	p.wait("saved")
}

func TestRefusedTexts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.text("72345", "your parcel is late")
	code := s.conversation("72345").Conversation.ID
	for name, test := range map[string]struct {
		id         chat.ConversationID
		text, want string
	}{
		"nothing": {id, "", "empty"}, "white space": {id, " \n\t\u00a0", "empty"}, "NUL": {id, "\x00", "empty"},
		"too long": {id, strings.Repeat("x", 1601), "too_long"}, "too long in other units": {id, strings.Repeat("🍵", 801), "too_long"},
		"to a short code": {code, "hello", "unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			p := agent.open(test.id, 0)
			p.say(map[string]any{"type": "send", "id": "refused-" + name, "text": test.text, "seen": 1 << 40})
			if got := p.wait("refused"); got.Code != test.want || got.ID != "refused-"+name || !strings.HasSuffix(got.Text, ".") {
				t.Errorf("refused with %+v", got)
			}
		})
	}
	p := agent.open(id, 0)
	p.say(map[string]any{"type": "send", "id": "just-fits", "text": strings.Repeat("x", 1600), "seen": 1 << 40})
	p.wait("saved")
	s.text(jane, "STOP")
	p.say(map[string]any{"type": "send", "id": "after-stop", "text": "but why?", "seen": 1 << 40})
	if got := p.wait("refused"); got.Code != "opted_out" {
		t.Errorf("after STOP: refused with %+v", got)
	}
	if sight := s.conversation(jane); slices.ContainsFunc(sight.Entries, func(e chat.Entry) bool { return e.Text == "but why?" }) {
		t.Error("it was kept all the same")
	}
	if fresh := agent.open(id, 0); !fresh.Conversation.OptedOut {
		t.Error("the page is not told")
	}
}

func TestHandBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.settled()
	p := agent.open(id, 0)
	if p.Conversation.Mode != chat.Human || p.Conversation.Escalation == nil || p.Conversation.Ticket == nil {
		t.Fatalf("opened with %+v", p.Conversation)
	}
	for range 2 { // the second time there is nothing to give back
		p.say(map[string]any{"type": "hand_back", "id": "hand-back-1"})
	}
	p.wait("saved")
	p.wait("saved")
	sight := s.conversation(jane)
	if n := count(sight.Entries, chat.HandedBack); n != 1 || sight.Conversation.Mode != chat.Automated {
		t.Errorf("handed back %d times, and is %s", n, sight.Conversation.Mode)
	}
	if fresh := agent.open(id, p.Rev-1); fresh.Conversation.Mode != chat.Automated || fresh.Conversation.Escalation != nil {
		t.Errorf("the page is told %+v", fresh.Conversation)
	}
}
