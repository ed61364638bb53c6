// Package metrics counts and measures what an operator wants to know.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"sidetext/hub"
)

// Metrics are the program's Prometheus metrics. No label ever names a person.
type Metrics struct {
	Registry *prometheus.Registry

	WebhookCommit prometheus.Histogram // from a text's webhook until its commit
	WebhookFrame  prometheus.Histogram // … until its frame is queued for the sockets of this node
	SendAccepted  prometheus.Histogram // from a text's commit until its provider has accepted it

	HooksRefused     prometheus.Counter
	HooksQuarantined prometheus.Counter
	VendorWebhooks   *prometheus.CounterVec // by vendor and outcome
	TextsLate        prometheus.Counter
	UnmatchedReports prometheus.Counter
	SendErrors       prometheus.Counter
}

// buckets are in seconds: from a commit on a fast disk to a minute.
var buckets = []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30, 60}

// New registers all metrics that are counted. Watch adds those that are read.
func New() *Metrics {
	m := &Metrics{Registry: prometheus.NewRegistry()}
	m.Registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	histogram := func(name, help string) prometheus.Histogram {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "sidetext_" + name, Help: help, Buckets: buckets})
		m.Registry.MustRegister(h)
		return h
	}
	count := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "sidetext_" + name, Help: help})
		m.Registry.MustRegister(c)
		return c
	}
	m.WebhookCommit = histogram("webhook_commit_seconds", "From a text's webhook until it is committed.")
	m.WebhookFrame = histogram("webhook_frame_seconds", "From a text's webhook, on any node, until its frame is queued for the pop-ups of this one.")
	m.SendAccepted = histogram("send_accepted_seconds", "From when a text is committed until its provider has accepted it.")
	m.HooksRefused = count("hooks_refused_total", "Vendors' requests with a bad signature or secret.")
	m.HooksQuarantined = count("hooks_quarantined_total", "Well-signed requests that could not be read, and were stored in quarantine.")
	m.VendorWebhooks = vendorWebhooks()
	m.Registry.MustRegister(m.VendorWebhooks)
	m.TextsLate = count("texts_late_total", "Texts whose webhook never arrived, found in the provider's list.")
	m.UnmatchedReports = count("reports_unmatched_total", "Status reports of unknown texts, dropped after some minutes.")
	m.SendErrors = count("send_errors_total", "Requests to send a text that the provider did not accept.")
	return m
}

// Sources are read when the metrics are scraped.
type Sources struct {
	Hub           func() hub.Stats
	Bus           func() hub.BusHealth
	Canary        func() time.Duration // how long the last change took to be committed and shown
	ClockSkew     func() time.Duration // by how much the database's clock is ahead
	RetriedWrites func() int64
	Queues        QueueStore
	NodeTimeout   time.Duration // a node that has not written its canary for so long is gone
}

// Watch adds the metrics that are read from sources.
func (m *Metrics) Watch(s Sources) {
	gauge := func(name, help string, read func() float64) {
		m.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sidetext_" + name, Help: help}, read))
	}
	count := func(name, help string, read func() uint64) {
		m.Registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "sidetext_" + name, Help: help}, func() float64 { return float64(read()) }))
	}
	gauge("live_sockets", "Open pop-ups.", func() float64 { return float64(s.Hub().Sockets) })
	gauge("live_rooms", "Conversations with at least one open pop-up.", func() float64 { return float64(s.Hub().Rooms) })
	gauge("live_stale_rooms", "Conversations whose viewers were told that they may be out of date.", func() float64 { return float64(s.Hub().Stale) })
	count("live_dropped_total", "Sockets that fell behind and were closed with the request to reconnect.", func() uint64 { return s.Hub().Dropped })
	count("live_store_reads_total", "Reads of a conversation for its viewers.", func() uint64 { return s.Hub().Reads })
	count("live_store_read_errors_total", "Reads of a conversation for its viewers that failed.", func() uint64 { return s.Hub().FailedReads })
	count("live_resyncs_total", "Conversations whose change was found without a hint.", func() uint64 { return s.Hub().Resyncs })

	gauge("bus_healthy", "1 while this node receives the messages of the others, or has no others.", func() float64 { return one(s.Bus().Healthy) })
	gauge("bus_state_age_seconds", "For how long bus_healthy has had its value.", func() float64 { return time.Since(s.Bus().Since).Seconds() })
	count("bus_published_total", "Messages for other nodes.", func() uint64 { return s.Bus().Published })
	count("bus_received_total", "Messages received, our own among them.", func() uint64 { return s.Bus().Received })
	count("bus_dropped_total", "Messages that could not be delivered.", func() uint64 { return s.Bus().Dropped })
	count("bus_invalid_messages_total", "Messages received that are not ours.", func() uint64 { return s.Bus().Invalid })
	count("bus_reconnects_total", "Times that the bus had to connect again.", func() uint64 { return s.Bus().Reconnects })

	gauge("canary_seconds", "How long the last canary took to be committed, published and shown.", func() float64 { return s.Canary().Seconds() })
	gauge("clock_skew_seconds", "By how much the database's clock is ahead of this machine's.", func() float64 { return s.ClockSkew().Seconds() })
	count("store_retries_total", "Changes that lost a race for a lock, and were made again.", func() uint64 { return uint64(s.RetriedWrites()) })
	m.Registry.MustRegister(&queues{store: s.Queues, nodeTimeout: s.NodeTimeout})
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
