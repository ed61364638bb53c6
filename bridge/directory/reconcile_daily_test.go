package directory_test

import (
	"testing"
	"time"

	"sidetext/chat"
)

func TestReconcileDaily(t *testing.T) {
	t.Parallel()
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	const day = 24 * time.Hour
	done := func(part string, started time.Time) chat.Reconciliation {
		return chat.Reconciliation{Shop: "tea", Vendor: chat.Shopify, Part: part, StartedAt: started, EndedAt: started.Add(time.Minute)}
	}
	open := func(part string, started, since time.Time) chat.Reconciliation {
		return chat.Reconciliation{Shop: "tea", Vendor: chat.Shopify, Part: part, StartedAt: started, Since: since, Cursor: "7"}
	}
	type parts = []chat.Reconciliation
	for name, test := range map[string]struct {
		have   parts
		status chat.ConnectionStatus
		starts bool
		since  time.Time // of the list of customers, afterwards
		cursor string    // of the list of orders, afterwards
	}{
		"never read":               {nil, chat.ConnectionActive, true, time.Time{}, ""},
		"a day later":              {parts{done("customers", ago(day)), done("orders", ago(day))}, chat.ConnectionActive, true, ago(day + time.Hour), ""},
		"too early":                {parts{done("customers", ago(day-1)), done("orders", ago(day-1))}, chat.ConnectionActive, false, time.Time{}, ""},
		"a week later":             {parts{done("customers", ago(7*day)), done("orders", ago(7*day))}, chat.ConnectionActive, true, ago(7*day + time.Hour), ""},
		"one list is being read":   {parts{done("customers", ago(time.Hour)), open("orders", ago(time.Hour), ago(day))}, chat.ConnectionActive, false, time.Time{}, "7"},
		"one has waited for days":  {parts{done("customers", ago(2*day)), open("orders", ago(2*day), ago(3*day))}, chat.ConnectionActive, true, ago(2*day + time.Hour), "7"},
		"the first one has waited": {parts{open("customers", ago(2*day), time.Time{}), open("orders", ago(2*day), time.Time{})}, chat.ConnectionActive, true, time.Time{}, "7"},
		"both have waited":         {parts{open("customers", ago(2*day), ago(3*day)), open("orders", ago(2*day), ago(3*day))}, chat.ConnectionActive, true, ago(3 * day), "7"},
		"a list that is new":       {parts{done("customers", ago(2*day))}, chat.ConnectionActive, true, time.Time{}, ""},
		"paused":                   {nil, chat.ConnectionPaused, false, time.Time{}, ""},
		"broken":                   {nil, chat.ConnectionBroken, false, time.Time{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			delete(w.store.connections, chat.Recharge)
			w.store.parts = append(w.store.parts, test.have...)
			c := w.store.connections[chat.Shopify]
			c.Status = test.status
			w.store.connections[chat.Shopify] = c
			w.must(w.directory.ReconcileDaily(w.ctx))
			if started := len(w.store.ready) == 1; started != test.starts || started != (w.woken == 1) {
				t.Fatalf("started: %v", w.store.ready)
			}
			for _, r := range w.store.parts {
				if r.Part == "customers" && !r.Since.Equal(test.since) {
					t.Errorf("customers since %s, want %s", r.Since, test.since)
				}
				if r.Part == "orders" && r.Cursor != test.cursor {
					t.Errorf("orders from %q on", r.Cursor)
				}
			}
			if test.starts {
				w.store.ready = nil
				if w.must(w.directory.ReconcileDaily(w.ctx)); test.have == nil && len(w.store.ready) > 0 {
					t.Error("it starts again at once")
				}
			}
		})
	}
}

// An error with one shop does not affect another.
func TestReconcileDailyGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := true
	w.store.fail = func(call string, _ chat.DirectoryUpdate) error {
		if call == "start" && first {
			first = false
			return chat.ErrUnavailable
		}
		return nil
	}
	if err := w.directory.ReconcileDaily(w.ctx); err == nil {
		t.Error("the error is not reported")
	}
	if len(w.store.ready) != 1 || w.woken != 1 {
		t.Errorf("started: %v", w.store.ready)
	}
}
