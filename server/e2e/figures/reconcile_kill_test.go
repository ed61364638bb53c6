package figures_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"sidetext/chat"
	"sidetext/hub/redistest"
	"sidetext/pretend/shopify"
	"sidetext/pretend/wire"
	"sidetext/server/e2e/harness"
	"sidetext/store/pgtest"
)

// The first reconciliation of a shop, while its node is killed again and again and
// customers change: it goes on where it was, and ends with what the vendors have.
func TestReconciliationKilled(t *testing.T) {
	t.Parallel()
	const customers, kills = 2000, 6
	w := newVendorWorld(t, "", customers, false)
	w.slow(150 * time.Millisecond)
	w.reconcile(chat.Vendors()...)
	w.Node = harness.StartNode(t, w.env...)
	db := w.reader()
	for n := range kills {
		before := w.listRequests()
		harness.Until(t, "more pages are read", func() bool { return w.listRequests() >= before+5 })
		if w.complete(db) {
			t.Fatalf("it was complete before kill %d", n+1)
		}
		harness.Must(t, w.shopify.UpdateCustomer(worldCustomer(customers*n/kills), func(c *shopify.Customer) { c.Email = fmt.Sprintf("new%d@example.com", n) }))
		w.Kill()
		w.expireClaims()
		harness.Must(t, w.Start())
	}
	w.shopify.Faults.Clear()
	w.recharge.Faults.Clear()
	harness.Until(t, "all lists are read", func() bool { return w.complete(db) })
	w.expectAll(db, kills)
	w.expectRequests(kills)
}

// With two nodes, of which one is killed while it reads, the other goes on once the
// claim of the dead one has expired.
func TestReconciliationMoves(t *testing.T) {
	t.Parallel()
	const customers = 600
	w := newVendorWorld(t, pgtest.Shared(t).Schema(t), customers, false)
	w.env = append(w.env, "SIDETEXT_REDIS_URL="+redistest.Start(t).URL())
	w.slow(150 * time.Millisecond)
	w.reconcile(chat.Vendors()...)
	nodes := []*harness.Node{harness.StartNode(t, w.env...), harness.StartNode(t, w.env...)}
	db := w.reader()
	harness.Until(t, "some pages are read", func() bool { return w.listRequests() >= 4 })
	if w.complete(db) {
		t.Fatal("it was complete before the kill")
	}
	nodes[0].Kill() // it may hold no lease, or both
	w.expireClaims()
	w.shopify.Faults.Clear()
	w.recharge.Faults.Clear()
	harness.Until(t, "all lists are read", func() bool { return w.complete(db) })
	w.expectAll(db, 0)
	w.expectRequests(1)
}

// expireClaims ends the claims of the killed process, as a minute would.
func (w *vendorWorld) expireClaims() {
	w.t.Helper()
	driver, address := "pgx", w.url
	if path, ok := strings.CutPrefix(w.url, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, address)
	harness.Must(w.t, err)
	defer db.Close()
	_, err = db.Exec(`UPDATE deliveries SET until = 1 WHERE state = 'running'`)
	harness.Must(w.t, err)
}

// slow makes each request take a while.
func (w *vendorWorld) slow(d time.Duration) {
	w.shopify.Faults.Add(wire.Fault{Act: wire.Slow, Delay: d})
	w.recharge.Faults.Add(wire.Fault{Act: wire.Slow, Delay: d})
}

// expectRequests checks that nothing was read again but what a kill has cost: a page of
// each vendor. Shopify finds pages of more than 12 orders too costly, and Recharge's have
// 250 objects.
func (w *vendorWorld) expectRequests(kills int) {
	w.t.Helper()
	const tooCostly = 3 // pages of 50 and of 25 orders, and one that is tried again
	of := func(size int) int { return (w.customers + size - 1) / size }
	pages := of(50) + of(12) + 5*of(250)
	if n, most := w.listRequests(), pages+tooCostly+3*kills; n > most {
		w.t.Errorf("%d requests, want %d at most", n, most)
	}
}

// complete reports whether all lists have been read.
func (w *vendorWorld) complete(db *sql.DB) bool {
	w.t.Helper()
	var open, all int
	harness.Must(w.t, db.QueryRow(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN ended_at = 0 THEN 1 ELSE 0 END), 0) FROM reconciliations`).Scan(&all, &open))
	return all > 0 && open == 0
}

// expectAll compares the directory with the vendors' data. The addresses of so many
// customers were changed.
func (w *vendorWorld) expectAll(db *sql.DB, changed int) {
	w.t.Helper()
	var got, want []string
	rows, err := db.Query(`SELECT c.shopify, c.recharge, c.name, c.email, p.phone, s.id, s.status, o.id FROM customers c
		JOIN customer_phones p ON p.shop = c.shop AND p.customer = c.id AND p.ended_at = 0
		JOIN subscriptions s ON s.shop = c.shop AND s.customer = c.id JOIN orders o ON o.shop = c.shop AND o.customer = c.id`)
	harness.Must(w.t, err)
	defer rows.Close()
	for rows.Next() {
		var v [8]string
		harness.Must(w.t, rows.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]))
		got = append(got, fmt.Sprint(v))
	}
	harness.Must(w.t, rows.Err())
	for i := range w.customers {
		c, _ := w.shopify.Customer(worldCustomer(i))
		want = append(want, fmt.Sprint([8]string{strconv.FormatInt(c.ID, 10), strconv.Itoa(1 + i), "Shopper " + strconv.Itoa(i), c.Email, worldPhone(i),
			strconv.Itoa(2_000_001 + i), "active", strconv.FormatInt(worldOrder(i), 10)}))
	}
	slices.Sort(got)
	slices.Sort(want)
	wrong := 0
	for _, line := range got {
		if _, found := slices.BinarySearch(want, line); !found {
			if wrong++; wrong < 5 {
				w.t.Errorf("the directory has %s", line)
			}
		}
	}
	if len(got) != len(want) || wrong > changed {
		w.t.Errorf("the directory has %d rows of %d, %d of them wrong", len(got), len(want), wrong)
	}
	var people, charges, links int
	harness.Must(w.t, db.QueryRow(`SELECT (SELECT COUNT(*) FROM customers), (SELECT COUNT(*) FROM charges), (SELECT COUNT(*) FROM customer_phones)`).Scan(&people, &charges, &links))
	if people != w.customers || charges != 2*w.customers || links != w.customers {
		w.t.Errorf("%d customers, %d charges, %d phones of %d customers", people, charges, links, w.customers)
	}
}
