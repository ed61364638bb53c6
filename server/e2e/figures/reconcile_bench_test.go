package figures_test

import (
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/harness"
)

// BenchmarkReconciliation reads all lists of a vendor for the first time. The node is
// limited by its own speed with a Shopify store that takes any number of requests, else
// by the rate that the vendor allows: of Shopify the usual one, of Recharge that of a
// token with twice the usual one. BENCH_CUSTOMERS is how many there are at the node's own
// speed; at the vendors' there are 2,000 and 100 at most.
//
// Memory is the most that the node has while it reads the first tenth, and all.
func BenchmarkReconciliation(b *testing.B) {
	customers := harness.Size(b, "BENCH_CUSTOMERS", 5_000)
	b.Run("unlimited", func(b *testing.B) { benchReconciliation(b, chat.Shopify, customers, false) })
	b.Run("shopify", func(b *testing.B) { benchReconciliation(b, chat.Shopify, min(customers, 100), true) })
	b.Run("recharge", func(b *testing.B) { benchReconciliation(b, chat.Recharge, min(customers, 2_000), true) })
}

func benchReconciliation(b *testing.B, v chat.Vendor, customers int, limits bool) {
	w := newVendorWorld(b, "", customers, limits)
	w.reconcile(v)
	w.Node = harness.StartNode(b, w.env...)
	db := w.reader()
	begin, before := time.Now(), w.cpuTime(b)
	w.profile(b, 8)
	read := func() (n int) {
		harness.Must(b, db.QueryRow(`SELECT COALESCE(SUM(objects), 0) FROM reconciliations WHERE vendor = $1`, string(v)).Scan(&n))
		return n
	}
	objects := 2 * customers
	if v == chat.Recharge {
		objects = 5 * customers
	}
	var first, most float64
	for ; !w.complete(db); time.Sleep(100 * time.Millisecond) {
		most = max(most, w.number(b, "process_resident_memory_bytes"))
		if read() <= objects/10 {
			first = most
		}
		if time.Since(begin) > time.Hour {
			b.Fatal("the lists were not read in an hour")
		}
	}
	took, cpu := time.Since(begin), w.cpuTime(b)-before
	if n := read(); n != objects {
		b.Errorf("%d objects were read of %d", n, objects)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(customers)/took.Seconds(), "customers/s")
	b.ReportMetric(float64(objects)/took.Seconds(), "objects/s")
	b.ReportMetric(float64(cpu.Microseconds())/float64(customers), "server-cpu-us/customer")
	b.ReportMetric(first/(1<<20), "MB-first-tenth")
	b.ReportMetric(most/(1<<20), "MB-most")
}
