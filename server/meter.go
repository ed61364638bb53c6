package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"sidetext/store"
)

// A meter counts what an operator wants to know. No label ever names a person.
type meter struct {
	registry *prometheus.Registry

	commit   prometheus.Histogram // a text's webhook → it is kept
	frame    prometheus.Histogram // … → it is handed to the sockets of this node
	accepted prometheus.Histogram // a text is kept → its provider has it

	refused     prometheus.Counter
	quarantined prometheus.Counter
	late        prometheus.Counter
	stray       prometheus.Counter
	unsent      prometheus.Counter

	ready    atomic.Bool
	troubled atomic.Bool // not ready when somebody last asked
	queues   queues
}

// spans are the histograms' bounds: from what a fast disk takes to what nobody
// waits for.
var spans = []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30, 60}

func newMeter() *meter {
	m := &meter{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	span := func(name, help string) prometheus.Histogram {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "sidetext_" + name, Help: help, Buckets: spans})
		m.registry.MustRegister(h)
		return h
	}
	count := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "sidetext_" + name, Help: help})
		m.registry.MustRegister(c)
		return c
	}
	m.commit = span("webhook_commit_seconds", "From a text's webhook until it is kept.")
	m.frame = span("webhook_frame_seconds", "From a text's webhook, on any node, until it is handed to the pop-ups of this one.")
	m.accepted = span("send_accepted_seconds", "From when a text is kept until its provider has accepted it.")
	m.refused = count("hooks_refused_total", "Vendors' requests with a bad signature or secret.")
	m.quarantined = count("hooks_quarantined_total", "Well-signed requests that could not be read, and were kept.")
	m.late = count("texts_late_total", "Texts whose webhook never arrived, found in the provider's list.")
	m.stray = count("reports_stray_total", "Reports of texts that nobody here knows, dropped after some minutes.")
	m.unsent = count("sends_refused_total", "Requests to send a text that did not end with the provider's yes.")
	return m
}

func (m *meter) cameLate(n int) { m.late.Add(float64(n)) }

// watch adds what is read when somebody asks.
func (m *meter) watch(s *server) {
	gauge := func(name, help string, read func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sidetext_" + name, Help: help}, read))
	}
	count := func(name, help string, read func() uint64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "sidetext_" + name, Help: help}, func() float64 { return float64(read()) }))
	}
	gauge("live_sockets", "Open pop-ups.", func() float64 { return float64(s.hub.Stats().Sockets) })
	gauge("live_rooms", "Conversations that somebody looks at.", func() float64 { return float64(s.hub.Stats().Rooms) })
	gauge("live_stale_rooms", "Conversations whose viewers were told that they may be out of date.", func() float64 { return float64(s.hub.Stats().Stale) })
	count("live_dropped_total", "Sockets that fell behind and were told to come back.", func() uint64 { return s.hub.Stats().Dropped })
	count("live_looks_total", "Times that a conversation was read for its viewers.", func() uint64 { return s.hub.Stats().Reads })
	count("live_looks_failed_total", "… and could not be.", func() uint64 { return s.hub.Stats().FailedReads })
	count("live_resyncs_total", "Conversations of whose change no hint had come.", func() uint64 { return s.hub.Stats().Resyncs })

	gauge("bus_whole", "1 while this node hears what the others say, or has no others.", func() float64 { return one(s.bus.Health().Healthy) })
	gauge("bus_age_seconds", "For how long that has been so.", func() float64 { return time.Since(s.bus.Health().Since).Seconds() })
	count("bus_published_total", "Messages for other nodes.", func() uint64 { return s.bus.Health().Published })
	count("bus_heard_total", "Messages heard, our own among them.", func() uint64 { return s.bus.Health().Received })
	count("bus_dropped_total", "Messages that could not be carried.", func() uint64 { return s.bus.Health().Dropped })
	count("bus_garbage_total", "Messages heard that are none of ours.", func() uint64 { return s.bus.Health().Invalid })
	count("bus_reconnects_total", "Times that the bus had to connect again.", func() uint64 { return s.bus.Health().Reconnects })

	gauge("canary_seconds", "How long the last change took to be kept, hinted at and shown.", func() float64 { return s.canary.took().Seconds() })
	gauge("clock_skew_seconds", "By how much the database's clock is ahead of this machine's.", func() float64 { return s.store.Skew().Seconds() })
	count("store_retried_total", "Changes that lost a race for a lock, and were made again.", func() uint64 { return uint64(s.store.RetriedWrites()) })
	m.queues.store = s.store
	m.registry.MustRegister(&m.queues)
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// queues are what waits to be delivered, read from the database at most every
// few seconds, however often somebody asks.
type queues struct {
	store *store.Store

	mu    sync.Mutex
	at    time.Time
	found []prometheus.Metric
}

const queuesLast = 5 * time.Second

var (
	deliveriesDesc = prometheus.NewDesc("sidetext_deliveries", "What has to happen outside, by kind and state.", []string{"kind", "state"}, nil)
	oldestDesc     = prometheus.NewDesc("sidetext_delivery_oldest_seconds", "For how long the oldest delivery of a kind has been due.", []string{"kind"}, nil)
	lanesDesc      = prometheus.NewDesc("sidetext_lanes", "Lanes with something in them: conversations for which something has yet to happen outside.", []string{"kind"}, nil)
	nodesDesc      = prometheus.NewDesc("sidetext_nodes", "Nodes that work on the database now.", nil, nil)
)

func (q *queues) Describe(out chan<- *prometheus.Desc) {
	out <- deliveriesDesc
	out <- oldestDesc
	out <- lanesDesc
	out <- nodesDesc
}

// Collect says nothing while the database can't be read: a gap in a curve says
// what is so, and an old figure does not.
func (q *queues) Collect(out chan<- prometheus.Metric) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if time.Since(q.at) > queuesLast {
		q.found, q.at = q.look(), time.Now()
	}
	for _, m := range q.found {
		out <- m
	}
}

func (q *queues) look() (found []prometheus.Metric) {
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
	if nodes, err := q.store.Nodes(ctx, now.Add(-3*canaryEvery)); err == nil {
		gauge(nodesDesc, float64(len(nodes)))
	}
	return found
}
