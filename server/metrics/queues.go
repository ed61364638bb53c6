package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sidetext/chat"
	"sidetext/store"
)

// A QueueStore counts deliveries, nodes and connections.
type QueueStore interface {
	Now() time.Time
	Queues(ctx context.Context, now time.Time) ([]store.Queue, error)
	Nodes(ctx context.Context, since time.Time) ([]string, error)
	ConnectionTotals(ctx context.Context) ([]store.ConnectionTotal, error)
	OldestReconciliation(ctx context.Context) (time.Time, error)
}

// queues collects the number of waiting deliveries. It reads the database at most
// every queuesFor, however often it is scraped.
type queues struct {
	store       QueueStore
	nodeTimeout time.Duration

	mu    sync.Mutex
	at    time.Time
	found []prometheus.Metric
}

const queuesInterval = 5 * time.Second

var (
	deliveriesDesc = prometheus.NewDesc("sidetext_deliveries", "Deliveries, by kind and state.", []string{"kind", "state"}, nil)
	oldestDesc     = prometheus.NewDesc("sidetext_delivery_oldest_seconds", "For how long the oldest delivery of a kind has been due.", []string{"kind"}, nil)
	lanesDesc      = prometheus.NewDesc("sidetext_lanes", "Lanes with at least one delivery.", []string{"kind"}, nil)
	nodesDesc      = prometheus.NewDesc("sidetext_nodes", "Nodes that work on the database now.", nil, nil)

	connectionsDesc    = prometheus.NewDesc("sidetext_connections", "Shops' connections to Shopify and Recharge, by status.", []string{"vendor", "status"}, nil)
	reconciliationDesc = prometheus.NewDesc("sidetext_reconciliation_oldest_seconds", "How long ago a list of a vendor's was completed, or begun if it is being read: the oldest.", nil, nil)
)

// Describe implements prometheus.Collector.
func (q *queues) Describe(out chan<- *prometheus.Desc) {
	out <- deliveriesDesc
	out <- oldestDesc
	out <- lanesDesc
	out <- nodesDesc
	out <- connectionsDesc
	out <- reconciliationDesc
}

// Collect sends nothing while the database can't be read: a graph should show a gap
// then, not old values.
func (q *queues) Collect(out chan<- prometheus.Metric) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if time.Since(q.at) > queuesInterval {
		q.found, q.at = q.read(), time.Now()
	}
	for _, m := range q.found {
		out <- m
	}
}

func (q *queues) read() (found []prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		found = append(found, prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...))
	}
	now := q.store.Now()
	all, err := q.store.Queues(ctx, now)
	if err != nil {
		return nil
	}
	for _, one := range all {
		kind := string(one.Kind)
		gauge(deliveriesDesc, float64(one.Ready), kind, "ready")
		gauge(deliveriesDesc, float64(one.Running), kind, "running")
		gauge(deliveriesDesc, float64(one.Failed), kind, "failed")
		age := 0.0
		if !one.Oldest.IsZero() {
			age = max(0, now.Sub(one.Oldest).Seconds())
		}
		gauge(oldestDesc, age, kind)
		gauge(lanesDesc, float64(one.Lanes), kind)
	}
	if nodes, err := q.store.Nodes(ctx, now.Add(-q.nodeTimeout)); err == nil {
		gauge(nodesDesc, float64(len(nodes)))
	}
	q.readConnections(ctx, now, gauge)
	return found
}

// readConnections reads what the database says of the connections to vendors. A status
// without a connection is 0, so that an alert sees the first one.
func (q *queues) readConnections(ctx context.Context, now time.Time, gauge func(desc *prometheus.Desc, value float64, labels ...string)) {
	totals, err := q.store.ConnectionTotals(ctx)
	if err != nil {
		return
	}
	counted := map[store.ConnectionTotal]int{}
	for _, t := range totals {
		counted[store.ConnectionTotal{Vendor: t.Vendor, Status: t.Status}] = t.Total
	}
	for _, v := range chat.Vendors() {
		for _, status := range []chat.ConnectionStatus{chat.ConnectionActive, chat.ConnectionPaused, chat.ConnectionBroken} {
			gauge(connectionsDesc, float64(counted[store.ConnectionTotal{Vendor: v, Status: status}]), string(v), string(status))
		}
	}
	oldest, err := q.store.OldestReconciliation(ctx)
	if err != nil {
		return
	}
	age := 0.0
	if !oldest.IsZero() {
		age = max(0, now.Sub(oldest).Seconds())
	}
	gauge(reconciliationDesc, age)
}
