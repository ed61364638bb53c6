package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
	"sidetext/server/helpdesk"
	"sidetext/server/onboarding"
	"sidetext/widget"
)

// TestIntegrationIsSwitchedOnAgain: integrations that Gorgias switched off
// after our downtime are switched on again.
func TestIntegrationIsSwitchedOnAgain(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.DropHelpdeskEvents()
	stage.Must(t, s.App.Onboarding.Refresh(context.Background()))
	for _, i := range s.World.Gorgias.Integrations() {
		if i.Deactivated != nil {
			t.Errorf("%s stays off", i.Name)
		}
	}
}

// TestRemovedAgentIsSignedOut: an agent who was removed from the helpdesk is
// signed out.
func TestRemovedAgentIsSignedOut(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	p := agent.Open(id, 0)
	h, err := s.App.Store.Helpdesk(context.Background(), s.Shop.ID)
	stage.Must(t, err)
	stage.Must(t, s.App.Store.SaveAgents(context.Background(), h, nil, time.Now()))
	p.SendFrame(map[string]any{"type": "send", "id": "still-here", "text": "bye", "seen": 99})
	if code := p.WaitForClose(); code != stage.CloseSignedIn {
		t.Errorf("closed with %d", code)
	}
}

// TestDeletedCustomerIsReplaced: a customer that was merged or deleted in the
// helpdesk is looked up again, and the ticket is created.
func TestDeletedCustomerIsReplaced(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "menu")
	_, err := s.App.Store.Turn(context.Background(), s.Shop.ID, s.Conversation(stage.Jane).Conversation.ID, time.Now(), func(t *chat.Turn) error {
		t.Shopper.Customer = "987654"
		return nil
	})
	stage.Must(t, err)
	s.SendText(stage.Jane, "my grinder is loud")
	s.WaitForTicket(stage.Jane)
}

// TestTextWithoutAccountIsQuarantined: a well-signed text without an account is
// kept in quarantine.
func TestTextWithoutAccountIsQuarantined(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	form := stage.Inbound(stage.Jane, "hello?")
	form.Del("AccountSid")
	line := s.Line()
	got := s.Call(stage.TwilioRequest{Path: "/hooks/twilio/" + line.Endpoint + "/inbound", Form: form, Token: string(line.Token)})
	n, err := s.App.Store.Quarantined(context.Background(), s.Shop.ID)
	stage.Must(t, err)
	if got.Status != http.StatusOK || n != 1 {
		t.Errorf("answered %d, %d in quarantine", got.Status, n)
	}
}

// TestConnectAndDisconnectExclude: connecting and disconnecting exclude each
// other.
func TestConnectAndDisconnectExclude(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	hold := make(chan struct{})
	stage.Must(t, s.App.Jobs.Start(context.Background(), s.Shop.ID, onboarding.GorgiasConnect, func(context.Context, func(widget.Step)) error { <-hold; return nil }))
	err := s.App.Jobs.Start(context.Background(), s.Shop.ID, onboarding.GorgiasDisconnect, func(context.Context, func(widget.Step)) error { return nil })
	close(hold)
	if err == nil {
		t.Error("both at the same time")
	}
}

// TestOfflineTextsAreSentAtOnce: a page that reconnects may send many texts at
// once that were written offline.
func TestOfflineTextsAreSentAtOnce(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	p := agent.Open(id, 0)
	const texts = 40
	for n := range texts {
		p.SendFrame(map[string]any{"type": "send", "id": fmt.Sprintf("text-number-%d", n), "text": "x", "seen": 99})
	}
	for range texts {
		p.WaitForFrame("saved")
	}
}

// TestDeliveryOfAnotherAccount: a delivery for one account is never carried out
// in another, where the same ids are other objects.
func TestDeliveryOfAnotherAccount(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	for account, connected := range map[string]bool{demo.HelpdeskAccount: true, "elsewhere": false} {
		_, err := (helpdesk.Finder{Store: s.App.Store, Accounts: s.App.Gorgias}).Helpdesk(context.Background(), chat.Delivery{Shop: s.Shop.ID, Account: chat.HelpdeskAccount(account)})
		if connected && err != nil || !connected && !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("%s: %v", account, err)
		}
	}
}
