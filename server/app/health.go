package app

import (
	"context"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// AdminServer is the private HTTP server: health, metrics, profiles.
func (a *App) AdminServer() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok " + Version() + "\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		why, serves := a.Health(r.Context())
		if !serves {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(why + "\n"))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.Metrics.Registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
}

// Health returns the state of the server, and whether it can serve: "ready";
// "degraded" with the reason if everything works, but more slowly; or the reason why it
// can't serve. It logs each change.
func (a *App) Health(ctx context.Context) (how string, serves bool) {
	how, serves = a.diagnose(ctx)
	if a.degraded.Swap(how != ready) != (how != ready) {
		switch {
		case how == ready:
			a.Log.Info("ready again")
		case serves:
			a.Log.Warn("degraded", "reason", how)
		default:
			a.Log.Error("not ready", "reason", how)
		}
	}
	return how, serves
}

const ready = "ready"

func (a *App) diagnose(ctx context.Context) (how string, serves bool) {
	if !a.serving.Load() {
		return "the server is starting or stopping", false
	}
	canary := a.Canary.Result(ctx)
	switch {
	case canary.Err != nil:
		return "the database can't be written: " + strings.Join(strings.Fields(canary.Err.Error()), " "), false
	case a.Settings.RedisURL != "" && !a.Bus.Health().Healthy:
		return "degraded: Redis is unreachable, so live updates take up to two seconds", true
	case canary.Slow:
		return "degraded: changes are shown late", true
	}
	return ready, true
}
