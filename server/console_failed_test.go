package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

// fail gives a shop something that failed for good, in its conversation with
// somebody, an hour ago.
func fail(t testing.TB, s *server, shop chat.ShopID, with chat.Phone, d chat.Delivery) chat.DeliveryID {
	t.Helper()
	ctx, at := context.Background(), s.now().Add(-time.Hour)
	doors, err := s.store.LineConfigs(ctx, shop)
	must(t, err)
	d.ID, d.Shop, d.At, d.Due = chat.NewID[chat.DeliveryID](at), shop, at, at
	if d.Lane == "" {
		d.Lane = string(d.ID)
	}
	_, err = s.store.Receive(ctx, doors[0], with, at, func(turn *chat.Turn) error {
		d.Conversation = turn.Conversation.ID
		turn.Deliveries = append(turn.Deliveries, d)
		return nil
	})
	must(t, err)
	return d.ID
}

func (b *booth) failed(shop chat.Shop) int {
	b.t.Helper()
	_, total, err := b.store.Failures(context.Background(), shop.ID, 0)
	must(b.t, err)
	return total
}

func (b *booth) waits(shop chat.Shop, kind chat.DeliveryKind) (n int64) {
	b.t.Helper()
	backlogs, err := b.store.Backlogs(context.Background(), shop.ID)
	must(b.t, err)
	for _, one := range backlogs {
		if one.Kind == kind {
			n += one.Ready
		}
	}
	return n
}

func TestFailedInWords(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	b.furnish(b.mine, "willow", "+14155550144")
	g := b.merchant(b.mine)
	status, page := g.get("/failed")
	g.wants(status, page, 200, "Nothing has failed")
	if _, page = g.get("/"); strings.Contains(page, "/failed") {
		t.Error("the shop's page speaks of failures where there are none")
	}
	const known, nameless = "+14155550177", "+14155550178"
	for _, one := range []struct {
		with  chat.Phone
		d     chat.Delivery
		wants []string
	}{
		{known, chat.Delivery{Kind: chat.SendSMS, Account: "twilio/A", Tries: 1, Problem: "This is a landline."}, []string{"A text to willow</h2>", "<p>This is a landline.</p>", "tried once"}},
		{known, chat.Delivery{Kind: chat.SyncTicket, Account: "gorgias/willow", Tries: 1204, Problem: "Refused."}, []string{"The ticket for willow</h2>", "tried 1,204 times"}},
		{known, chat.Delivery{Kind: chat.AddMessage, Account: "gorgias/willow", Ticket: "123", Problem: "Too long."}, []string{`A text in the conversation with willow, <a href="http://127.0.0.1:1/willow/app/ticket/123"`, ">ticket #123</a>"}},
		{known, chat.Delivery{Kind: chat.PostNote, Account: "gorgias/elsewhere", Ticket: "7", Problem: "Gone."}, []string{"A note on the conversation with willow, ticket #7</h2>"}},
		{nameless, chat.Delivery{Kind: chat.FetchMedia, Account: "twilio/A/media", Problem: "<script>"}, []string{"A file from &#43;1 415 555 0178</h2>", "<p>&lt;script&gt;</p>"}},
		{nameless, chat.Delivery{Kind: chat.PostCode, Account: "gorgias/willow", Problem: "Late."}, []string{"A sign-in code for the conversation with", "A code is good for ten minutes only."}},
		{nameless, chat.Delivery{Kind: chat.CheckStatus, Account: "twilio/A", Problem: "Unknown."}, []string{"What became of a text to &#43;1 415 555 0178</h2>"}},
	} {
		id := fail(t, b.server, b.mine.ID, one.with, one.d)
		status, page := g.get("/failed")
		g.wants(status, page, 200, append(one.wants, "1 thing failed and waits for you", "/failed/"+string(id)+"/let-go", "Since <time datetime=")...)
		if strings.Contains(page, "/failed/"+string(id)+"/retry") == (one.d.Kind == chat.PostCode) {
			t.Errorf("%s: offers to try again what can't work, or does not what can", one.d.Kind)
		}
		status, page = g.get("/")
		g.wants(status, page, 200, "1 thing failed and waits for you.", `href="/failed">Look at it</a>`)
		status, to := g.post("/failed/"+string(id)+"/let-go", nil)
		g.wants(status, to, http.StatusSeeOther, "/failed?m=let-go")
		if n := b.failed(b.mine); n != 0 {
			t.Fatalf("%d are left", n)
		}
	}
}

