package popup_test

import (
	"context"
	"testing"

	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/e2e/stage"
)

// TestAlerts: a viewer of one conversation gets alerts about another: it needs
// a person, its ticket, an agent answers, it is over.
func TestAlerts(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "My cat sat on the parcel")
	anna := s.Client()
	mine := anna.SignIn(s.WaitForTicket(stage.Jane), "Anna Berg")
	here := anna.Open(mine, 0)

	s.SendText(stage.Miguel, "I want to talk about my order please")
	ticket := s.WaitForTicket(stage.Miguel)
	his := s.Conversation(stage.Miguel).Conversation.ID
	f := here.Alert("escalated", his)
	for f.Ticket == nil { // the alert comes again once the ticket exists
		f = here.Alert("escalated", his)
	}
	if f.Shopper != "Miguel Torres" || f.Why == "" || f.Ticket.URL == "" || f.At.IsZero() {
		t.Errorf("got %+v", f)
	}
	ben := s.Client()
	if id := ben.SignIn(ticket, "Ben Okafor"); id != his {
		t.Fatal("the ticket is about another shopper")
	}
	there := ben.Open(his, 0)
	there.SendFrame(map[string]any{"type": "send", "id": "an-answer-of-ben", "text": "Hello Miguel", "seen": 1 << 40})
	if f := here.Alert("taken", his); f.Agent != "Ben Okafor" {
		t.Errorf("got %+v", f)
	}
	there.SendFrame(map[string]any{"type": "hand_back", "id": "over-to-automation"})
	here.Alert("handed_back", his)
}

// TestForgedAlerts: an event between nodes can make a node read and show what
// the database has, and nothing else.
func TestForgedAlerts(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "My cat sat on the parcel")
	anna := s.Client()
	id := anna.SignIn(s.WaitForTicket(stage.Jane), "Anna Berg")
	here := anna.Open(id, 0)
	shop := string(s.Shop.ID)
	for _, e := range []hub.Event{
		{}, {Kind: "unheard of", Group: shop, Subject: "x"}, {Kind: cluster.ShopAlert, Group: shop}, {Kind: cluster.ShopAlert, Group: shop, Subject: string(id)},
		{Kind: cluster.ShopAlert, Group: shop, Subject: string(id) + "/x"}, {Kind: cluster.ShopAlert, Group: shop, Subject: string(id) + "/-1"}, {Kind: cluster.ShopAlert, Group: shop, Subject: string(id) + "/1"},
		{Kind: cluster.ShopAlert, Group: shop, Subject: string(id) + "/99999999999999999999"}, {Kind: cluster.ShopAlert, Group: shop, Subject: "nobody/1"},
		{Kind: cluster.ShopAlert, Group: "another shop", Subject: string(id) + "/2"}, {Kind: cluster.AccountResumed, Subject: "nothing"}, {Kind: cluster.SessionEnded, Group: shop},
	} {
		s.App.Events.Handlers.Handle(e)
	}
	here.SendFrame(map[string]any{"type": "hand_back", "id": "over-to-automation"})
	if f := here.Alert("handed_back", id); f.Shopper != "Jane Doe" {
		t.Errorf("got %+v", f)
	}
}

// TestSessionRevokedInDatabase: a session that ends in the database, for
// whatever reason, closes its sockets.
func TestSessionRevokedInDatabase(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "My cat sat on the parcel")
	ticket := s.WaitForTicket(stage.Jane)
	anna, ben := s.Client(), s.Client()
	id := anna.SignIn(ticket, "Anna Berg")
	ben.SignIn(ticket, "Ben Okafor")
	hers, his := anna.Open(id, 0), ben.Open(id, 0)
	if status := anna.Call("DELETE", "/api/session", nil, nil); status != 204 {
		t.Fatalf("signing out answered %d", status)
	}
	if code := hers.WaitForClose(); code != stage.CloseSignedIn {
		t.Errorf("Anna's pop-up ended with %d", code)
	}
	// As if the clock had been an hour ahead then.
	s.ExecSQL("UPDATE sessions SET ended_at = ended_at + 3600000000 WHERE ended_at > 0")
	for range 2 { // when it looks the second time it has seen what there was the first time
		s.App.Revoked.Ended.Set()
		stage.Until(t, "a look at who left", func() bool { return len(s.App.Revoked.Ended) == 0 })
	}
	s.SendText(stage.Jane, "And now it is wet")
	his.WaitForFrame("changed")
	stage.Must(t, s.App.Store.RemoveHelpdesk(context.Background(), s.Shop.ID, s.App.Store.Now())) // past everything that tells
	if code := his.WaitForClose(); code != stage.CloseSignedIn {
		t.Errorf("Ben's pop-up ended with %d", code)
	}
}
