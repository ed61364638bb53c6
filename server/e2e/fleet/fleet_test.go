package fleet_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/harness"
	"sidetext/store"
)

// TestFleet checks that two nodes on one PostgreSQL and one Redis act as one server,
// whichever node a request reaches.
func TestFleet(t *testing.T) {
	t.Parallel()
	s := newFleet(t, harness.Plan{Shoppers: 8, Customers: 2, Helpdesk: true, Nodes: 2})
	s.Start()
	a, b := s.Nodes[0], s.Nodes[1]
	for name, part := range map[string]func(s *fleet, a, b *harness.Node){
		"text and answer across nodes": (*fleet).textCrossesNodes,
		"same text at both nodes":      (*fleet).duplicateText,
		"alerts on all nodes":          (*fleet).alerts,
		"presence across nodes":        (*fleet).presence,
		"ended session":                (*fleet).endsSession,
		"changed settings":             (*fleet).changesSettings,
		"invalid messages on the bus":  (*fleet).invalidMessages,
	} {
		t.Run(name, func(t *testing.T) { part(s.withT(t), a, b) })
	}
}

// shortTime is how long something immediate may take in a run that checks durations.
const shortTime = 5 * time.Second

// jane is a shopper of another shop.
const jane = "+14155550123"

// closeSignedOut is the close code of a socket whose session has ended.
const closeSignedOut = 4401

// textCrossesNodes checks that B shows a text that A received, that an answer through B
// is sent as one SMS, and that A shows that it was delivered.
func (s *fleet) textCrossesNodes(a, b *harness.Node) {
	p := s.Shoppers[2]
	atA, atB := s.View(a, s.Agents[0], p.Conversation), s.View(b, s.Agents[1], p.Conversation)
	s.MustDeliver(a, "SM-crosses", p.Phone, "m-crosses")
	entry := atB.AwaitText("m-crosses")
	atB.Send(map[string]any{"type": "send", "id": "agent-crosses", "text": "a-crosses", "seen": entry.Seq, "anyway": true})
	atB.Await("the answer is saved", func(f harness.Frame) bool { return f.Type == "saved" && f.ID == "agent-crosses" })
	atA.Await("the answer is delivered", func(f harness.Frame) bool {
		e, ok := f.FindText("a-crosses")
		return ok && e.State == chat.Delivered
	})
	if n := s.countAccepted("a-crosses"); n != 1 {
		s.T.Errorf("the provider accepted the answer %d times", n)
	}
	s.MustDeliver(a, "SM-crosses-again", p.Phone, "m-crosses-again") // escalated by now: this text causes no delivery that would make B read it
	atB.AwaitText("m-crosses-again")
}

// countAccepted counts the accepted messages with this body.
func (s *fleet) countAccepted(text string) (n int) {
	for _, m := range s.Twilio.Accepted() {
		if m.Body == text {
			n++
		}
	}
	return n
}

// duplicateText checks that a text that arrives at both nodes at once, and several times
// at each, is stored once.
func (s *fleet) duplicateText(a, b *harness.Node) {
	p := s.Shoppers[3]
	var delivering sync.WaitGroup
	for i := range 10 {
		delivering.Go(func() {
			status, err := s.Deliver([]*harness.Node{a, b}[i%2], http.DefaultClient, "SM-twice", p.Phone, "m-twice")
			if err != nil || status != http.StatusOK {
				s.T.Errorf("copy %d: status %d: %v", i, status, err)
			}
		})
	}
	delivering.Wait()
	if n := harness.CountText(s.MustSnapshot().Conversations[p.Conversation].Entries, "m-twice"); n != 1 {
		s.T.Errorf("the text is stored %d times", n)
	}
}

// alerts checks that an escalation and a hand-back reach the shop's pop-ups on all
// nodes, whatever conversation they show, and no other shop's.
func (s *fleet) alerts(a, b *harness.Node) {
	customer, other := s.Shoppers[0], s.Shoppers[4]
	atA, atB := s.View(a, s.Agents[0], other.Conversation), s.View(b, s.Agents[1], other.Conversation)
	browser, id := s.otherShop()
	foreign := s.View(b, browser, id)
	s.MustDeliver(a, "SM-rings", customer.Phone, "m-0-1")
	for _, v := range []*harness.Viewer{atA, atB} {
		alert := v.Await("an alert of the escalation", func(f harness.Frame) bool {
			return f.Type == "shop" && f.Event == "escalated" && f.ConversationID() == customer.Conversation
		})
		if alert.Shopper != "Shopper 0" {
			s.T.Errorf("got %+v", alert)
		}
	}
	mine := s.View(a, s.Agents[0], customer.Conversation)
	mine.Send(map[string]any{"type": "hand_back", "id": "hand-back-1"})
	atB.Await("an alert of the hand-back", func(f harness.Frame) bool {
		return f.Type == "shop" && f.Event == "handed_back" && f.ConversationID() == customer.Conversation
	})
	if f, found := foreign.Find(0, func(f harness.Frame) bool {
		return f.Type == "shop" || f.Type == "presence" && f.PeopleNames() != "Dana"
	}); found {
		s.T.Errorf("another shop received %+v", f)
	}
}

