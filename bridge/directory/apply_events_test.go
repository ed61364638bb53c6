package directory_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
)

func TestApplyEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var want []string
	for n := range 450 {
		v := chat.Vendors()[n%2]
		want = append(want, fmt.Sprint(v, n))
		w.customers(v, want[n])
	}
	w.send(chat.Shopify, "carts/new", "unknown topic")
	w.must(w.applyEvents(1))
	w.expectRecords(want...)
	if !slices.Equal(w.published, want) {
		t.Errorf("published %d changes of %d", len(w.published), len(want))
	}
	if w.store.phones[0] != "+17875550142" {
		t.Errorf("the phone in the shop's country is %q", w.store.phones[0])
	}
	if strings.Contains(w.states(), "failed") || len(w.store.finished) != 1 || len(w.store.ready) != 0 {
		t.Errorf("finished %v, added %v", w.store.finished, w.store.ready)
	}
}

// A webhook that can't be read or saved is set aside, and all others are applied in
// their order.
func TestPoisonEvent(t *testing.T) {
	t.Parallel()
	unavailable := fmt.Errorf("store: %w", chat.ErrUnavailable)
	for name, test := range map[string]struct {
		parsing func(topic, body string) error
		fail    func(call string, u chat.DirectoryUpdate) error
		try     int
	}{
		"unreadable":                           {parsing: poison(func() error { return errors.New("bad JSON") }), try: 1},
		"a panic":                              {parsing: poison(func() error { panic("index out of range") }), try: 1},
		"not applicable":                       {fail: failsOn("apply e002", chat.ErrNotFound), try: 1},
		"data that the database does not take": {fail: failsOn("apply e002", unavailable), try: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.parsing, w.store.fail = test.parsing, test.fail
			w.customers(chat.Shopify, "a", "poison", "b", "c")
			w.must(w.applyEvents(test.try))
			w.expectRecords("a", "b", "c")
			if got := w.states(); got != "applied failed applied applied" {
				t.Errorf("events: %s", got)
			}
			if problem := w.store.events[1].problem; !strings.Contains(problem, "Shopify") || !strings.HasSuffix(problem, ".") {
				t.Errorf("people read %q", problem)
			}
			if len(w.store.finished) != 1 {
				t.Error("the delivery is not done")
			}
		})
	}
}

func poison(fail func() error) func(topic, body string) error {
	return func(_, body string) error {
		if body == "poison" {
			return fail()
		}
		return nil
	}
}

func failsOn(call string, err error) func(string, chat.DirectoryUpdate) error {
	return func(c string, _ chat.DirectoryUpdate) error {
		if c == call {
			return err
		}
		return nil
	}
}

// While the store can't be used nothing is set aside, however often it is tried.
func TestStoreUnavailable(t *testing.T) {
	t.Parallel()
	for try := 1; try <= 5; try++ {
		w := newWorld(t)
		w.store.fail = func(string, chat.DirectoryUpdate) error { return chat.ErrUnavailable }
		w.customers(chat.Shopify, "a", "b")
		if err := w.applyEvents(try); !errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("try %d: %v", try, err)
		}
		if strings.TrimSpace(w.states()) != "" || len(w.store.finished) != 0 {
			t.Errorf("try %d: events %q, finished %v", try, w.states(), w.store.finished)
		}
		w.store.fail = nil
		w.must(w.applyEvents(try + 1))
		w.expectRecords("a", "b")
	}
}

// A store that fails once at the third try is not the webhooks' fault.
func TestStoreFailsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	calls := 0
	w.store.fail = func(string, chat.DirectoryUpdate) error {
		if calls++; calls <= 2 {
			return chat.ErrUnavailable
		}
		return nil
	}
	w.customers(chat.Shopify, "a", "b")
	w.must(w.applyEvents(3))
	w.expectRecords("a", "b")
}

// Webhooks of a connection that is paused wait until it is resumed.
func TestPausedConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.customers(chat.Shopify, "s1")
	w.customers(chat.Recharge, "r1")
	w.customers(chat.Shopify, "s2")
	w.must(w.store.SetConnectionStatus(w.ctx, "tea", chat.Shopify, chat.ConnectionPaused, chat.Problem{}, noon))
	w.must(w.applyEvents(1))
	w.expectRecords("r1")
	w.must(w.store.SetConnectionStatus(w.ctx, "tea", chat.Shopify, chat.ConnectionActive, chat.Problem{}, noon))
	w.must(w.applyEvents(1))
	w.expectRecords("r1", "s1", "s2")
	// What a vendor sends while it refuses requests is as good as ever.
	w.must(w.store.SetConnectionStatus(w.ctx, "tea", chat.Shopify, chat.ConnectionBroken, chat.Problem{}, noon))
	w.customers(chat.Shopify, "s3")
	w.must(w.applyEvents(1))
	w.expectRecords("r1", "s1", "s2", "s3")
}

// A long queue is worked off by several deliveries, each within the courier's time.
func TestManyEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.after = func(call string) error {
			if call == "apply" {
				time.Sleep(7 * time.Second)
			}
			return nil
		}
		const events = 750
		for n := range events {
			w.customers(chat.Shopify, fmt.Sprint(n))
		}
		runs := 0
		for jobs := []chat.Delivery{chat.NewEventsDelivery("tea", noon)}; len(jobs) > 0; runs++ {
			w.store.ready = nil
			began := time.Now()
			w.must(w.handle(jobs[0], 1))
			if took := time.Since(began); took > 40*time.Second {
				t.Errorf("run %d took %s", runs, took)
			}
			if !slices.Contains(w.store.finished, jobs[0].ID) {
				t.Fatalf("run %d is not done", runs)
			}
			jobs = w.store.ready
		}
		if len(w.store.records) != events || runs != 2 {
			t.Errorf("%d applied in %d runs", len(w.store.records), runs)
		}
	})
}

// After a kill at any point the rest is applied, and nothing twice.
func TestKillWhileApplyingEvents(t *testing.T) {
	t.Parallel()
	for point := 1; point <= 8; point++ {
		w := newWorld(t)
		w.customers(chat.Shopify, "a", "b")
		w.send(chat.Shopify, "privacy", `{"ID":"r1","Kind":"erase","CustomerID":"a"}`)
		w.customers(chat.Shopify, "c")
		revive := w.killAfter(point)
		killed := w.applyEvents(1) != nil
		if revive(); killed {
			w.must(w.applyEvents(2))
		}
		w.expectRecords("b", "c")
		if got := w.states(); got != "applied applied applied applied" || len(w.store.requests) != 1 || w.store.requests[0].DoneAt.IsZero() {
			t.Errorf("killed after change %d: events %q, requests %+v", point, got, w.store.requests)
		}
	}
}
