package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidetext/chat"
)

// start starts reading the lists and returns the delivery.
func (w *world) start(since time.Time) chat.Delivery {
	w.Helper()
	c := w.store.connections[chat.Shopify]
	w.must(w.store.StartReconciliation(w.ctx, c, w.source.Parts(), since, noon))
	job := w.store.ready[len(w.store.ready)-1]
	w.store.ready = nil
	return job
}

// complete reports whether all lists have been read.
func (w *world) complete() bool {
	return len(w.store.parts) > 0 && !slices.ContainsFunc(w.store.parts, func(r chat.Reconciliation) bool { return !r.Done() })
}

func lists(customers, orders int) map[string][]string {
	all := map[string][]string{}
	for part, n := range map[string]int{"customers": customers, "orders": orders} {
		for i := range n {
			all[part] = append(all[part], fmt.Sprint(part[:1], i))
		}
	}
	return all
}

func TestReconcile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.lists = lists(5, 3)
	since := noon.Add(-25 * time.Hour)
	job := w.start(since)
	w.must(w.handle(job, 1))
	w.expectRecords("c0", "c1", "c2", "c3", "c4", "o0", "o1", "o2")
	if want := []string{"customers", "customers 2", "customers 4", "orders", "orders 2"}; !slices.Equal(w.source.pages, want) {
		t.Errorf("read %q", w.source.pages)
	}
	for i, r := range w.store.parts {
		if want := []int64{5, 3}[i]; !r.Done() || r.Read != want || r.Problem != "" {
			t.Errorf("%+v", r)
		}
	}
	if !w.source.since[0].Equal(since) || len(w.published) != 8 || w.store.phones[0] != "+17875550142" || len(w.store.finished) != 1 || len(w.store.ready) != 0 {
		t.Errorf("since %v, published %v, phone %q, finished %v, then %v", w.source.since[0], w.published, w.store.phones[0], w.store.finished, w.store.ready)
	}
	// Another delivery finds nothing to do.
	w.must(w.handle(chat.NewReconcileDelivery(w.store.connections[chat.Shopify], noon), 1))
	if len(w.source.pages) != 5 {
		t.Errorf("then it read %q", w.source.pages[5:])
	}
}

// Killed after any change of the store, it goes on with the next page that was not saved.
func TestKillWhileReconciling(t *testing.T) {
	t.Parallel()
	for point := 1; point <= 7; point++ {
		w := newWorld(t)
		w.source.lists = lists(5, 3)
		job := w.start(time.Time{})
		revive := w.killAfter(point)
		killed := w.handle(job, 1) != nil
		if revive(); killed {
			w.must(w.handle(job, 2))
		}
		w.expectRecords("c0", "c1", "c2", "c3", "c4", "o0", "o1", "o2")
		if n := len(w.source.pages); n != 5 || !w.complete() {
			t.Errorf("killed after change %d: read %q, then %+v", point, w.source.pages, w.store.parts)
		}
	}
}

// Killed while a page is read, it reads that page again.
func TestKillWhileReadingPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.lists = lists(5, 0)
	job := w.start(time.Time{})
	revive := w.killAfter(0)
	w.source.before = func(_, cursor string) error {
		if cursor == "2" {
			return context.Canceled
		}
		return nil
	}
	if err := w.handle(job, 1); err == nil {
		t.Fatal("it went on")
	}
	revive()
	w.source.before = nil
	w.must(w.handle(job, 2))
	w.expectRecords("c0", "c1", "c2", "c3", "c4")
}

// A long list is read by several deliveries, each within the courier's time. A page that
// takes too long is broken off, and read by the next one.
func TestLongList(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		takes time.Duration // each of ten pages
		runs  int
	}{"quick pages": {4 * time.Second, 2}, "slow pages": {29 * time.Second, 10}, "very slow pages": {38 * time.Second, 10}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.source.lists, w.source.takes = lists(20, 0), test.takes
				runs := 0
				for jobs := []chat.Delivery{w.start(time.Time{})}; len(jobs) > 0; runs++ {
					w.store.ready = nil
					began := time.Now()
					w.must(w.handle(jobs[0], 1))
					if took := time.Since(began); took > 41*time.Second {
						t.Errorf("run %d took %s", runs, took)
					}
					jobs = w.store.ready
				}
				if n := len(w.store.records); n != 20 || !w.complete() || runs > test.runs+2 {
					t.Errorf("%d records after %d runs", n, runs)
				}
			})
		})
	}
}

// If no page can be read in time the vendor is slow, and the delivery waits.
func TestPageTakesTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.source.lists, w.source.takes = lists(4, 0), time.Minute
		job := w.start(time.Time{})
		err := w.handle(job, 1)
		var failed *chat.SendError
		if !errors.As(err, &failed) || failed.Outcome != chat.NotSent || w.store.parts[0].Problem != "Shopify can't be reached." {
			t.Errorf("got %v, %+v", err, w.store.parts)
		}
		w.source.takes = 0
		w.must(w.handle(job, 2))
		w.expectRecords("c0", "c1", "c2", "c3")
	})
}

