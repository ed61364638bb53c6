package app_test

import (
	"net/http"
	"testing"

	"sidetext/server/e2e/stage"
)

// TestAdminIsNotPublic: the admin addresses are not on the public server,
// whatever headers a request has.
func TestAdminIsNotPublic(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1", "/debug/pprof/trace?seconds=1", "/debug/vars"} {
		for _, host := range []string{"", "127.0.0.1:9090", "localhost"} {
			req, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
			stage.Must(t, err)
			if host != "" {
				req.Host = host
				req.Header.Set("X-Forwarded-For", "127.0.0.1")
			}
			resp, err := s.Client().HTTP.Do(req)
			stage.Must(t, err)
			stage.Must(t, resp.Body.Close())
			if resp.StatusCode != 404 {
				t.Errorf("%s as %q: got %d", path, host, resp.StatusCode)
			}
		}
	}
}
