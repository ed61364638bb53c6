package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sidetext/store"
)

// A QueueStore counts deliveries and nodes.
type QueueStore interface {
	Now() time.Time
	Queues(ctx context.Context, now time.Time) ([]store.Queue, error)
	Nodes(ctx context.Context, since time.Time) ([]string, error)
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
)

// Describe implements prometheus.Collector.
func (q *queues) Describe(out chan<- *prometheus.Desc) {
	out <- deliveriesDesc
	out <- oldestDesc
	out <- lanesDesc
	out <- nodesDesc
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
	return found
}
