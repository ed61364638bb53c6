package recharge

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
)

// TestPage reads each part in pages.
func TestPage(t *testing.T) {
	t.Parallel()
	objects := map[string]string{"customers": customerBody, "addresses": addressBody, "subscriptions": subscriptionBody, "charges": chargeBody}
	want := map[string]chat.DirectoryUpdate{
		"customers":     {Customers: []chat.CustomerRecord{customerRecord}},
		"addresses":     {Customers: []chat.CustomerRecord{addressRecord}},
		"subscriptions": {Subscriptions: []chat.SubscriptionRecord{subscriptionRecord}},
		"charges":       {Charges: []chat.ChargeRecord{chargeRecord}},
	}
	if got := (Directory{}).Parts(); !slices.Equal(got, []string{"customers", "addresses", "subscriptions", "charges"}) {
		t.Errorf("parts %q", got)
	}
	for part, body := range objects {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			_, accounts := newStore(t, Limits{}, func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				first := url.Values{"limit": {"250"}, "updated_at_min": {"2026-11-30T19:00:00"}} // Eastern Time
				second := url.Values{"limit": {"250"}, "cursor": {"c2"}}                         // no other filters
				wrapper := parsedWrapper(body)
				switch {
				case r.URL.Path != "/"+part:
					t.Errorf("requested %s", r.URL)
				case reflect.DeepEqual(q, first):
					fmt.Fprintf(w, `{"next_cursor":"c2","previous_cursor":null,%q:[%s,{"no":"id"},7]}`, part, wrapper)
				case reflect.DeepEqual(q, second):
					fmt.Fprintf(w, `{"next_cursor":null,"previous_cursor":"c1",%q:[%s]}`, part, wrapper)
				default:
					t.Errorf("requested %s", r.URL)
				}
			})
			d := Directory{accounts}
			cursor := ""
			for _, next := range []string{"c2", ""} {
				u, got, err := d.Page(t.Context(), testConnection, part, cursor, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
				w := want[part]
				w.Vendor = chat.Recharge
				if err != nil || got != next || !reflect.DeepEqual(u, w) {
					t.Errorf("after %q: got %+v, %q, %v", cursor, u, got, err)
				}
				cursor = got
			}
		})
	}
}

// parsedWrapper returns the object in a wrapper, as JSON.
func parsedWrapper(body string) string {
	for i := range body {
		if i > 0 && body[i] == '{' {
			return body[i : len(body)-1]
		}
	}
	return ""
}

func TestPageOfEverything(t *testing.T) {
	t.Parallel()
	_, accounts := newStore(t, Limits{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "limit=250" {
			t.Errorf("requested %s", r.URL)
		}
		fmt.Fprint(w, `{"customers":[]}`)
	})
	if _, next, err := (Directory{accounts}).Page(t.Context(), testConnection, "customers", "", time.Time{}); next != "" || err != nil {
		t.Errorf("got %q, %v", next, err)
	}
}

// TestOldCursor: a cursor that has expired is refused; the list is read anew.
func TestOldCursor(t *testing.T) {
	t.Parallel()
	_, accounts := newStore(t, Limits{}, answer(422, `{"errors":{"cursor":["Invalid value"]}}`))
	_, next, err := (Directory{accounts}).Page(t.Context(), testConnection, "charges", "old", time.Time{})
	var failed *chat.SendError
	if !errors.As(err, &failed) || failed.Outcome != chat.Rejected || failed.WholeAccount || next != "" {
		t.Errorf("got %q, %+v", next, failed)
	}
}

