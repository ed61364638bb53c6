package stories

import (
	"context"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/wire"
	"sidetext/server/demo"
	"sidetext/server/onboarding"
)

// TestATokenThatIsPutRight: what waited for the right token leaves as soon as
// there is one, and not when the account's pause is over.
func TestATokenThatIsPutRight(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.settled()
	p := agent.open(id, 0)
	ctx := context.Background()
	right := s.line()
	wrong := right
	wrong.Token = "another token"
	must(t, s.App.Store.SaveLine(ctx, wrong))
	p.say(map[string]any{"type": "send", "id": "by-a-bad-token", "text": "hello?", "seen": 1 << 40})
	seq := p.wait("saved").Seq
	if e := p.shows(seq, chat.Saved, "20003"); !strings.Contains(e.Problem.Text, "credentials") {
		t.Errorf("it waits because %q", e.Problem.Text)
	}
	must(t, s.App.Onboarding.ConnectTwilio(ctx, s.Shop.ID, demo.Number, demo.TwilioAccount, demo.TwilioToken))
	until(t, "it has left", func() bool { return len(saying{s, jane, "hello?", id, seq}.accepted()) == 1 })
}

// TestConnectedAndUnsure: Twilio has our address, and whether texts arrive could
// not be found out. That is not said to be done.
func TestConnectedAndUnsure(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.World.Twilio.Faults.Ask(wire.Fault{Act: wire.Answer, Method: "GET", Path: "/v1/Services", Status: 500})
	ctx := context.Background()
	must(t, s.App.Onboarding.ConnectTwilio(ctx, s.Shop.ID, demo.Number, demo.TwilioAccount, demo.TwilioToken))
	s.App.Jobs.Wait()
	p, err := s.App.Store.Setup(ctx, s.Shop.ID, onboarding.NumberConnect)
	must(t, err)
	if p.State == "done" || !strings.Contains(string(p.Steps), "Making sure that texts arrive") {
		t.Errorf("it is said to be %s: %s", p.State, p.Steps)
	}
}
