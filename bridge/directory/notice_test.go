package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

func TestUninstalled(t *testing.T) {
	t.Parallel()
	for _, v := range chat.Vendors() {
		w := newWorld(t)
		w.send(v, "app/uninstalled", "")
		w.must(w.applyEvents(1))
		c := w.store.connections[v]
		if c.Status != chat.ConnectionBroken || c.Problem.Code != "uninstalled" || !strings.Contains(c.Problem.Text, "removed from the store") || !strings.Contains(c.Problem.Text, "connect") {
			t.Errorf("the connection is %s: %+v", c.Status, c.Problem)
		}
		if w.states() != "applied" {
			t.Errorf("events: %s", w.states())
		}
	}
}

// A notice from before the shop connected again changes nothing.
func TestLateUninstalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(chat.Shopify, "app/uninstalled", "")
	w.store.events[0].TriggeredAt = w.store.connections[chat.Shopify].ConnectedAt.Add(-time.Minute)
	w.must(w.applyEvents(1))
	if c := w.store.connections[chat.Shopify]; c.Status != chat.ConnectionActive || w.states() != "applied" {
		t.Errorf("the connection is %s, events: %s", c.Status, w.states())
	}
}

// A check that can't be started now delays nothing.
func TestScopesChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(chat.Shopify, "app/scopes_update", "")
	w.customers(chat.Shopify, "a")
	w.must(w.applyEvents(1))
	w.expectRecords("a")
	if !slices.Equal(w.rechecked, []chat.Vendor{chat.Shopify}) {
		t.Errorf("checked %v", w.rechecked)
	}
}

func TestDataRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := noon.Add(-time.Hour)
	w.send(chat.Shopify, "privacy", `{"ID":"r1","Kind":"export","Topic":"customers/data_request","Person":"jane@example.com","CustomerID":"601","Phone":"(787) 555-0142",
		"At":"2026-12-07T00:00:00Z","Due":"2027-01-06T00:00:00Z"}`)
	w.store.events[0].TriggeredAt = at
	w.must(w.applyEvents(1))
	want := chat.PrivacyRequest{
		ID: "r1", Shop: "tea", Kind: chat.PrivacyExport, Topic: "customers/data_request", Person: "jane@example.com", CustomerID: "601", Phone: "+17875550142",
		At: at, Due: at.Add(30 * 24 * time.Hour),
	}
	if len(w.store.requests) != 1 || w.store.requests[0] != want {
		t.Errorf("got %+v\nwant %+v", w.store.requests, want)
	}
	if w.store.did != nil {
		t.Errorf("did %v", w.store.did)
	}
}

// What came before the demand is erased; what comes later stays.
func TestErasePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.customers(chat.Shopify, "601", "602")
	w.send(chat.Shopify, "privacy", `{"ID":"r1","Kind":"erase","CustomerID":"601"}`)
	w.customers(chat.Shopify, "603")
	w.must(w.applyEvents(1))
	w.expectRecords("602", "603")
	if len(w.store.requests) != 1 || w.store.requests[0].DoneAt.IsZero() {
		t.Errorf("requests: %+v", w.store.requests)
	}
}

// A store that is erased is read anew if it is connected again.
func TestEraseShop(t *testing.T) {
	t.Parallel()
	for status, reads := range map[chat.ConnectionStatus]bool{chat.ConnectionActive: true, chat.ConnectionBroken: false} {
		w := newWorld(t)
		w.must(w.store.SetConnectionStatus(w.ctx, "tea", chat.Shopify, status, chat.Problem{}, noon))
		w.customers(chat.Shopify, "601")
		w.send(chat.Shopify, "privacy", `{"ID":"r1","Kind":"erase_shop"}`)
		w.must(w.applyEvents(1))
		w.expectRecords()
		if want := map[bool]int{true: 2}[reads]; len(w.store.parts) != want || len(w.store.ready) != want/2 || w.woken != want/2 {
			t.Errorf("%s: reads %+v", status, w.store.parts)
		}
		if !slices.Equal(w.store.did, []string{"erase all of shopify"}) || w.store.requests[0].DoneAt.IsZero() {
			t.Errorf("%s: did %v, requests %+v", status, w.store.did, w.store.requests)
		}
	}
}

// A notice that can't be read, or not be obeyed, is set aside and delays nothing else.
func TestBadNotice(t *testing.T) {
	t.Parallel()
	const erase = `{"ID":"r1","Kind":"erase","CustomerID":"601"}`
	for name, test := range map[string]struct {
		topic, body string
		fail        error
		try         int
	}{
		"unreadable": {"privacy", "{", nil, 1}, "a panic": {"panic notice", "", nil, 1},
		"refused": {"privacy", erase, chat.ErrNotFound, 1}, "refused again and again": {"privacy", erase, fmt.Errorf("store: %w", chat.ErrUnavailable), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if test.fail != nil {
				w.store.fail = failsOn("erase", test.fail)
			}
			w.customers(chat.Shopify, "a")
			w.send(chat.Shopify, test.topic, test.body)
			w.customers(chat.Shopify, "b")
			w.must(w.applyEvents(test.try))
			w.expectRecords("a", "b")
			if got := w.states(); got != "applied failed applied" || w.store.events[1].problem == "" {
				t.Errorf("events: %s, %q", got, w.store.events[1].problem)
			}
		})
	}
}