// TestSameCursor: a list whose cursor does not move ends with an empty page. With
// objects on it, the rest of the list is unknown.
func TestSameCursor(t *testing.T) {
	t.Parallel()
	_, accounts := newStore(t, Limits{}, answer(200, `{"charges":[],"next_cursor":"c2"}`))
	if _, next, err := (Directory{accounts}).Page(t.Context(), testConnection, "charges", "c2", time.Time{}); next != "" || err != nil {
		t.Errorf("got %q, %v", next, err)
	}
	_, err := clientOf(t, accounts).Charges(t.Context(), "3")
	if err != nil {
		t.Error(err)
	}
	_, accounts = newStore(t, Limits{}, answer(200, `{"charges":[{"id":1}],"next_cursor":"c2"}`))
	if u, next, err := (Directory{accounts}).Page(t.Context(), testConnection, "charges", "c2", time.Time{}); err == nil {
		t.Errorf("a page that leads to itself: got %+v, %q", u, next)
	}
	endless := 0
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		endless++
		fmt.Fprintf(w, `{"charges":[],"next_cursor":"c%d"}`, endless)
	})
	_, err = c.Charges(t.Context(), "3")
	if e := apiError(t, err); e.Temporary() || endless != maxPages {
		t.Errorf("got %v after %d pages", e, endless)
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	_, accounts := newStore(t, Limits{}, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("customer_id") != "3" {
			t.Errorf("requested %s", r.URL)
		}
		switch {
		case r.URL.Path == "/subscriptions" && !q.Has("cursor") && !q.Has("status"):
			fmt.Fprint(w, `{"subscriptions":[{"id":7,"customer_id":3,"status":"active"},{"id":6,"customer_id":3,"status":"cancelled"}]}`)
		case r.URL.Path == "/charges" && q.Get("status") == "queued":
			fmt.Fprint(w, `{"charges":[{"id":9,"customer":{"id":3},"status":"queued"}]}`)
		case r.URL.Path == "/charges" && q.Get("sort_by") == "updated_at-desc":
			fmt.Fprint(w, `{"charges":[{"id":8,"customer":{"id":3},"status":"success"},{"id":9,"customer":{"id":3},"status":"queued"},{"id":5,"customer":{"id":3},"status":"queued"}]}`)
		default:
			t.Errorf("requested %s", r.URL)
		}
	})
	got, err := Directory{accounts}.Refresh(t.Context(), testConnection, "3")
	want := chat.DirectoryUpdate{
		Vendor:        chat.Recharge,
		Subscriptions: []chat.SubscriptionRecord{{ID: "7", CustomerID: "3", Status: "active"}, {ID: "6", CustomerID: "3", Status: "cancelled"}},
		Charges:       []chat.ChargeRecord{{ID: "9", CustomerID: "3", Status: "queued"}, {ID: "8", CustomerID: "3", Status: "success"}},
		Complete:      []string{"3"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// TestDirectoryErrors: the errors of a Directory are those of deliveries.
func TestDirectoryErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status  int
		outcome chat.Outcome
		code    string
	}{"token": {401, chat.Rejected, "token"}, "scope": {403, chat.Rejected, "scope"}, "down": {503, chat.NotSent, "unreachable"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, accounts := newStore(t, Limits{}, answer(test.status, ``))
				d := Directory{accounts}
				_, _, page := d.Page(t.Context(), testConnection, "charges", "", time.Time{})
				u, refresh := d.Refresh(t.Context(), testConnection, "3")
				for _, err := range []error{page, refresh} {
					if s := sendErrorOf(t, err); s.Outcome != test.outcome || s.Problem.Code != test.code || s.WholeAccount != (test.outcome == chat.Rejected) {
						t.Errorf("got %+v", s)
					}
				}
				if len(u.Complete) > 0 {
					t.Error("an incomplete update says that it is complete")
				}
			})
		})
	}
	_, accounts := newStore(t, Limits{}, answer(200, `{}`))
	if _, _, err := (Directory{accounts}).Page(t.Context(), testConnection, "x", "", time.Time{}); err == nil {
		t.Error("read an unknown part")
	}
	if s := sendErrorOf(t, func() error {
		_, _, err := Directory{accounts}.Page(t.Context(), chat.Connection{}, "charges", "", time.Time{})
		return err
	}()); s.Outcome != chat.Rejected || s.Problem.Code != "token" || !s.WholeAccount {
		t.Errorf("without a token: got %+v", s)
	}
	if u, err := (Directory{}).Parse("charge/paid", []byte(chargeBody)); err != nil || len(u.Charges) != 1 {
		t.Errorf("got %+v, %v", u, err)
	}
}
