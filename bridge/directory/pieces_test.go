package directory_test

import (
	"slices"
	"testing"
	"time"
)

// A long page is saved in pieces. Killed between them, it is read and saved again.
func TestLongPage(t *testing.T) {
	t.Parallel()
	for kill := range 5 {
		w := newWorld(t)
		w.source.lists, w.source.page = lists(250, 0), 250
		job := w.start(time.Time{})
		revive := w.killAfter(kill)
		killed := w.handle(job, 1) != nil
		if kill < 3 && killed && (w.store.parts[0].Read != 0 || len(w.store.records) != 100*kill) {
			t.Errorf("killed after piece %d: %d of %d records count", kill, w.store.parts[0].Read, len(w.store.records))
		}
		if revive(); killed {
			w.must(w.handle(job, 2))
		}
		if n := len(slices.Compact(slices.Sorted(slices.Values(w.store.records)))); n != 250 || w.store.parts[0].Read != 250 || !w.complete() {
			t.Errorf("killed after piece %d: %d records, %+v", kill, n, w.store.parts)
		}
	}
}
