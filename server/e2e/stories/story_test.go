package stories

import (
	"fmt"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
)

// TestStory: one story through everything, as the vendors and a browser without
// pages see it.
func TestStory(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "my grinder arrived broken, can you help")
	k := s.WaitForTicket(stage.Jane)
	if len(k.Messages) != 1 || !strings.Contains(stage.BodyText(k.Messages[0]), "my grinder arrived broken") {
		t.Fatalf("the ticket says %+v", k.Messages)
	}
	var tags []string
	for _, tag := range k.Tags {
		tags = append(tags, tag.Name)
	}
	if got := fmt.Sprint(tags); got != "[RechargeSMS sms-not-understood]" {
		t.Error("tags are", got)
	}
	agent := s.Client()
	id := agent.SignIn(k, "Ben Okafor")
	p := agent.Open(id, 0)
	p.SendFrame(map[string]any{"type": "send", "id": "11111111-first", "text": "So sorry! We'll send another.", "seen": p.Entries[len(p.Entries)-1].Seq})
	seq := p.WaitForFrame("saved").Seq
	stage.Until(t, "the text on the phone", func() bool {
		for _, line := range s.World.Twilio.Screen(stage.Jane) {
			if line.Text == "So sorry! We'll send another." {
				return true
			}
		}
		return false
	})
	for state := chat.Saved; state != chat.Delivered; {
		for _, e := range p.WaitForFrame("changed").Entries {
			if e.Seq == seq {
				if state = e.State; e.By.Name != "Ben Okafor" {
					t.Error("said by", e.By)
				}
			}
		}
	}
	s.SendText(stage.Jane, "thank you, you are the best")
	for shown := false; !shown; {
		for _, e := range p.WaitForFrame("changed").Entries {
			shown = shown || e.Text == "thank you, you are the best"
		}
	}
	stage.Until(t, "both texts in the ticket", func() bool {
		now, _ := s.World.Gorgias.Ticket(k.ID)
		var all strings.Builder
		for _, m := range now.Messages {
			all.WriteString(m.Channel + ": " + stage.BodyText(m) + "\n")
		}
		return strings.Contains(all.String(), "internal-note: Ben Okafor texted by SMS: So sorry!") &&
			strings.Contains(all.String(), "email: thank you, you are the best")
	})
}
