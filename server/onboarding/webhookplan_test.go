package onboarding

import (
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

func TestPlanWebhooks(t *testing.T) {
	t.Parallel()
	const here, old, foreign = "https://here/hooks/shopify/e", "https://old/hooks/shopify/e", "https://elsewhere/x"
	wanted := []chat.Registration{{Topic: "a", Address: here}, {Topic: "b", Address: here}}
	for name, test := range map[string]struct {
		found []webhook
		limit int
		want  string
	}{
		"none":                {nil, 0, "create a, b"},
		"all":                 {[]webhook{{id: "1", topic: "a", address: here}, {id: "2", topic: "b", address: here}}, 0, "keep 1, 2"},
		"one deleted":         {[]webhook{{id: "2", topic: "b", address: here}}, 0, "keep 2; create a"},
		"old address":         {[]webhook{{id: "1", topic: "a", address: old}, {id: "2", topic: "b", address: here}}, 0, "keep 2; move 1"},
		"two old":             {[]webhook{{id: "1", topic: "a", address: old}, {id: "3", topic: "a", address: old}, {id: "2", topic: "b", address: here}}, 0, "keep 2; move 1; remove 3"},
		"old and new":         {[]webhook{{id: "1", topic: "a", address: old}, {id: "3", topic: "a", address: here}, {id: "2", topic: "b", address: here}}, 0, "keep 2, 3; remove 1"},
		"twice":               {[]webhook{{id: "1", topic: "a", address: here}, {id: "3", topic: "a", address: here}, {id: "2", topic: "b", address: here}}, 0, "keep 1, 2; remove 3"},
		"foreign":             {[]webhook{{id: "9", topic: "a", address: foreign}, {id: "1", topic: "a", address: here}, {id: "2", topic: "b", address: here}}, 0, "keep 1, 2"},
		"only foreign":        {[]webhook{{id: "9", topic: "a", address: foreign}, {id: "8", topic: "z", address: foreign}}, 0, "create a, b"},
		"not wanted now":      {[]webhook{{id: "1", topic: "a", address: here}, {id: "2", topic: "b", address: here}, {id: "3", topic: "z", address: here}}, 0, "keep 1, 2; remove 3"},
		"changed by a person": {[]webhook{{id: "1", topic: "a", address: here, changed: true}, {id: "2", topic: "b", address: here}}, 0, "keep 2; move 1"},
		"no room":             {[]webhook{{id: "8", topic: "a", address: foreign}, {id: "9", topic: "a", address: foreign}}, 2, "create b; full a"},
		"room by moving":      {[]webhook{{id: "8", topic: "a", address: foreign}, {id: "1", topic: "a", address: old}}, 2, "move 1; create b"},
		"room is counted":     {[]webhook{{id: "8", topic: "a", address: foreign}}, 2, "create a, b"},
	} {
		plan := planWebhooks(wanted, test.found, func(w webhook) bool { return w.address != foreign }, test.limit)
		var got []string
		add := func(what string, items []string) {
			if len(items) > 0 {
				got = append(got, what+" "+strings.Join(items, ", "))
			}
		}
		var kept, moved, created, removed []string
		for _, id := range []string{"1", "2", "3", "8", "9"} {
			for _, k := range plan.kept {
				if k == id {
					kept = append(kept, id)
				}
			}
		}
		for _, w := range plan.move {
			if w.address != here {
				t.Errorf("%s: moved to %s", name, w.address)
			}
			moved = append(moved, w.id)
		}
		for _, r := range plan.create {
			created = append(created, r.Topic)
		}
		for _, w := range plan.remove {
			removed = append(removed, w.id)
		}
		add("keep", kept)
		add("move", moved)
		add("create", created)
		add("remove", removed)
		add("full", plan.full)
		if text := strings.Join(got, "; "); text != test.want {
			t.Errorf("%s: %s, want %s", name, text, test.want)
		}
	}
}

func TestScopeIsGranted(t *testing.T) {
	t.Parallel()
	either := scope{names: []string{"read_store", "store_info"}}
	for name, test := range map[string]struct {
		scope   scope
		granted string
		want    bool
	}{
		"same":                {scope{names: []string{"read_orders"}}, "read_customers read_orders", true},
		"missing":             {scope{names: []string{"read_orders"}}, "read_customers", false},
		"none at all":         {scope{names: []string{"read_orders"}}, "", false},
		"writing is reading":  {scope{names: []string{"read_orders"}}, "write_orders", true},
		"reading no writing":  {scope{names: []string{"write_orders"}}, "read_orders", false},
		"the other name":      {either, "store_info", true},
		"a longer name":       {scope{names: []string{"read_orders"}}, "read_orders_all", false},
		"all orders are less": {scope{names: []string{"read_orders"}}, "read_all_orders", false},
	} {
		if got := test.scope.in(strings.Fields(test.granted)); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSince(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 11, n, 12, 0, 0, 0, time.UTC) }
	done := func(part string, n int) chat.Reconciliation {
		return chat.Reconciliation{Vendor: chat.Shopify, Part: part, StartedAt: day(n), EndedAt: day(n).Add(time.Hour)}
	}
	running := func(part string, since time.Time) chat.Reconciliation {
		return chat.Reconciliation{Vendor: chat.Shopify, Part: part, StartedAt: day(20), Since: since}
	}
	other := done("orders", 1)
	other.Vendor = chat.Recharge
	for name, test := range map[string]struct {
		lists []chat.Reconciliation
		want  time.Time
	}{
		"never":                  {nil, time.Time{}},
		"complete":               {[]chat.Reconciliation{done("customers", 10), done("orders", 9)}, day(9).Add(-overlap)},
		"one is missing":         {[]chat.Reconciliation{done("customers", 10)}, time.Time{}},
		"the first one runs":     {[]chat.Reconciliation{done("customers", 10), running("orders", time.Time{})}, time.Time{}},
		"a later one runs":       {[]chat.Reconciliation{done("customers", 10), running("orders", day(5))}, day(5)},
		"another vendor's":       {[]chat.Reconciliation{done("customers", 10), other}, time.Time{}},
		"a list no longer known": {[]chat.Reconciliation{done("customers", 10), done("orders", 9), done("drafts", 1)}, day(9).Add(-overlap)},
	} {
		if got := since(test.lists, chat.Shopify, []string{"customers", "orders"}); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestEndpointOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://here/hooks/shopify/abc": "abc", "https://here/hooks/shopify/abc/": "abc", "https://here/hooks/shopify/": "", "https://here/hooks/recharge/abc": "",
		"https://here/base/hooks/shopify/abc": "abc", "": "", "pubsub://project:topic": "",
	} {
		if got := endpointOf(chat.Shopify, address); got != want {
			t.Errorf("%s: %q", address, got)
		}
	}
	if got := endpointOf(chat.Recharge, "https://here/hooks/recharge/abc/charge/paid"); got != "abc" {
		t.Errorf("of Recharge: %q", got)
	}
}
