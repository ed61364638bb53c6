package store_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// smallScan matches scans of tables that grow with shops or sessions and not with
// texts. (DueAccounts seeks along an index of the ready deliveries.)
var smallScan = regexp.MustCompile(`^SCAN (s|shops|l|lines|h|helpdesks|connections|setups|about|sessions|sign_in_links|codes|duties|nodes|asked|parts|found|next|\(subquery-\d+\)|\d+ CONSTANT ROWS?|CONSTANT ROW|\d+-ROW VALUES)\b`)

// No statement scans a table that grows with texts.
func TestPlans(t *testing.T) {
	t.Parallel()
	onSQLite(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		turn := fillShop(h)
		fillVendors(h)
		fillDirectory(h)
		for name, call := range h.calls(turn, h.config.Line) {
			if _, err := call(); err != nil && !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		eraseAll(h)
		plans, err := store.Plans(h.ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		if len(plans) < 60 {
			t.Errorf("only %d statements were run", len(plans))
		}
		for query, steps := range plans {
			for _, step := range steps {
				if strings.HasPrefix(step, "SCAN ") && !smallScan.MatchString(step) || strings.Contains(step, "AUTOMATIC") {
					t.Errorf("%s\n\t%s", query, strings.Join(steps, "\n\t"))
				}
			}
		}
	})
}
