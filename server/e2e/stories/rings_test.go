package stories

import (
	"context"
	"database/sql"
	"encoding/json"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
)

// ringOf reads until a frame of the shop's says this of a conversation.
func (p *popup) ringOf(what string, id chat.ConversationID) shopFrame {
	p.t.Helper()
	must(p.t, p.conn.SetReadDeadline(time.Now().Add(lastResort)))
	for {
		_, data, err := p.conn.ReadMessage()
		if err != nil {
			p.t.Fatalf("waited to be told %q of %s: %v", what, id, err)
		}
		var f shopFrame
		if json.Unmarshal(data, &f) == nil && f.Type == "shop" && f.Event == what && f.Conversation == id {
			return f
		}
	}
}

// Whoever looks at one conversation is told of another that needs a person, where
// its ticket is, who takes it, and that it is over.
func TestRings(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "My cat sat on the parcel")
	anna := s.caller()
	mine := anna.signIn(s.ticketOf(jane), "Anna Berg")
	here := anna.open(mine, 0)

	s.text(miguel, "I want to talk about my order please")
	ticket := s.ticketOf(miguel)
	his := s.conversation(miguel).Conversation.ID
	f := here.ringOf("escalated", his)
	for f.Ticket == nil { // they are told again once it is there
		f = here.ringOf("escalated", his)
	}
	if f.Shopper != "Miguel Torres" || f.Why == "" || f.Ticket.URL == "" || f.At.IsZero() {
		t.Errorf("told %+v", f)
	}
	ben := s.caller()
	if id := ben.signIn(ticket, "Ben Okafor"); id != his {
		t.Fatal("the ticket is about somebody else")
	}
	there := ben.open(his, 0)
	there.say(map[string]any{"type": "send", "id": "an-answer-of-ben", "text": "Hello Miguel", "seen": 1 << 40})
	if f := here.ringOf("taken", his); f.Agent != "Ben Okafor" {
		t.Errorf("told %+v", f)
	}
	there.say(map[string]any{"type": "hand_back", "id": "over-to-automation"})
	here.ringOf("handed_back", his)
}

// What comes from between the nodes can make a node look, and show what is so;
// whatever it says, it can make it show nothing else.
func TestRingsOfNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "My cat sat on the parcel")
	anna := s.caller()
	id := anna.signIn(s.ticketOf(jane), "Anna Berg")
	here := anna.open(id, 0)
	shop := string(s.Shop.ID)
	for _, e := range []hub.Event{
		{}, {Kind: "unheard of", Group: shop, Subject: "x"}, {Kind: cluster.ShopAlert, Group: shop}, {Kind: cluster.ShopAlert, Group: shop, Subject: string(id)},
		{Kind: cluster.ShopAlert, Group: shop, Subject: string(id) + "/x"}, {Kind: cluster.ShopAlert, Group: shop, Subject: string(id) + "/-1"}, {Kind: cluster.ShopAlert, Group: shop, Subject: string(id) + "/1"},
		{Kind: cluster.ShopAlert, Group: shop, Subject: string(id) + "/99999999999999999999"}, {Kind: cluster.ShopAlert, Group: shop, Subject: "nobody/1"},
		{Kind: cluster.ShopAlert, Group: "another shop", Subject: string(id) + "/2"}, {Kind: cluster.AccountResumed, Subject: "nothing"}, {Kind: cluster.SessionEnded, Group: shop},
	} {
		s.App.Events.Handlers.Handle(e)
	}
	here.say(map[string]any{"type": "hand_back", "id": "over-to-automation"})
	if f := here.ringOf("handed_back", id); f.Shopper != "Jane Doe" {
		t.Errorf("told %+v", f)
	}
}

// A session that is ended in the database, whoever did it, ends its pop-ups.
func TestLeavers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "My cat sat on the parcel")
	ticket := s.ticketOf(jane)
	anna, ben := s.caller(), s.caller()
	id := anna.signIn(ticket, "Anna Berg")
	ben.signIn(ticket, "Ben Okafor")
	hers, his := anna.open(id, 0), ben.open(id, 0)
	if status := anna.call("DELETE", "/api/session", nil, nil); status != 204 {
		t.Fatalf("signing out answered %d", status)
	}
	if code := hers.closed(); code != closeSignedIn {
		t.Errorf("Anna's pop-up ended with %d", code)
	}
	// As if the clock had been an hour ahead then.
	s.execute("UPDATE sessions SET ended_at = ended_at + 3600000000 WHERE ended_at > 0")
	for range 2 { // when it looks the second time it has seen what there was the first time
		s.App.Revoked.Ended.Set()
		until(t, "a look at who left", func() bool { return len(s.App.Revoked.Ended) == 0 })
	}
	s.text(jane, "And now it is wet")
	his.wait("changed")
	must(t, s.App.Store.RemoveHelpdesk(context.Background(), s.Shop.ID, s.App.Store.Now())) // past everything that tells
	if code := his.closed(); code != closeSignedIn {
		t.Errorf("Ben's pop-up ended with %d", code)
	}
}

// The canary finds its way, and what it finds is what /readyz says; also after the
// database was put back to where it was before.
func TestHealth(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	until(t, "readiness", func() bool {
		how, serves := s.App.Health(t.Context())
		return how == "ready" && serves
	})
	if took := s.App.Canary.Took(); took <= 0 || took > 2*time.Second {
		t.Errorf("the canary took %v", took)
	}
	room, mark := "canary/"+s.App.Store.Node(), func() int64 {
		s.App.Health(t.Context())
		rev, err := s.App.Store.CanaryRevision(t.Context(), s.App.Store.Node())
		must(t, err)
		return rev
	}
	until(t, "more flights", func() bool { return mark() > 2 })
	until(t, "a viewer", func() bool { return s.App.Hub.HasViewers(room) })
	s.execute("UPDATE nodes SET rev = 1")
	s.App.Hub.Hint(room, 0) // as each beat does
	until(t, "flights beyond where it was", func() bool { return mark() > 5 })
	until(t, "readiness again", func() bool {
		how, _ := s.App.Health(t.Context())
		return how == "ready"
	})
}

// A database that is slow does not make a node slow to say how it is, and one that
// can't be written does not go unnoticed.
func TestHealthOfASlowDatabase(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	well := func() bool { _, serves := s.App.Health(t.Context()); return serves }
	until(t, "readiness", well)
	other, err := sql.Open("sqlite", s.DatabasePath())
	must(t, err)
	defer other.Close()
	other.SetMaxOpenConns(1)
	<-time.After(time.Second) // what was found before is old
	_, err = other.Exec("BEGIN IMMEDIATE")
	must(t, err)
	if !well() { // which does not wait for the lock: that stays
		t.Error("it does not serve any more as soon as the database is slow")
	}
	until(t, "that it does not serve", func() bool { return !well() })
	_, err = other.Exec("ROLLBACK")
	must(t, err)
	until(t, "that it serves again", well)
}
