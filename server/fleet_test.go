package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
)

// TestFleet: two nodes on one PostgreSQL and one Redis are one Sidetext, whichever
// of them somebody comes to.
func TestFleet(t *testing.T) {
	t.Parallel()
	s := besiege(t, plan{shoppers: 8, customers: 2, desk: true, nodes: 2})
	s.begin()
	a, b := s.nodes[0], s.nodes[1]
	for name, part := range map[string]func(s *siege, a, b *node){
		"a text crosses and so does its answer": (*siege).crosses,
		"the same text at both at once":         (*siege).twice,
		"an escalation rings":                   (*siege).rings,
		"who is there and who types":            (*siege).together,
		"a session that is ended":               (*siege).endsSession,
		"settings that are changed":             (*siege).changesSettings,
		"garbage among the hints":               (*siege).hearsGarbage,
	} {
		t.Run(name, func(t *testing.T) { part(s.under(t), a, b) })
	}
}

// under is the same siege for a part of the test.
func (s *siege) under(t testing.TB) *siege {
	part := *s
	part.t = t
	return &part
}

// soon is how long what goes at once may take where the race detector watches on
// a machine that others use.
const soon = 5 * time.Second

// crosses: a text that A takes is shown by B; the answer from B is one SMS, and
// its tick is shown by A.
func (s *siege) crosses(a, b *node) {
	p := s.people[2]
	atA, atB := s.view(a, s.agents[0], p.id), s.view(b, s.agents[1], p.id)
	s.mustHand(a, "SM-crosses", p.phone, "m-crosses")
	heard := atB.sees(soon, "m-crosses")
	atB.say(map[string]any{"type": "send", "id": "agent-crosses", "text": "a-crosses", "seen": heard.Seq, "anyway": true})
	atB.await(soon, "the answer is kept", func(f frame) bool { return f.Type == "saved" && f.ID == "agent-crosses" })
	atA.await(20*time.Second, "the tick", func(f frame) bool {
		e, ok := f.says("a-crosses")
		return ok && e.State == chat.Delivered
	})
	if n := s.accepted("a-crosses"); n != 1 {
		s.t.Errorf("the provider accepted it %d times", n)
	}
	s.mustHand(a, "SM-crosses-again", p.phone, "m-crosses-again") // to a person now: nothing follows that B would do
	atB.sees(soon/2, "m-crosses-again")
}

// accepted counts the texts with these words that the provider took.
func (s *siege) accepted(text string) (n int) {
	for _, m := range s.Twilio.Accepted() {
		if m.Body == text {
			n++
		}
	}
	return n
}

// twice: of a text that comes to both nodes at once, and several times to each,
// there is one.
func (s *siege) twice(a, b *node) {
	p := s.people[3]
	var handing sync.WaitGroup
	for i := range 10 {
		handing.Go(func() {
			status, err := s.hand([]*node{a, b}[i%2], http.DefaultClient, "SM-twice", p.phone, "m-twice")
			if err != nil || status != http.StatusOK {
				s.t.Errorf("copy %d was answered %d: %v", i, status, err)
			}
		})
	}
	handing.Wait()
	if n := countText(s.mustTruth().conversations[p.id].entries, "m-twice"); n != 1 {
		s.t.Errorf("it is there %d times", n)
	}
}

// rings: what calls for a person rings in the pop-ups of the shop on all nodes,
// whatever they show, and in no other shop's.
func (s *siege) rings(a, b *node) {
	customer, other := s.people[0], s.people[4]
	atA, atB := s.view(a, s.agents[0], other.id), s.view(b, s.agents[1], other.id)
	browser, id := s.elsewhere()
	foreign := s.view(b, browser, id)
	s.mustHand(a, "SM-rings", customer.phone, "m-0-1")
	for _, v := range []*viewer{atA, atB} {
		ring := v.await(soon, "an escalation rings", func(f frame) bool { return f.Type == "shop" && f.Event == "escalated" })
		if ring.about() != customer.id || ring.Shopper != "Shopper 0" {
			s.t.Errorf("got %+v", ring)
		}
	}
	mine := s.view(a, s.agents[0], customer.id)
	mine.say(map[string]any{"type": "hand_back", "id": "hand-back-1"})
	atB.await(soon, "a hand-back rings", func(f frame) bool { return f.Type == "shop" && f.Event == "handed_back" && f.about() == customer.id })
	if f, heard := foreign.find(0, func(f frame) bool { return f.Type == "shop" || f.Type == "presence" && f.names() != "Dana" }); heard {
		s.t.Errorf("another shop heard %+v", f)
	}
}

