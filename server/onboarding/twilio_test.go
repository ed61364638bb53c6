package onboarding_test

import (
	"context"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/wire"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
	"sidetext/server/onboarding"
)

// TestNewTokenResumesTexts: texts that waited for a valid token leave as soon
// as there is one, not when the account's pause ends.
func TestNewTokenResumesTexts(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	s.WaitUntilIdle()
	p := agent.Open(id, 0)
	ctx := context.Background()
	right := s.Line()
	wrong := right
	wrong.Token = "another token"
	stage.Must(t, s.App.Store.SaveLine(ctx, wrong))
	p.SendFrame(map[string]any{"type": "send", "id": "by-a-bad-token", "text": "hello?", "seen": 1 << 40})
	seq := p.WaitForFrame("saved").Seq
	if e := p.WaitForEntry(seq, chat.Saved, "20003"); !strings.Contains(e.Problem.Text, "credentials") {
		t.Errorf("it waits because %q", e.Problem.Text)
	}
	stage.Must(t, s.App.Onboarding.ConnectTwilio(ctx, s.Shop.ID, demo.Number, demo.TwilioAccount, demo.TwilioToken))
	stage.Until(t, "it has left", func() bool {
		return len(stage.SentText{Stage: s, To: stage.Jane, Text: "hello?", ID: id, Seq: seq}.Accepted()) == 1
	})
}

// TestConnectWithoutProofOfArrival: if it can't be checked whether texts
// arrive, the job does not say that they do.
func TestConnectWithoutProofOfArrival(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.World.Twilio.Faults.Add(wire.Fault{Act: wire.Answer, Method: "GET", Path: "/v1/Services", Status: 500})
	ctx := context.Background()
	stage.Must(t, s.App.Onboarding.ConnectTwilio(ctx, s.Shop.ID, demo.Number, demo.TwilioAccount, demo.TwilioToken))
	s.App.Jobs.Wait()
	p, err := s.App.Store.Setup(ctx, s.Shop.ID, onboarding.NumberConnect)
	stage.Must(t, err)
	if p.State == "done" || !strings.Contains(string(p.Steps), "Incoming texts") {
		t.Errorf("it is said to be %s: %s", p.State, p.Steps)
	}
}