// otherShop adds another shop. It returns the headers of Dana, an agent there, and a
// conversation of that shop.
func (s *fleet) otherShop() (browser http.Header, id chat.ConversationID) {
	s.T.Helper()
	s.WithStore(func(ctx context.Context, db *store.Store) error {
		now := time.Now()
		shop, err := db.AddShop(ctx, "Another", now)
		if err != nil {
			return err
		}
		line := chat.Line{ID: "other", Shop: shop.ID, Number: "+14155550101", Provider: "twilio", Account: harness.Account, Token: harness.Token, Endpoint: "other"}
		if err := db.SaveLine(ctx, line); err != nil {
			return err
		}
		turn, err := db.Receive(ctx, chat.LineConfig{Shop: shop, Line: line}, jane, now, func(*chat.Turn) error { return nil })
		if err != nil {
			return err
		}
		id = turn.Conversation.ID
		browser, err = s.Browser(ctx, db, shop.ID, id, chat.Agent{ID: "9", Name: "Dana"})
		return err
	})
	return browser, id
}

// presence checks that two agents of one conversation on different nodes see each other,
// and that the other is typing.
func (s *fleet) presence(a, b *harness.Node) {
	p := s.Shoppers[5]
	atA := s.View(a, s.Agents[0], p.Conversation)
	atB := s.View(b, s.Agents[1], p.Conversation)
	both := "Anna Berg, Ben Okafor"
	for _, v := range []*harness.Viewer{atA, atB} {
		v.Await("both are present", func(f harness.Frame) bool { return f.Type == "presence" && f.PeopleNames() == both })
	}
	atB.Send(map[string]any{"type": "typing", "on": true})
	atA.Await("Ben is typing", func(f harness.Frame) bool { return f.PeopleNames() == "Anna Berg, Ben Okafor*" })
	seen := atA.Count()
	atA.AwaitAfter(seen, "Ben has stopped typing", func(f harness.Frame) bool { return f.PeopleNames() == both })
	seen = atA.Count()
	_ = atB.Conn.Close()
	atA.AwaitAfter(seen, "Ben is gone", func(f harness.Frame) bool { return f.Type == "presence" && f.PeopleNames() == "Anna Berg" })
}

// endsSession checks that signing out at one node closes the agent's pop-ups on all.
func (s *fleet) endsSession(a, b *harness.Node) {
	p := s.Shoppers[6]
	var browser http.Header
	s.WithStore(func(ctx context.Context, db *store.Store) (err error) {
		browser, err = s.Browser(ctx, db, s.Shop, p.Conversation, chat.Agent{ID: "7", Name: "Eve"})
		return err
	})
	atB, stays := s.View(b, browser, p.Conversation), s.View(b, s.Agents[0], p.Conversation)
	if status := s.Call(a, browser, http.MethodDelete, "/api/session", "application/json", ""); status != http.StatusNoContent {
		s.T.Fatalf("sign out: status %d", status)
	}
	if code := atB.CloseCode(); code != closeSignedOut {
		s.T.Errorf("the pop-up was closed with code %d", code)
	}
	s.MustDeliver(a, "SM-stays", p.Phone, "m-stays")
	stays.AwaitText("m-stays")
}

// changesSettings checks that settings changed at one node apply at the other, which has
// just read the old ones.
func (s *fleet) changesSettings(a, b *harness.Node) {
	p := s.Shoppers[7]
	var secret string
	s.WithStore(func(ctx context.Context, db *store.Store) (err error) {
		secret, err = db.MakeSignInLink(ctx, s.Shop, time.Now())
		return err
	})
	browser := s.SignIn(a, secret)
	s.MustDeliver(b, "SM-old", p.Phone, "m-7-0")
	if s.escalated(p) {
		s.T.Fatal("a shopper who has not purchased was escalated")
	}
	if status := s.Call(a, browser, http.MethodPost, "/settings", "application/x-www-form-urlencoded", "auto_tickets=on&acknowledge=on"); status/100 != 2 && status/100 != 3 {
		s.T.Fatalf("save settings: status %d", status)
	}
	n := 0
	harness.Until(s.T, "the other node applies the settings", func() bool {
		n++
		s.MustDeliver(b, fmt.Sprint("SM-new-", n), p.Phone, fmt.Sprint("m-7-", n))
		return s.escalated(p)
	})
}

// escalated reports whether a shopper's conversation was ever escalated.
func (s *fleet) escalated(p *harness.Shopper) bool {
	return slices.ContainsFunc(s.MustSnapshot().Conversations[p.Conversation].Entries, func(e chat.Entry) bool { return e.Event == chat.Escalated })
}

// invalidMessages checks that messages that cannot be parsed are counted and have no
// effect.
func (s *fleet) invalidMessages(a, b *harness.Node) {
	before := map[*harness.Node]float64{}
	for _, n := range []*harness.Node{a, b} {
		before[n] = s.Metric(n, "sidetext_bus_invalid_messages_total")
	}
	for _, message := range []string{"", "\x00\xff", "{", "[]", `{"node":1}`, `{"hints":[{"room":7}]}`, strings.Repeat("x", 100_000)} {
		s.Publish(message)
	}
	for _, n := range []*harness.Node{a, b} {
		harness.Until(s.T, "the invalid messages are counted", func() bool { return s.Metric(n, "sidetext_bus_invalid_messages_total") >= before[n]+5 })
	}
	p := s.Shoppers[2]
	atB := s.View(b, s.Agents[1], p.Conversation)
	s.MustDeliver(a, "SM-garbage", p.Phone, "m-garbage")
	atB.AwaitText("m-garbage")
}
