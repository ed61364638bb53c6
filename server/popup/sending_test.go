package popup_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
)

// TestSendTwice: the button is pressed twice, also on two sockets at once.
func TestSendTwice(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	sockets := []*stage.Popup{agent.Open(id, 0), agent.Open(id, 0), agent.Open(id, 0)}
	send := map[string]any{"type": "send", "id": "the-very-same", "text": "only once please", "seen": sockets[0].Entries[len(sockets[0].Entries)-1].Seq}
	var sending sync.WaitGroup
	places := make([]int64, len(sockets))
	for i, p := range sockets {
		sending.Go(func() {
			for range 3 {
				if err := p.Conn.WriteJSON(send); err != nil {
					t.Error(err)
				}
			}
			for range 3 {
				places[i] = p.WaitForFrame("saved").Seq
			}
		})
	}
	sending.Wait()
	y := stage.SentText{Stage: s, To: stage.Jane, Text: "only once please", ID: id, Seq: places[0]}
	if got := y.WaitForState(chat.Delivered); got.Origin != "agent:the-very-same" || !slices.Equal(places, []int64{got.Seq, got.Seq, got.Seq}) {
		t.Errorf("it is at %v: %+v", places, got)
	}
	s.WaitUntilIdle()
	if n := len(y.Accepted()); n != 1 {
		t.Errorf("sent %d times", n)
	}
	if n := len(slices.DeleteFunc(s.Conversation(stage.Jane).Entries, func(e chat.Entry) bool { return e.Text != y.Text })); n != 1 {
		t.Errorf("stored %d times", n)
	}
}

// TestSendIsRefusedAfterNewerEntry: the second agent has not seen the first
// one's reply.
func TestSendIsRefusedAfterNewerEntry(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, k := s.SignedInAgent()
	colleague := s.Client()
	colleague.SignIn(k, "Chloe Martin")
	s.WaitUntilIdle()
	p, q := agent.Open(id, 0), colleague.Open(id, 0)
	seen := p.Entries[len(p.Entries)-1].Seq
	q.SendFrame(map[string]any{"type": "send", "id": "chloe-first", "text": "I am on it", "seen": seen})
	place := q.WaitForFrame("saved").Seq
	mine := map[string]any{"type": "send", "id": "ben-first", "text": "Me too", "seen": seen}
	p.SendFrame(mine)
	got := p.WaitForFrame("refused")
	if got.Code != "newer" || got.ID != "ben-first" || got.Text == "" || !slices.Contains(seqs(got.Newer), place) || slices.ContainsFunc(got.Newer, func(e chat.Entry) bool { return e.Seq <= seen || e.Text == "Me too" }) {
		t.Errorf("refused with %+v", got)
	}
	mine["anyway"] = true
	p.SendFrame(mine)
	if seq := p.WaitForFrame("saved").Seq; seq <= place {
		t.Errorf("kept at %d", seq)
	}
	for shown := ""; shown != "Me too"; { // the colleague sees it, and who said it
		for _, e := range q.WaitForFrame("changed").Entries {
			if e.By.Name == "Ben Okafor" {
				shown = e.Text
			}
		}
	}
	seen = s.Conversation(stage.Jane).Conversation.Seq
	s.SendText(stage.Jane, "thanks both of you") // a shopper's text is no reason to refuse
	p.SendFrame(map[string]any{"type": "send", "id": "ben-second", "text": "You are welcome", "seen": seen})
	p.WaitForFrame("saved")
}

func TestRefusedTexts(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	s.SendText("72345", "your parcel is late")
	code := s.Conversation("72345").Conversation.ID
	for name, test := range map[string]struct {
		id         chat.ConversationID
		text, want string
	}{
		"nothing": {id, "", "empty"}, "white space": {id, " \n\t\u00a0", "empty"}, "NUL": {id, "\x00", "empty"},
		"too long": {id, strings.Repeat("x", 1601), "too_long"}, "too long in other units": {id, strings.Repeat("🍵", 801), "too_long"},
		"to a short code": {code, "hello", "unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			p := agent.Open(test.id, 0)
			p.SendFrame(map[string]any{"type": "send", "id": "refused-" + name, "text": test.text, "seen": 1 << 40})
			if got := p.WaitForFrame("refused"); got.Code != test.want || got.ID != "refused-"+name || !strings.HasSuffix(got.Text, ".") {
				t.Errorf("refused with %+v", got)
			}
		})
	}
	p := agent.Open(id, 0)
	p.SendFrame(map[string]any{"type": "send", "id": "just-fits", "text": strings.Repeat("x", 1600), "seen": 1 << 40})
	p.WaitForFrame("saved")
	s.SendText(stage.Jane, "STOP")
	p.SendFrame(map[string]any{"type": "send", "id": "after-stop", "text": "but why?", "seen": 1 << 40})
	if got := p.WaitForFrame("refused"); got.Code != "opted_out" {
		t.Errorf("after STOP: refused with %+v", got)
	}
	if snapshot := s.Conversation(stage.Jane); slices.ContainsFunc(snapshot.Entries, func(e chat.Entry) bool { return e.Text == "but why?" }) {
		t.Error("it was stored all the same")
	}
	if fresh := agent.Open(id, 0); !fresh.Conversation.OptedOut {
		t.Error("the page gets no answer")
	}
}

func TestHandBack(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	s.WaitUntilIdle()
	p := agent.Open(id, 0)
	if p.Conversation.Mode != chat.Human || p.Conversation.Escalation == nil || p.Conversation.Ticket == nil {
		t.Fatalf("opened with %+v", p.Conversation)
	}
	for range 2 { // the second time there is nothing to give back
		p.SendFrame(map[string]any{"type": "hand_back", "id": "hand-back-1"})
	}
	p.WaitForFrame("saved")
	p.WaitForFrame("saved")
	snapshot := s.Conversation(stage.Jane)
	if n := stage.CountEvents(snapshot.Entries, chat.HandedBack); n != 1 || snapshot.Conversation.Mode != chat.Automated {
		t.Errorf("handed back %d times, and is %s", n, snapshot.Conversation.Mode)
	}
	if fresh := agent.Open(id, p.Rev-1); fresh.Conversation.Mode != chat.Automated || fresh.Conversation.Escalation != nil {
		t.Errorf("the page gets %+v", fresh.Conversation)
	}
}
