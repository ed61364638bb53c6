package main

import (
	"context"
	"net/http"
	"net/http/pprof"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// A meter counts what an operator wants to know. No label ever names a person.
type meter struct {
	registry    *prometheus.Registry
	refused     prometheus.Counter
	quarantined prometheus.Counter
	late        prometheus.Counter
	stray       prometheus.Counter
	ready       atomic.Bool
	troubled    atomic.Bool // not ready when somebody last asked
}

func newMeter() *meter {
	m := &meter{
		registry:    prometheus.NewRegistry(),
		refused:     prometheus.NewCounter(prometheus.CounterOpts{Name: "sidetext_hooks_refused_total", Help: "Vendors' requests with a bad signature or secret."}),
		quarantined: prometheus.NewCounter(prometheus.CounterOpts{Name: "sidetext_hooks_quarantined_total", Help: "Well-signed requests that could not be read, and were kept."}),
	}
	m.late = prometheus.NewCounter(prometheus.CounterOpts{Name: "sidetext_texts_late_total", Help: "Texts whose webhook never arrived, found in the provider's list."})
	m.stray = prometheus.NewCounter(prometheus.CounterOpts{Name: "sidetext_reports_stray_total", Help: "Reports of texts that nobody here knows, dropped after some minutes."})
	m.registry.MustRegister(m.refused, m.quarantined, m.late, m.stray, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *meter) cameLate(n int) { m.late.Add(float64(n)) }

// watch adds what is read when somebody asks.
func (m *meter) watch(s *server) {
	gauge := func(name, help string, read func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
	}
	gauge("sidetext_live_sockets", "Open pop-ups.", func() float64 { return float64(s.hub.Stats().Sockets) })
	gauge("sidetext_live_rooms", "Conversations that somebody looks at.", func() float64 { return float64(s.hub.Stats().Rooms) })
	gauge("sidetext_live_stale_rooms", "Conversations whose viewers were told that they may be out of date.", func() float64 { return float64(s.hub.Stats().Stale) })
	gauge("sidetext_live_dropped", "Sockets that fell behind and were told to come back, so far.", func() float64 { return float64(s.hub.Stats().Dropped) })
}

// adminServer is the private side: health, metrics, profiles.
func (s *server) adminServer() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if why := s.unready(r.Context()); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.meter.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
}

// unready says why the server is not ready, or nothing. A change is logged: whoever
// only looks at the log sees it too.
func (s *server) unready(ctx context.Context) (why string) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if !s.meter.ready.Load() {
		why = "the server is starting or stopping"
	} else if err := s.store.Ready(ctx); err != nil {
		why = "the database can't be written: " + err.Error()
	}
	if s.meter.troubled.Swap(why != "") != (why != "") {
		if why != "" {
			s.log.Error("not ready", "why", why)
		} else {
			s.log.Info("ready again")
		}
	}
	return why
}

// writeBuffers are shared by all sockets: an idle one needs none.
var writeBuffers sync.Pool

func stack() string { return string(debug.Stack()) }