func TestTryAgain(t *testing.T) {
	t.Parallel()
	b := newBooth(t)
	b.furnish(b.mine, "willow", "+14155550144")
	b.furnish(b.its, "goldfinch", "+14155550166")
	g := b.merchant(b.mine)
	note := chat.Delivery{Kind: chat.PostNote, Account: "gorgias/willow", Ticket: "7", Tries: 3, Problem: "Gone."}
	theirs := fail(t, b.server, b.its.ID, "+14155550177", note)
	first := fail(t, b.server, b.mine.ID, "+14155550177", note)
	for _, what := range []string{"retry", "let-go"} {
		for _, id := range []string{string(theirs), "nonsense", strings.Repeat("a", 3000), "%2e%2e"} {
			status, page := g.post("/failed/"+id+"/"+what, nil)
			g.wants(status, page, http.StatusNotFound)
		}
	}
	if mine, its := b.failed(b.mine), b.failed(b.its); mine != 1 || its != 1 {
		t.Fatalf("%d and %d failures are left of one each", mine, its)
	}
	status, to := g.post("/failed/"+string(first)+"/retry", nil)
	g.wants(status, to, http.StatusSeeOther, "/failed?m=again")
	status, page := g.get("/failed?m=again")
	g.wants(status, page, 200, "It is tried again as soon as it can be. If it fails once more, it comes back here.", "Nothing has failed")
	if n := b.waits(b.mine, chat.PostNote); n != 1 {
		t.Errorf("%d wait to be tried again", n)
	}
	status, page = g.post("/failed/"+string(first)+"/retry", nil) // the second click of two
	g.wants(status, page, http.StatusNotFound, "This is not here any more")

	for range maxFailed + 2 {
		fail(t, b.server, b.mine.ID, "+14155550177", note)
	}
	status, page = g.get("/failed")
	g.wants(status, page, 200, fmt.Sprintf("%d things failed and wait for you", maxFailed+2), "And 2 more,", "Try all again")
	if n := strings.Count(page, "Dismiss …"); n != maxFailed {
		t.Errorf("%d are listed", n)
	}
	status, page = g.get("/")
	g.wants(status, page, 200, fmt.Sprintf("%d things failed and wait for you.", maxFailed+2), "Look at them", "1 note waits to be posted.")
	status, to = g.post("/failed/retry", nil)
	g.wants(status, to, http.StatusSeeOther, "/failed?m=all-again")
	if n := b.waits(b.mine, chat.PostNote); n != maxFailed+3 {
		t.Errorf("%d wait to be tried again", n)
	}
	if n := b.failed(b.its); n != 1 {
		t.Errorf("another shop has %d failures", n)
	}
	status, to = g.post("/failed/retry", nil)
	g.wants(status, to, http.StatusSeeOther, "/failed?m=gone")
}

// TestTriedAgain: what a merchant has tried again is really carried out.
func TestTriedAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.text(jane, "I want to talk to a person")
	ticket := s.ticketOf(jane)
	s.settled()
	id := fail(t, s.server, s.shop.ID, jane, chat.Delivery{Kind: chat.SyncTicket, Account: chat.HelpdeskAccount(demoDesk), Tries: 1, Problem: "Refused."})
	b := &booth{server: s.server, t: t, mine: s.shop}
	g := b.merchant(s.shop)
	status, page := g.get("/failed")
	g.wants(status, page, 200, "The ticket for Jane Doe", fmt.Sprintf("/app/ticket/%d", ticket.ID))
	status, to := g.post("/failed/"+string(id)+"/retry", nil)
	g.wants(status, to, http.StatusSeeOther, "/failed?m=again")
	s.settled()
	if failed, waits := b.failed(s.shop), b.waits(s.shop, chat.SyncTicket); failed+int(waits) != 0 {
		t.Errorf("%d failed and %d wait", failed, waits)
	}
}