func TestReconcileFails(t *testing.T) {
	t.Parallel()
	sendError := func(outcome chat.Outcome, code string, whole bool) error {
		return fmt.Errorf("read: %w", &chat.SendError{Outcome: outcome, Problem: chat.Problem{Code: code, Text: "Please fix " + code + "."}, WholeAccount: whole})
	}
	for name, test := range map[string]struct {
		err     error
		status  chat.ConnectionStatus
		problem string
		cursor  string // afterwards
	}{
		"not reachable":           {sendError(chat.NotSent, "unreachable", false), chat.ConnectionActive, "Please fix unreachable.", "2"},
		"too many requests":       {sendError(chat.NotSent, "throttled", true), chat.ConnectionActive, "Please fix throttled.", "2"},
		"the token is refused":    {sendError(chat.Rejected, "token", true), chat.ConnectionBroken, "Please fix token.", "2"},
		"a scope is missing":      {sendError(chat.Rejected, "scope", true), chat.ConnectionBroken, "Please fix scope.", "2"},
		"the store is closed":     {sendError(chat.Rejected, "shop_closed", true), chat.ConnectionBroken, "Please fix shop_closed.", "2"},
		"the cursor has expired":  {sendError(chat.Rejected, "rejected", false), chat.ConnectionActive, "Please fix rejected.", ""},
		"an error without a name": {errors.New("oops"), chat.ConnectionActive, "Something went wrong here; it will be tried again.", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.lists = lists(5, 1)
			w.source.before = func(_, cursor string) error {
				if cursor == "2" {
					return test.err
				}
				return nil
			}
			job := w.start(time.Time{})
			err := w.handle(job, 1)
			if !errors.Is(err, test.err) && !errors.Is(err, errors.Unwrap(test.err)) {
				t.Errorf("got %v", err)
			}
			var failed *chat.SendError
			if errors.As(err, &failed) && failed.Outcome == chat.Rejected && !failed.WholeAccount {
				t.Error("the courier gives the delivery up") // and nothing reads the rest for a day
			}
			c := w.store.connections[chat.Shopify]
			if c.Status != test.status || (c.Status == chat.ConnectionBroken) != (c.Problem.Text == test.problem) {
				t.Errorf("the connection is %s: %+v", c.Status, c.Problem)
			}
			if r := w.store.parts[0]; r.Problem != test.problem || r.Cursor != test.cursor || len(w.store.finished) != 0 {
				t.Errorf("%+v", r)
			}
			// Once it works again, the rest is read.
			w.source.before = nil
			w.must(w.store.SetConnectionStatus(w.ctx, "tea", chat.Shopify, chat.ConnectionActive, chat.Problem{}, noon))
			w.must(w.handle(job, 2))
			if !w.complete() || w.store.parts[0].Problem != "" || w.store.parts[0].Read != 5 {
				t.Errorf("then %+v", w.store.parts)
			}
		})
	}
}

// While a connection is not in use nothing is requested, and the delivery waits.
func TestReconcileWaits(t *testing.T) {
	t.Parallel()
	for status, text := range map[chat.ConnectionStatus]string{chat.ConnectionPaused: "The connection to Shopify is paused.", chat.ConnectionBroken: "Paste the token again."} {
		w := newWorld(t)
		w.source.lists = lists(2, 0)
		job := w.start(time.Time{})
		w.must(w.store.SetConnectionStatus(w.ctx, "tea", chat.Shopify, status, chat.Problem{Code: "token", Text: "Paste the token again."}, noon))
		err := w.handle(job, 1)
		var waits *chat.SendError
		if !errors.As(err, &waits) || waits.Outcome != chat.NotSent || !waits.WholeAccount || waits.RetryAfter < time.Minute || !strings.HasPrefix(waits.Problem.Text, text) {
			t.Errorf("%s: %+v", status, waits)
		}
		if len(w.source.pages) != 0 || len(w.store.finished) != 0 {
			t.Errorf("%s: read %q, finished %v", status, w.source.pages, w.store.finished)
		}
	}
}

// A page of a connection that was paused, removed or made anew while it was read is not
// saved.
func TestConnectionChangesWhileReading(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  func(w *world)
		records []string
	}{
		"paused": {func(w *world) {
			c := w.store.connections[chat.Shopify]
			c.Status = chat.ConnectionPaused
			w.store.connections[chat.Shopify] = c
		}, nil},
		"removed": {func(w *world) { delete(w.store.connections, chat.Shopify) }, nil},
		"connected to another store": {func(w *world) {
			c := w.store.connections[chat.Shopify]
			c.Account, c.Endpoint = "other.myshopify.com", "another"
			w.store.connections[chat.Shopify] = c
			w.source.lists = map[string][]string{"customers": {"x"}}
			w.store.parts = nil
			w.must(w.store.StartReconciliation(w.ctx, c, w.source.Parts(), time.Time{}, noon.Add(time.Minute)))
		}, []string{"x"}},
		"started anew": {func(w *world) {
			w.store.parts = nil
			w.must(w.store.StartReconciliation(w.ctx, w.store.connections[chat.Shopify], w.source.Parts(), time.Time{}, noon.Add(time.Minute)))
		}, []string{"c0", "c1", "c2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.lists = lists(3, 0)
			job := w.start(time.Time{})
			changed := false
			w.source.before = func(string, string) error {
				if !changed {
					changed = true
					defer test.change(w)
				}
				return nil
			}
			if err := w.handle(job, 1); (err == nil) != (test.records != nil) {
				t.Errorf("got %v", err)
			}
			w.expectRecords(test.records...)
		})
	}
}

// The delivery of a connection that is gone is done.
func TestReconcileWithoutConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.start(time.Time{})
	delete(w.store.connections, chat.Shopify)
	w.must(w.handle(job, 1))
	if len(w.store.finished) != 1 || len(w.source.pages) != 0 {
		t.Errorf("finished %v, read %q", w.store.finished, w.source.pages)
	}
}