// elsewhere is the browser of Dana, an agent of another shop, and a conversation
// there.
func (s *siege) elsewhere() (browser http.Header, id chat.ConversationID) {
	s.t.Helper()
	s.within(func(ctx context.Context, db *store.Store) error {
		now := time.Now()
		shop, err := db.AddShop(ctx, "Another", now)
		if err != nil {
			return err
		}
		line := chat.Line{ID: "other", Shop: shop.ID, Number: "+14155550101", Provider: "twilio", Account: demoAccount, Token: demoToken, Endpoint: "other"}
		if err := db.SaveLine(ctx, line); err != nil {
			return err
		}
		turn, err := db.Receive(ctx, chat.Door{Shop: shop, Line: line}, jane, now, func(*chat.Turn) error { return nil })
		if err != nil {
			return err
		}
		id = turn.Conversation.ID
		browser, err = s.browser(ctx, db, shop.ID, id, chat.Agent{ID: "9", Name: "Dana"})
		return err
	})
	return browser, id
}

// together: both who look at a conversation are told of each other and of who
// types, wherever they are.
func (s *siege) together(a, b *node) {
	p := s.people[5]
	atA := s.view(a, s.agents[0], p.id)
	atB := s.view(b, s.agents[1], p.id)
	both := "Anna Berg, Ben Okafor"
	for _, v := range []*viewer{atA, atB} {
		v.await(soon, "both are there", func(f frame) bool { return f.Type == "presence" && f.names() == both })
	}
	atB.say(map[string]any{"type": "typing", "on": true})
	atA.await(soon, "Ben types", func(f frame) bool { return f.names() == "Anna Berg, Ben Okafor*" })
	seen := atA.count()
	atA.next(seen, 6*time.Second+soon, "Ben types no more", func(f frame) bool { return f.names() == both })
	seen = atA.count()
	_ = atB.conn.Close()
	atA.next(seen, soon, "Ben is gone", func(f frame) bool { return f.Type == "presence" && f.names() == "Anna Berg" })
}

// endsSession: who signs out at one node is signed out at all, while they look.
func (s *siege) endsSession(a, b *node) {
	p := s.people[6]
	var browser http.Header
	s.within(func(ctx context.Context, db *store.Store) (err error) {
		browser, err = s.browser(ctx, db, s.shop, p.id, chat.Agent{ID: "7", Name: "Eve"})
		return err
	})
	atB, stays := s.view(b, browser, p.id), s.view(b, s.agents[0], p.id)
	if status := s.call(a, browser, http.MethodDelete, "/api/session", "application/json", ""); status != http.StatusNoContent {
		s.t.Fatalf("signing out answered %d", status)
	}
	if code := atB.closed(soon); code != closeSignedIn {
		s.t.Errorf("it was closed with %d", code)
	}
	s.mustHand(a, "SM-stays", p.phone, "m-stays")
	stays.sees(soon, "m-stays")
}

// changesSettings: what a merchant changes at one node counts at the other, where
// the old was just read.
func (s *siege) changesSettings(a, b *node) {
	p := s.people[7]
	var secret string
	s.within(func(ctx context.Context, db *store.Store) (err error) {
		secret, err = db.MakeSignInLink(ctx, s.shop, time.Now())
		return err
	})
	browser := http.Header{}
	const form = "application/x-www-form-urlencoded"
	if status := s.call(a, browser, http.MethodPost, "/sign-in", form, url.Values{"secret": {secret}}.Encode()); status != http.StatusSeeOther {
		s.t.Fatalf("signing in answered %d", status)
	}
	s.mustHand(b, "SM-old", p.phone, "m-7-0")
	if s.escalated(p) {
		s.t.Fatal("who has bought nothing gets a person")
	}
	if status := s.call(a, browser, http.MethodPost, "/settings", form, "auto_tickets=on&acknowledge=on"); status/100 != 2 && status/100 != 3 {
		s.t.Fatalf("saving answered %d", status)
	}
	n := 0
	until(s.t, soon, "the other node heeds it", func() bool {
		n++
		s.mustHand(b, fmt.Sprint("SM-new-", n), p.phone, fmt.Sprint("m-7-", n))
		return s.escalated(p)
	})
}

// escalated reports whether somebody's conversation was ever handed to a person.
func (s *siege) escalated(p *person) bool {
	return slices.ContainsFunc(s.mustTruth().conversations[p.id].entries, func(e chat.Entry) bool { return e.Event == chat.Escalated })
}

// hearsGarbage: what nobody understands among the hints is counted, and nothing
// else comes of it.
func (s *siege) hearsGarbage(a, b *node) {
	before := map[*node]float64{}
	for _, n := range []*node{a, b} {
		before[n] = s.metric(n, "sidetext_bus_garbage_total")
	}
	for _, garbage := range []string{"", "\x00\xff", "{", "[]", `{"node":1}`, `{"hints":[{"room":7}]}`, strings.Repeat("x", 100_000)} {
		s.publish(garbage)
	}
	for _, n := range []*node{a, b} {
		until(s.t, soon, "garbage is counted", func() bool { return s.metric(n, "sidetext_bus_garbage_total") >= before[n]+5 })
	}
	p := s.people[2]
	atB := s.view(b, s.agents[1], p.id)
	s.mustHand(a, "SM-garbage", p.phone, "m-garbage")
	atB.sees(soon, "m-garbage")
}

// metric is one of a node's figures.
func (s *siege) metric(n *node, name string) float64 {
	s.t.Helper()
	value, err := n.metric(name)
	must(s.t, err)
	return value
}
