package directory_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

func rejected(code string, whole bool) error {
	return &chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: code, Text: "Please fix " + code + "."}, WholeAccount: whole}
}

func TestRefreshCustomer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err      error
		prepare  func(*world)
		records  []string
		finished bool
		status   chat.ConnectionStatus
	}{
		"read":                 {records: []string{"33"}, finished: true, status: chat.ConnectionActive},
		"gone at Recharge":     {err: rejected("gone", false), finished: true, status: chat.ConnectionActive},
		"refused":              {err: rejected("rejected", false), status: chat.ConnectionActive},
		"not reachable":        {err: &chat.SendError{Outcome: chat.NotSent}, status: chat.ConnectionActive},
		"the token is refused": {err: rejected("token", true), status: chat.ConnectionBroken},
		"disconnected":         {prepare: func(w *world) { delete(w.store.connections, chat.Recharge) }, finished: true},
		"paused": {prepare: func(w *world) {
			w.must(w.store.SetConnectionStatus(w.ctx, "tea", chat.Recharge, chat.ConnectionPaused, chat.Problem{}, noon))
		}, status: chat.ConnectionPaused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			job := chat.NewRefreshDelivery(w.store.connections[chat.Recharge], "33", noon)
			w.source.refresh = func(id string) (u chat.DirectoryUpdate, err error) {
				if test.err == nil {
					u.Customers = append(u.Customers, customer(id))
				}
				return u, test.err
			}
			if test.prepare != nil {
				test.prepare(w)
			}
			if err := w.handle(job, 1); (err == nil) != test.finished || test.err != nil && !test.finished && !errors.Is(err, test.err) {
				t.Errorf("got %v", err)
			}
			w.expectRecords(test.records...)
			if got := len(w.store.finished) == 1; got != test.finished {
				t.Errorf("finished %v", w.store.finished)
			}
			if status := w.store.connections[chat.Recharge].Status; status != test.status {
				t.Errorf("the connection is %q", status)
			}
		})
	}
}

func TestWriteConsent(t *testing.T) {
	t.Parallel()
	const first, second = "tea.myshopify.com 601 2026-12-01T12:00:00Z", "tea.myshopify.com 602 2026-12-01T12:00:00Z"
	for name, test := range map[string]struct {
		revoke   func(customer string) error
		prepare  func(*world)
		revoked  []string
		finished bool
		status   chat.ConnectionStatus
		code     string // of the error
	}{
		"told":                          {revoked: []string{first, second}, finished: true, status: chat.ConnectionActive},
		"no customer has the phone":     {prepare: func(w *world) { w.store.own = nil }, finished: true, status: chat.ConnectionActive},
		"a customer who is gone":        {revoke: revokeFails("601", rejected("gone", false)), revoked: []string{second}, finished: true, status: chat.ConnectionActive},
		"refused for one":               {revoke: revokeFails("601", rejected("rejected", false)), revoked: []string{second}, status: chat.ConnectionActive, code: "rejected"},
		"not reachable":                 {revoke: revokeFails("602", &chat.SendError{Outcome: chat.NotSent, Problem: chat.Problem{Code: "unreachable"}}), revoked: []string{first}, status: chat.ConnectionActive, code: "unreachable"},
		"the token is refused":          {revoke: revokeFails("601", rejected("token", true)), status: chat.ConnectionBroken, code: "token"},
		"the scope to write is missing": {revoke: revokeFails("601", rejected("scope", true)), status: chat.ConnectionActive, code: "scope"},
		"disconnected":                  {prepare: func(w *world) { delete(w.store.connections, chat.Shopify) }, finished: true},
		"connected to another store": {prepare: func(w *world) {
			c := connection(chat.Shopify)
			c.Account = "other.myshopify.com"
			w.store.connections[chat.Shopify] = c
		}, finished: true, status: chat.ConnectionActive},
		"paused": {prepare: func(w *world) {
			w.must(w.store.SetConnectionStatus(w.ctx, "tea", chat.Shopify, chat.ConnectionPaused, chat.Problem{}, noon))
		}, status: chat.ConnectionPaused, code: "paused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.store.own["+13125550101"] = []string{"601", "602"}
			w.revoke = test.revoke
			job := chat.Delivery{ID: "d", Shop: "tea", Kind: chat.WriteConsent, Account: connection(chat.Shopify).VendorAccount(), Conversation: "jane",
				Payload: chat.EncodePayload(chat.ConsentPayload{State: chat.ConsentRevoked, At: noon})}
			if test.prepare != nil {
				test.prepare(w)
			}
			err := w.handle(job, 1)
			var failed *chat.SendError
			if errors.As(err, &failed); (err == nil) != test.finished || err != nil && (failed == nil || failed.Problem.Code != test.code) {
				t.Errorf("got %v", err)
			}
			if test.code == "scope" && failed.WholeAccount {
				t.Error("reading waits for the scope to write")
			}
			if !slices.Equal(w.revoked, test.revoked) || (len(w.store.finished) == 1) != test.finished {
				t.Errorf("told %q, finished %v", w.revoked, w.store.finished)
			}
			if status := w.store.connections[chat.Shopify].Status; status != test.status {
				t.Errorf("the connection is %q", status)
			}
		})
	}
}

func revokeFails(customer string, err error) func(string) error {
	return func(id string) error {
		if id == customer {
			return err
		}
		return nil
	}
}

// A conversation that is gone has no opt-out to report.
func TestWriteConsentWithoutConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := chat.Delivery{ID: "d", Shop: "tea", Kind: chat.WriteConsent, Account: connection(chat.Shopify).VendorAccount(), Conversation: "gone",
		Payload: chat.EncodePayload(chat.ConsentPayload{State: chat.ConsentRevoked, At: noon})}
	w.must(w.handle(job, 1))
	if len(w.store.finished) != 1 {
		t.Error("it waits")
	}
}

// A delivery that another version wrote is refused, and not run.
func TestUnreadablePayloads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for kind, payload := range map[chat.DeliveryKind]string{
		chat.ApplyEvents: `{"vendor":"shopify"}`, chat.Reconcile: `{"vendor":"etsy"}`, chat.RefreshCustomer: `{}`, chat.WriteConsent: `{"state":"given","at":"2026-12-01T12:00:00Z"}`,
	} {
		job := chat.Delivery{ID: "d", Shop: "tea", Kind: kind, Account: "shopify/tea.myshopify.com", At: noon.Add(-time.Minute), Payload: payload}
		if err := w.handle(job, 1); !errors.Is(err, chat.ErrPayload) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
