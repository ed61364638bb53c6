package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/server/demo"
	"sidetext/server/e2e/stage"
)

func TestFailedDeliveriesPage(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	b.AddEverything(b.Mine, "willow", "+14155550144")
	g := b.Merchant(b.Mine)
	status, page := g.Get("/failed")
	g.Expect(status, page, 200, "Nothing has failed")
	if _, page = g.Get("/"); strings.Contains(page, "/failed") {
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
		{nameless, chat.Delivery{Kind: chat.PostCode, Account: "gorgias/willow", Problem: "Late."}, []string{"A sign-in code for the conversation with", "A code is valid for ten minutes only."}},
		{nameless, chat.Delivery{Kind: chat.CheckStatus, Account: "twilio/A", Problem: "Unknown."}, []string{"The delivery status of a text to &#43;1 415 555 0178</h2>"}},
	} {
		id := stage.AddFailure(t, b.App, b.Mine.ID, one.with, one.d)
		status, page := g.Get("/failed")
		g.Expect(status, page, 200, append(one.wants, "1 thing failed and waits for you", "/failed/"+string(id)+"/dismiss", "Since <time datetime=")...)
		if strings.Contains(page, "/failed/"+string(id)+"/retry") == (one.d.Kind == chat.PostCode) {
			t.Errorf("%s: offers to try again what can't work, or does not what can", one.d.Kind)
		}
		status, page = g.Get("/")
		g.Expect(status, page, 200, "1 thing failed and waits for you.", `href="/failed">Look at it</a>`)
		status, to := g.Post("/failed/"+string(id)+"/dismiss", nil)
		g.Expect(status, to, http.StatusSeeOther, "/failed?m=dismiss")
		if n := b.CountFailed(b.Mine); n != 0 {
			t.Fatalf("%d are left", n)
		}
	}
}

// listed is how many failures the page lists.
const listed = 50

func TestRetryAndDismiss(t *testing.T) {
	t.Parallel()
	b := stage.NewOffline(t)
	b.AddEverything(b.Mine, "willow", "+14155550144")
	b.AddEverything(b.Other, "goldfinch", "+14155550166")
	g := b.Merchant(b.Mine)
	note := chat.Delivery{Kind: chat.PostNote, Account: "gorgias/willow", Ticket: "7", Tries: 3, Problem: "Gone."}
	theirs := stage.AddFailure(t, b.App, b.Other.ID, "+14155550177", note)
	first := stage.AddFailure(t, b.App, b.Mine.ID, "+14155550177", note)
	for _, what := range []string{"retry", "dismiss"} {
		for _, id := range []string{string(theirs), "nonsense", strings.Repeat("a", 3000), "%2e%2e"} {
			status, page := g.Post("/failed/"+id+"/"+what, nil)
			g.Expect(status, page, http.StatusNotFound)
		}
	}
	if mine, its := b.CountFailed(b.Mine), b.CountFailed(b.Other); mine != 1 || its != 1 {
		t.Fatalf("%d and %d failures are left of one each", mine, its)
	}
	status, to := g.Post("/failed/"+string(first)+"/retry", nil)
	g.Expect(status, to, http.StatusSeeOther, "/failed?m=again")
	status, page := g.Get("/failed?m=again")
	g.Expect(status, page, 200, "It will be tried again soon. If it fails again, it is listed here again.", "Nothing has failed")
	if n := b.CountWaiting(b.Mine, chat.PostNote); n != 1 {
		t.Errorf("%d wait to be tried again", n)
	}
	status, page = g.Post("/failed/"+string(first)+"/retry", nil) // the second click of two
	g.Expect(status, page, http.StatusNotFound, "This is no longer listed")

	for range listed + 2 {
		stage.AddFailure(t, b.App, b.Mine.ID, "+14155550177", note)
	}
	status, page = g.Get("/failed")
	g.Expect(status, page, 200, fmt.Sprintf("%d things failed and wait for you", listed+2), "And 2 more,", "Try all again")
	if n := strings.Count(page, "Dismiss …"); n != listed {
		t.Errorf("%d are listed", n)
	}
	status, page = g.Get("/")
	g.Expect(status, page, 200, fmt.Sprintf("%d things failed and wait for you.", listed+2), "Look at them", "1 note waits to be posted.")
	status, to = g.Post("/failed/retry", nil)
	g.Expect(status, to, http.StatusSeeOther, "/failed?m=all-again")
	if n := b.CountWaiting(b.Mine, chat.PostNote); n != listed+3 {
		t.Errorf("%d wait to be tried again", n)
	}
	if n := b.CountFailed(b.Other); n != 1 {
		t.Errorf("another shop has %d failures", n)
	}
	status, to = g.Post("/failed/retry", nil)
	g.Expect(status, to, http.StatusSeeOther, "/failed?m=gone")
}

// TestRetriedDeliveryIsCarriedOut: what a merchant retries is really carried
// out.
func TestRetriedDeliveryIsCarriedOut(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.SendText(stage.Jane, "I want to talk to a person")
	ticket := s.WaitForTicket(stage.Jane)
	s.WaitUntilIdle()
	id := stage.AddFailure(t, s.App, s.Shop.ID, stage.Jane, chat.Delivery{Kind: chat.SyncTicket, Account: chat.HelpdeskAccount(demo.HelpdeskAccount), Tries: 1, Problem: "Refused."})
	b := &stage.Offline{App: s.App, T: t, Mine: s.Shop}
	g := b.Merchant(s.Shop)
	status, page := g.Get("/failed")
	g.Expect(status, page, 200, "The ticket for Jane Doe", fmt.Sprintf("/app/ticket/%d", ticket.ID))
	status, to := g.Post("/failed/"+string(id)+"/retry", nil)
	g.Expect(status, to, http.StatusSeeOther, "/failed?m=again")
	s.WaitUntilIdle()
	if failed, waits := b.CountFailed(s.Shop), b.CountWaiting(s.Shop, chat.SyncTicket); failed+int(waits) != 0 {
		t.Errorf("%d failed and %d wait", failed, waits)
	}
}
