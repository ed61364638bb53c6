package main

import (
	"context"
	"net/http"
	"net/http/pprof"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// adminServer is the private side: health, metrics, profiles.
func (s *server) adminServer() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		why, serves := s.health(r.Context())
		if !serves {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(why + "\n"))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.meter.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
}

// health says how the server is, and whether it can serve: "ready", or
// "degraded" and why when all works but slower, or why not. A change is logged:
// whoever only looks at the log sees it too.
func (s *server) health(ctx context.Context) (how string, serves bool) {
	how, serves = s.diagnose(ctx)
	if s.meter.troubled.Swap(how != ready) != (how != ready) {
		switch {
		case how == ready:
			s.log.Info("ready again")
		case serves:
			s.log.Warn("not quite well", "how", how)
		default:
			s.log.Error("not ready", "why", how)
		}
	}
	return how, serves
}

const ready = "ready"

func (s *server) diagnose(ctx context.Context) (how string, serves bool) {
	if !s.meter.ready.Load() {
		return "the server is starting or stopping", false
	}
	flight := s.canary.sight(ctx)
	switch {
	case flight.lost != nil:
		return "the database can't be written: " + strings.Join(strings.Fields(flight.lost.Error()), " "), false
	case s.settings.RedisURL != "" && !s.bus.Health().Healthy:
		return "degraded: Redis is away, so live updates take up to two seconds", true
	case flight.slow:
		return "degraded: what is kept takes long to be shown", true
	}
	return ready, true
}

// writeBuffers are shared by all sockets: an idle one needs none.
var writeBuffers sync.Pool

func stack() string { return string(debug.Stack()) }
